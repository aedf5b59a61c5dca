"""Health on the account page and in the settings, as each of the team sees it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from accounts.models import Activity, Plan, Segment
from health.domain import recompute, runs
from health.domain.models import publish_weights
from health.models import Action, FrozenIndicator, Pulse, RecomputeRun, Score, ScoreModel, UsageTarget
from health.registry import indicators
from tests.health import factories as f

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
TODAY = NOW.date()
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOW, tick=False)
    f.all_received()
    f.set_target(10)


@pytest.fixture
def account(chloe):
    account = f.make_account(name="Acme & Söhne", csm=chloe, seats=1, started_on=TODAY - timedelta(days=400))
    f.use(account, 15, on=TODAY)
    for n in range(3):
        f.ticket(account, on=TODAY - timedelta(days=n), theme="integration", subject="<b>No sync</b>")
    f.invoice(account, due=TODAY - timedelta(days=3))
    recompute.backfill([TODAY - timedelta(days=28), TODAY - timedelta(days=1)])
    recompute.score_accounts([account.pk])
    return account


def address(name: str, *args) -> str:
    return reverse(f"health:{name}", args=args)


@pytest.mark.parametrize("page", ["panel", "moves", "usage", "tickets", "invoices"])
def test_everybody_signed_in_reads(page, people, signed_in, account, client):
    for person in people.values():
        assert signed_in(person).get(address(page, account.pk)).status_code == 200
        fragment = signed_in(person).get(address(page, account.pk), **HTMX)
        assert fragment.status_code == 200
        assert b"<html" not in fragment.content
    assert client.get(address(page, account.pk)).status_code == 302
    assert signed_in(people["alice"]).get(address(page, 999_999)).status_code == 404


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def test_health_shows_what_it_is_made_of(signed_in, chloe, account):
    text = text_of(signed_in(chloe).get(address("panel", account.pk)))
    for part in ("15 points", "3 tickets", "3 days overdue", "From 90% of the weight.", "could be 83.0 to 93.0",
                 "Support at 40 or less keeps it at yellow", "Default model, version 1", "92.2", "Missing"):  # fmt: skip
        assert part in text
    assert "66.7" in text  # usage: 150 × 40 / 90


def test_why_there_is_no_better_band_is_told_with_the_numbers_of_its_own_model(signed_in, chloe, account):
    model = ScoreModel.objects.get(segment=None)
    publish_weights(model, model.current.weight_of, by=None, based_on=1, numbers={"cap": 30, "known": 60})
    recompute.score_accounts([account.pk])
    capped = text_of(signed_in(chloe).get(address("panel", account.pk)))
    Score.objects.update(band="unknown", capped_by="")
    unknown = text_of(signed_in(chloe).get(address("panel", account.pk)))

    assert "Support at 30 or less keeps it at yellow" in capped
    assert "Less than 60% of the weight is known" in unknown


def test_a_past_day_can_be_opened(signed_in, chloe, account):
    day = TODAY - timedelta(days=28)
    response = signed_in(chloe).get(address("panel", account.pk), {"on": day.isoformat()})
    assert "Feb 10" in text_of(response)
    assert "Back to today" in text_of(response)


@pytest.mark.parametrize(
    ("on", "status", "sentence"), [("nonsense", 422, "This is not a date"), ("2020-01-01", 200, "There is no score of")]
)
def test_a_day_that_is_none(signed_in, chloe, account, on, status, sentence):
    response = signed_in(chloe).get(address("panel", account.pk), {"on": on})
    assert response.status_code == status
    assert sentence in text_of(response)


def test_moves_add_up_on_the_page(signed_in, chloe, account):
    text = text_of(signed_in(chloe).get(address("moves", account.pk)))
    assert "100" in text
    assert "Support" in text
    assert "Down" in text or "Up" in text
    wrong = signed_in(chloe).get(address("moves", account.pk), {"day_from": "2026-03-10", "day_to": "2026-03-01"})
    assert wrong.status_code == 422
    assert "Choose an earlier day." in text_of(wrong)


def test_an_account_without_a_score_says_what_comes_next(signed_in, chloe):
    account = f.make_account(csm=chloe)
    assert "Not scored yet" in text_of(signed_in(chloe).get(address("panel", account.pk)))
    assert "No tickets" in text_of(signed_in(chloe).get(address("tickets", account.pk)))
    assert "No usage in eight weeks" in text_of(signed_in(chloe).get(address("usage", account.pk)))


def test_the_day_of_a_score_names_its_zone(signed_in, chloe, account):
    account.time_zone = "Pacific/Auckland"
    account.save()
    assert "March 10, 2026</time> (Pacific/Auckland)" in text_of(signed_in(chloe).get(address("panel", account.pk)))


def test_hostile_text_stays_text(signed_in, chloe, account):
    assert "&lt;b&gt;No sync&lt;/b&gt;" in text_of(signed_in(chloe).get(address("tickets", account.pk)))


@pytest.mark.parametrize("page", ["panel", "usage", "tickets", "invoices"])
def test_as_many_queries_for_much_as_for_little(page, signed_in, chloe, account, django_assert_max_num_queries):
    for n in range(40):
        f.ticket(account, on=TODAY - timedelta(days=n))
        f.invoice(account, due=TODAY - timedelta(days=n), paid=TODAY)
        f.use(account, 3, on=TODAY - timedelta(days=n), key=f"action {n}")
    browser = signed_in(chloe)
    with django_assert_max_num_queries(9):
        browser.get(address(page, account.pk), **HTMX)


# The pulse ----------------------------------------------------------------------------------------------


def test_a_csm_sets_the_pulse_of_their_account(signed_in, chloe, account):
    f.set_weights(usage=50, pulse=50)
    response = signed_in(chloe).post(address("pulse", account.pk), {"value": "2", "reason": " Boss has left "}, **HTMX)
    assert (response.status_code, response["HX-Trigger"][:30]) == (200, response["HX-Trigger"][:30])
    pulse = Pulse.objects.get()
    assert (pulse.value, pulse.reason, pulse.user) == (2, "Boss has left", chloe)
    assert Activity.objects.get(kind="pulse.set").data == {"value": 2, "reason": "Boss has left"}
    assert Score.objects.get(account=account, day=TODAY).values == [150_000, 25_000]
    assert "2 of 5" in text_of(signed_in(chloe).get(address("panel", account.pk)))


@pytest.mark.parametrize("scored", [True, False])
def test_the_pulse_is_seen_also_where_the_score_does_not_weigh_it(signed_in, people, account, scored):
    account = account if scored else f.make_account(csm=people["chloe"])
    vera, chloe = signed_in(people["vera"]), signed_in(people["chloe"])
    assert "No pulse has been set yet." in text_of(chloe.get(address("panel", account.pk)))
    assert "No pulse" not in text_of(vera.get(address("panel", account.pk)))

    Pulse.objects.create(account=account, value=5, reason="All well", user=people["marc"], at=NOW - timedelta(days=2))
    Pulse.objects.create(account=account, value=2, reason="Boss has <left>", user=people["chloe"], at=NOW)
    text = text_of(vera.get(address("panel", account.pk)))

    assert "Pulse 2 of 5: Boss has &lt;left&gt;" in text
    assert 'class="muted">Chloe</span> <span class="small muted">' in text
    assert "All well" not in text


def test_a_pulse_that_counts_no_more_is_called_stale(signed_in, chloe, account):
    """After thirty days of the account, not of hours."""
    account.time_zone = "Pacific/Auckland"
    account.save()
    recompute.score_accounts([account.pk])
    pulse = Pulse.objects.create(account=account, value=2, reason="x", user=None, at=NOW - timedelta(days=29, hours=20))
    fresh = text_of(signed_in(chloe).get(address("panel", account.pk)))
    Pulse.objects.filter(pk=pulse.pk).update(at=NOW - timedelta(days=30))
    stale = text_of(signed_in(chloe).get(address("panel", account.pk)))

    parts = [text.partition('id="health-pulse"')[2].partition("</div>")[0] for text in (fresh, stale)]
    assert ["Stale" in part for part in parts] == [False, True]


@pytest.mark.parametrize(
    "data", [{"value": "3", "reason": " "}, {"value": "6", "reason": "x"}, {"value": "", "reason": "x"}]
)
def test_a_pulse_needs_a_value_and_a_reason(signed_in, chloe, account, data):
    assert signed_in(chloe).post(address("pulse", account.pk), data).status_code == 422
    assert not Pulse.objects.exists()


def test_no_pulse_is_chosen_for_them(signed_in, chloe, account):
    form = signed_in(chloe).get(address("pulse", account.pk), **HTMX).content.decode()
    assert form.count('type="radio" name="value"') == 5
    assert "checked" not in form


def test_who_may_set_the_pulse(people, signed_in, account):
    allowed = {name: signed_in(p).get(address("pulse", account.pk)).status_code for name, p in people.items()}
    assert allowed == {"alice": 200, "marc": 200, "chloe": 200, "cyril": 404, "vera": 404}


# Settings -----------------------------------------------------------------------------------------------


def default() -> ScoreModel:
    return ScoreModel.objects.select_related("current").get(segment=None)


def weights(based_on: int = 1, **values) -> dict[str, str]:
    names = [indicator.key for indicator in indicators]
    given = {f"weight_{name}": str(values.get(name, 0)) for name in names}
    return given | {"based_on": str(based_on)} | {k: v for k, v in values.items() if k.startswith(("custom", "note"))}


@pytest.mark.parametrize("name", ["scoring", "actions"])
def test_settings_are_the_admins(name, people, signed_in):
    seen = {who: signed_in(p).get(address(name)).status_code for who, p in people.items()}
    assert seen == {"alice": 200, "marc": 404, "chloe": 404, "cyril": 404, "vera": 404}
    segment = Segment.objects.create(key="smb", name="SMB")
    posts = [("recompute", ()), ("model_add", ()), ("model", (default().pk,)), ("actions", ())]
    for page, args in posts:
        assert signed_in(people["marc"]).post(address(page, *args), {"segment": segment.pk}).status_code == 404
    assert ScoreModel.objects.count() == 1
    assert not RecomputeRun.objects.exists()


def test_an_admin_changes_the_weights(signed_in, alice):
    response = signed_in(alice).post(address("model", default().pk), weights(usage=60, support=40, note="More usage"))
    assert (response.status_code, response["Location"]) == (302, address("scoring"))
    assert default().current.weight_of == {"usage": 60, "support": 40}
    page = text_of(signed_in(alice).get(address("model", default().pk)))
    assert "More usage" in page
    assert "in force" in page


def test_a_custom_reading_can_be_weighed(signed_in, alice):
    data = weights(usage=80, custom_key="fit", custom_weight="20")
    assert signed_in(alice).post(address("model", default().pk), data).status_code == 302
    assert default().current.weight_of == {"usage": 80, "custom:fit": 20}
    assert "weight_custom__fit" in text_of(signed_in(alice).get(address("model", default().pk)))


@pytest.mark.parametrize(
    ("data", "status", "sentence"),
    [
        (weights(usage=60), 422, "The weights add to 60. They must add to 100."),
        (weights(usage=60, support=60), 422, "The weights add to 120. They must add to 100."),
        (weights(usage="6o", support=40), 422, "Enter a whole number."),
        (weights(usage="99.5", support="0.5"), 422, "Enter a whole number."),
        (weights(usage="-1", support="101"), 422, "greater than or equal to 0"),
        (weights(usage=80, custom_key="No Key", custom_weight="20"), 422, "Small letters"),
        (weights(based_on=0, usage=100), 409, "has published version 1 meanwhile"),
        ({}, 422, "Give a whole number."),
    ],
)
def test_bad_weights_come_back_with_a_sentence(signed_in, alice, data, status, sentence):
    response = signed_in(alice).post(address("model", default().pk), data)
    assert response.status_code == status
    assert sentence in text_of(response)
    assert default().current.number == 1


def test_the_list_of_models_gives_weights_in_per_cents(signed_in, alice):
    known = default().current.weight_of.values()
    page = text_of(signed_in(alice).get(address("scoring")))
    assert [f" {weight}%</span>" in page for weight in known] == [True for _ in known]


def test_a_segment_gets_its_own_model(signed_in, alice):
    segment = Segment.objects.create(key="smb", name="SMB")
    response = signed_in(alice).post(address("model_add"), {"segment": segment.pk})
    assert response["Location"] == address("model", ScoreModel.objects.get(segment=segment).pk)
    assert signed_in(alice).post(address("model_add"), {"segment": "x"}).status_code == 404
    assert signed_in(alice).get(address("scoring")).status_code == 200


def test_everybody_is_scored_on_demand_with_progress(signed_in, alice, account, queue):
    browser = signed_in(alice)
    assert browser.post(address("recompute")).status_code == 302
    run = RecomputeRun.objects.get()
    assert run.user == alice
    assert b"hx-trigger" in browser.get(address("recompute_progress", run.pk), **HTMX).content
    queue.drain()
    assert runs.progress(run) == (1, 1)
    done = browser.get(address("recompute_progress", run.pk), **HTMX)
    assert "1 account was scored" in text_of(done)
    assert b"hx-trigger" not in done.content


def test_a_recompute_without_a_broker_is_not_lost(signed_in, alice, account, queue):
    with queue.away():
        assert signed_in(alice).post(address("recompute")).status_code == 302
    assert runs.running() is not None


def test_a_frozen_indicator_is_shown_and_released(signed_in, alice):
    frozen = FrozenIndicator.objects.create(indicator="usage", direction="down", moved=30, known=50)
    browser = signed_in(alice)
    assert "moved for 30 of 50 accounts" in text_of(browser.get(address("scoring")))
    assert browser.post(address("release", frozen.pk)).status_code == 302
    frozen.refresh_from_db()
    assert frozen.released_by == alice
    assert "moved for 30" not in text_of(browser.get(address("scoring")))


def test_actions_and_targets_are_set(signed_in, alice):
    action, plan = f.action("export"), Plan.objects.create(key="pro", name="Pro")
    segment = Segment.objects.create(key="smb", name="SMB")
    browser = signed_in(alice)
    assert browser.post(address("actions"), {"default": "30", f"segment_{segment.pk}": "5"}).status_code == 302
    assert dict(UsageTarget.objects.values_list("segment", "points_per_seat")) == {None: 30, segment.pk: 5}
    browser.post(address("actions"), {"default": "30", f"segment_{segment.pk}": ""})
    assert UsageTarget.objects.count() == 1
    changed = browser.post(address("action", action.pk), {"name": "Export", "impact": "7", "plans": [plan.pk]})
    assert changed.status_code == 302
    action = Action.objects.get()
    assert (action.name, action.impact, list(action.plans.all())) == ("Export", 7, [plan])


@pytest.mark.parametrize("data", [{"default": ""}, {"default": "0"}, {"default": "many"}, {"default": "9" * 30}])
def test_bad_targets_are_refused(signed_in, alice, data):
    assert signed_in(alice).post(address("actions"), data).status_code == 422
    assert UsageTarget.objects.get().points_per_seat == 10


@pytest.mark.parametrize(
    "data",
    [
        {"name": "", "impact": "1"},
        {"name": "x", "impact": "1001"},
        {"name": "x", "impact": "-1"},
        {"name": "x", "impact": "1", "plans": ["77"]},
    ],
)
def test_bad_actions_are_refused(signed_in, alice, data):
    action = f.action("export")
    assert signed_in(alice).post(address("action", action.pk), data).status_code == 422
    assert Action.objects.get().impact == 1
