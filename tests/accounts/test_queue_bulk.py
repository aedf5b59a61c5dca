"""Several follow-ups at once: asked, done, and what was refused."""

import json
from datetime import timedelta

import pytest
import time_machine

from accounts.models import FollowUp
from tests.accounts.queue import ids, many, post, words
from tests.accounts.spine import NOON, make_account, make_follow_up

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def browser(signed_in, chloe):
    return signed_in(chloe)


def toast(response):
    return json.loads(response["HX-Trigger"])["toast"]


def statuses():
    return list(FollowUp.objects.order_by("pk").values_list("status", flat=True))


def test_asking_shows_the_form_and_carries_the_choice(browser, chloe):
    rows = many(2, chloe)
    response = post(browser, "/follow-ups/done/", {"ask": "1", "id": [row.pk for row in rows]}, page="/")
    html = response.content.decode()

    assert response.status_code == 200
    assert "2 follow-ups" in html
    assert [f'name="id" value="{row.pk}"' in html for row in rows] == [True, True]
    assert statuses() == ["open", "open"]


@pytest.mark.parametrize(
    ("verb", "data", "status", "sentence"),
    [
        ("done", {"outcome": "false_alarm"}, "done", "Done: 2 follow-ups."),
        ("snooze", {"until": "2026-03-09T09:00", "reason": "Easter"}, "snoozed", "Snoozed: 2 follow-ups."),
        ("cancel", {"why": "Double"}, "canceled", "Canceled: 2 follow-ups."),
    ],
)
def test_many_at_once(browser, chloe, verb, data, status, sentence):
    rows = many(3, chloe)
    response = post(browser, f"/follow-ups/{verb}/", data | {"id": [row.pk for row in rows[:2]]}, page="/")

    undo = {} if verb == "snooze" else {"undo": NOON.isoformat()}
    assert toast(response) == [{"level": "success", "text": sentence, **undo}]
    assert ids(response) == [rows[2].pk]
    assert statuses() == [status, status, "open"]


@pytest.mark.parametrize(
    ("verb", "data", "sentence"),
    [
        ("done", {"outcome": "false_alarm"}, "Done (False alarm): Call"),
        (
            "snooze",
            {"until": "2026-03-09T09:00", "reason": "Easter"},
            "Snoozed until Mar 9, 2026, 9:00\u202fAM UTC: Call",
        ),
        ("cancel", {"why": "Double"}, "Canceled: Call"),
        ("hand-over", {}, "Now with Cyril: Call"),
    ],
)
def test_one_alone_is_told_by_its_title(browser, chloe, cyril, verb, data, sentence):
    chosen = [make_follow_up(make_account(csm=chloe), title="Call", promise=False).pk]
    to = {"to": cyril.pk} if verb == "hand-over" else {}
    response = post(browser, f"/follow-ups/{verb}/", data | to | {"id": chosen}, page="/")
    assert toast(response)[0]["text"] == sentence


def test_many_are_handed_over(browser, chloe, cyril):
    rows = many(2, chloe)
    post(browser, "/follow-ups/hand-over/", {"to": cyril.pk, "id": [row.pk for row in rows]}, page="/")

    assert set(FollowUp.objects.values_list("assignee__name", flat=True)) == {"Cyril"}


def test_the_result_says_which_were_refused_and_why(browser, chloe, cyril):
    mine = make_follow_up(make_account(csm=chloe))
    his = make_follow_up(make_account(csm=cyril), title="His own")
    gone = make_follow_up(make_account(csm=chloe), title="Gone", status="done", closed_at=NOON)
    chosen = [mine.pk, his.pk, gone.pk, 999999]
    response = post(browser, "/follow-ups/done/", {"outcome": "helped", "id": chosen}, page="/")

    assert toast(response) == [
        {
            "level": "warning",
            "text": "Done: 1 follow-up. Not changed: 3 follow-ups. “His own”: It is not yours. "
            "“Gone” was already done by Tenure. It does not exist.",
            "undo": NOON.isoformat(),
        }
    ]
    assert statuses() == ["done", "open", "done"]


def test_a_promise_among_many_is_broken_only_when_that_is_confirmed(browser, chloe):
    plain = make_follow_up(make_account(csm=chloe))
    kept = make_follow_up(make_account(csm=chloe), title="Call", promise=True, due_at=NOON + timedelta(hours=2))
    asked = {"until": "2026-03-09T09:00", "reason": "Easter", "id": [plain.pk, kept.pk]}

    assert "past_promise" in post(browser, "/follow-ups/snooze/", {"ask": "1"} | asked, page="/").content.decode()
    assert (
        "Not changed: 1 follow-up. “Call” is" in toast(post(browser, "/follow-ups/snooze/", asked, page="/"))[0]["text"]
    )
    assert statuses() == ["snoozed", "open"]
    post(browser, "/follow-ups/snooze/", asked | {"past_promise": "on"}, page="/")
    assert statuses() == ["snoozed", "snoozed"]


@pytest.mark.parametrize(
    ("promises", "sentence"),
    [
        (0, ""),
        (1, "1 of them is a promise to the customer, due Mar 4, 2026, 2:00 PM UTC. A snooze does not move it."),
        (
            2,
            "2 of them are promises to customers, the first due Mar 4, 2026, 2:00 PM UTC. A snooze does not move them.",
        ),
    ],
)
def test_snoozing_many_says_how_many_are_promises(browser, chloe, promises, sentence):
    account = make_account(csm=chloe)
    chosen = [
        *many(2, chloe),
        *(make_follow_up(account, promise=True, due_at=NOON + timedelta(hours=2 + n)) for n in range(promises)),
        make_follow_up(account, promise=True, due_at=NOON, status="done", closed_at=NOON),
    ]
    shown = words(post(browser, "/follow-ups/snooze/", {"ask": "1", "id": [row.pk for row in chosen]}, page="/"))

    assert sentence in shown
    assert ("promise" in shown) is bool(promises)


def test_a_long_list_of_refusals_is_cut(browser, chloe):
    response = post(browser, "/follow-ups/done/", {"outcome": "helped", "id": range(900, 906)}, page="/")

    assert toast(response)[0]["text"].endswith("It does not exist. It does not exist. It does not exist. And 3 more.")


def test_promises_are_left_alone_unless_that_is_meant(browser, chloe):
    due = NOON + timedelta(hours=1)
    kept, promise = (make_follow_up(make_account(csm=chloe), promise=p, due_at=due) for p in (False, True))
    data = {"until": "2026-03-09T09:00", "reason": "Easter", "id": [kept.pk, promise.pk]}
    response = post(browser, "/follow-ups/snooze/", data, page="/")

    assert "Not changed: 1 follow-up." in toast(response)[0]["text"]
    assert statuses() == ["snoozed", "open"]


@pytest.mark.parametrize("page", ["/", None])
def test_a_bad_form_keeps_the_choice(browser, chloe, page):
    rows = many(2, chloe)
    response = post(browser, "/follow-ups/done/", {"note": "Hm", "id": [row.pk for row in rows]}, page=page)
    html = response.content.decode()

    assert response.status_code == 422
    assert "Say what came of it" in html
    assert ">Hm</textarea>" in html.replace("\n", "")
    assert [f'name="id" value="{row.pk}"' in html for row in rows] == [True, True]
    assert statuses() == ["open", "open"]


@pytest.mark.parametrize("chosen", [[], [""], ["x", "-1", "1e3", "²", "9" * 30]])
def test_nothing_chosen_is_said(browser, chosen):
    response = browser.post("/follow-ups/done/", {"outcome": "helped", "id": chosen})

    assert response.status_code == 422
    assert "Choose at least one follow-up first." in words(response)


def test_without_javascript_the_result_is_told_on_the_list(browser, chloe):
    rows = many(2, chloe)
    response = browser.post(
        "/follow-ups/done/", {"outcome": "helped", "id": [row.pk for row in rows], "next": "/?band=unknown"}
    )

    assert response.url == "/?band=unknown"
    assert "Done: 2 follow-ups." in words(browser.get(response.url))


def test_a_viewer_finds_no_such_address(signed_in, vera, chloe):
    rows = many(1, chloe)
    for verb in ("done", "snooze", "hand-over", "cancel"):
        assert signed_in(vera).post(f"/follow-ups/{verb}/", {"id": rows[0].pk}).status_code == 404
    assert statuses() == ["open"]


def test_asking_by_get_is_refused(browser):
    assert browser.get("/follow-ups/done/").status_code == 405


@pytest.mark.parametrize("number", [1, 50])
def test_queries_do_not_grow(browser, chloe, number, django_assert_max_num_queries):
    rows = many(number, chloe)
    with django_assert_max_num_queries(16):
        post(browser, "/follow-ups/done/", {"outcome": "helped", "id": [row.pk for row in rows]}, page="/")
    assert set(statuses()) == {"done"}
