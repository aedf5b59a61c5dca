"""What is done to a renewal, in place and without JavaScript."""

import re

import pytest
import time_machine

from accounts.domain.renewals import work
from accounts.enums import RenewalStage
from accounts.models import Activity, Subscription
from tests.accounts.customers import HOSTILE
from tests.accounts.renewing import PAGES, TODAY, page, term
from tests.accounts.spine import make_follow_up


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(TODAY, tick=False):
        yield


def test_a_renewal_tells_all_about_itself(chloe, signed_in) -> None:
    row = term("Acme", chloe, band="thriving")
    work.move_stage(row, "engaged", by=chloe)
    work.call(row, "0.4", "their sponsor has left", by=chloe)
    html = page(signed_in(chloe), f"{row.pk}/")
    for shown in (
        "Mar 31, 2026", "with 30 days&#x27; notice", "95%", "40%", "their sponsor has left", "They are far apart.",
        "Upcoming → Engaged", "Make your call",
    ):  # fmt: skip
        assert shown in html, shown


def test_nothing_hostile_becomes_markup(chloe, signed_in) -> None:
    rows = [term(name, chloe) for name in HOSTILE]
    browser = signed_in(chloe)
    for path in [*PAGES, *(f"{row.pk}/{verb}" for row in rows for verb in ("", "decide/"))]:
        html = page(browser, path, month="2026-03")
        assert "<script>alert" not in html
        assert "<img src=x" not in html


def test_a_stage_is_moved_in_place_and_without_javascript(chloe, signed_in) -> None:
    row, browser = term("Acme", chloe), signed_in(chloe)
    answer = browser.post(f"/renewals/{row.pk}/stage/", {"stage": "engaged"}, headers={"HX-Request": "true"})
    assert answer.status_code == 204
    assert "renewals-changed" in answer["HX-Trigger"]
    assert "Acme is now Engaged." in answer["HX-Trigger"]
    plain = browser.post(f"/renewals/{row.pk}/stage/", {"stage": "committed", "next": "/renewals/board/?who=team"})
    assert plain["Location"] == "/renewals/board/?who=team"
    row.refresh_from_db()
    assert row.stage == RenewalStage.COMMITTED
    for wrong in ("", "renewed", "nowhere"):
        assert browser.post(f"/renewals/{row.pk}/stage/", {"stage": wrong}).status_code == 422


def test_a_call_is_made_changed_and_taken_back(chloe, signed_in) -> None:
    row, browser = term("Acme", chloe), signed_in(chloe)
    answer = browser.post(f"/renewals/{row.pk}/call/", {"probability": "62,5 %", "reason": "new sponsor"})
    assert answer["Location"] == f"/renewals/{row.pk}/"
    row.refresh_from_db()
    assert (str(row.call_probability), row.call_reason, row.call_by) == ("0.625", "new sponsor", chloe)
    form = browser.get(f"/renewals/{row.pk}/call/").content.decode()
    assert 'value="62.5"' in form
    browser.post(f"/renewals/{row.pk}/take-back/", {"reason": "too early to say"})
    row.refresh_from_db()
    assert row.call_probability is None


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"probability": "101", "reason": "x"}, "100"),
        ({"probability": "-1", "reason": "x"}, "0"),
        ({"probability": "much", "reason": "x"}, "This is no number. Write 70 for seventy per cent."),
        ({"probability": "", "reason": "x"}, "Say how likely it is."),
        ({"probability": "70", "reason": "  "}, "Say why."),
        ({"probability": "NaN", "reason": "x"}, "no number"),
        ({"probability": "70", "reason": "x" * 401}, "400"),
    ],
)
def test_a_bad_call_comes_back_as_it_was_typed(given, sentence, chloe, signed_in) -> None:
    row = term("Acme", chloe)
    answer = signed_in(chloe).post(f"/renewals/{row.pk}/call/", given)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    row.refresh_from_db()
    assert row.call_probability is None


@pytest.mark.parametrize(
    ("given", "stage", "after"),
    [
        ({"outcome": "renewed", "mrr": "7"}, "renewed", 100),
        ({"outcome": "expanded", "mrr": "1 250,5"}, "expanded", "1250.5"),
        ({"outcome": "contracted", "mrr": "50"}, "contracted", 50),
        ({"outcome": "lost", "reason": "price", "comment": "too dear"}, "lost", 0),
    ],
)
def test_an_outcome_is_decided(given, stage, after, chloe, signed_in) -> None:
    row = term("Acme", chloe)
    answer = signed_in(chloe).post(f"/renewals/{row.pk}/decide/", given)
    assert answer.status_code == 302
    row.refresh_from_db()
    assert (row.stage, row.decided_by, float(row.outcome_mrr)) == (stage, chloe, float(after))
    if stage == "lost":
        assert (row.reason, row.comment) == ("price", "too dear")
        assert str(Subscription.objects.get().ended_on) == "2026-04-30"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "Choose an outcome"),
        ({"outcome": "won"}, "Choose an outcome"),
        ({"outcome": "lost"}, "reason"),
        ({"outcome": "expanded"}, "Say what the next term is worth"),
        ({"outcome": "expanded", "mrr": "80"}, "Expanded means more than"),
        ({"outcome": "contracted", "mrr": "lots"}, "This is no number."),
    ],
)
def test_a_bad_decision_comes_back_with_its_sentence(given, sentence, chloe, signed_in) -> None:
    row = term("Acme", chloe)
    answer = signed_in(chloe).post(f"/renewals/{row.pk}/decide/", given, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    row.refresh_from_db()
    assert row.decided_at is None


def test_who_comes_second_is_told_who_was_first(chloe, marc, signed_in) -> None:
    row = term("Acme", chloe)
    work.decide(row, "lost", by=marc, reason="price")
    browser, given = signed_in(chloe), {"outcome": "renewed"}
    plain = browser.post(f"/renewals/{row.pk}/decide/", given)
    assert plain.status_code == 409
    assert "Marc has decided this renewal already: Lost." in plain.content.decode()
    quick = browser.post(f"/renewals/{row.pk}/decide/", given, headers={"HX-Request": "true"})
    assert (quick.status_code, quick["HX-Reswap"]) == (409, "none")
    assert "Marc has decided this renewal already: Lost." in quick["HX-Trigger"]
    assert browser.post(f"/renewals/{row.pk}/stage/", {"stage": "engaged"}).status_code == 409
    row.refresh_from_db()
    assert row.stage == "lost"


def test_a_disagreement_is_settled(chloe, signed_in) -> None:
    row, browser = term("Apart", chloe, band="thriving"), signed_in(chloe)
    work.call(row, "0.2", "their sponsor has left", by=chloe)
    assert browser.post(f"/renewals/{row.pk}/settle/", {"note": ""}).status_code == 422
    browser.post(f"/renewals/{row.pk}/settle/", {"note": "a new sponsor", "probability": "80"})
    row.refresh_from_db()
    assert (row.settled_note, str(row.call_probability)) == ("a new sponsor", "0.800")
    again = browser.post(f"/renewals/{row.pk}/settle/", {"note": "again"}, headers={"HX-Request": "true"})
    assert again.status_code == 409


def test_others_look_and_change_nothing(chloe, cyril, vera, signed_in) -> None:
    row = term("Acme", chloe)
    for who in (cyril, vera):
        browser = signed_in(who)
        html = page(browser, f"{row.pk}/")
        assert "Make your call" not in html
        for verb in ("stage", "call", "take-back", "decide", "settle"):
            assert browser.post(f"/renewals/{row.pk}/{verb}/", {"stage": "engaged"}).status_code == 404
    assert signed_in(chloe).get("/renewals/999999/").status_code == 404


def test_the_account_shows_its_terms(chloe, signed_in) -> None:
    row, browser = term("Acme", chloe), signed_in(chloe)
    work.decide(row, "expanded", by=chloe, mrr=150, comment="more seats")
    html = page(browser, f"account/{row.account_id}/")
    stages = re.findall(r'<span class="badge tone-\w+">(\w+)</span>', html)
    assert stages == ["Upcoming", "Expanded"]
    assert "more seats" in html
    assert (
        f'hx-get="/renewals/account/{row.account_id}/"'
        in browser.get(f"/accounts/{row.account_id}/subscription/").content.decode()
    )


def test_a_follow_up_about_a_term_leads_to_it(chloe, signed_in) -> None:
    row = term("Acme", chloe)
    work.move_stage(row, "engaged", by=chloe)
    moved = Activity.objects.get(kind="renewal.stage_moved")
    one = make_follow_up(row.account, activity=moved)
    browser = signed_in(chloe)
    assert f'href="/renewals/{row.pk}/"' in browser.get(f"/follow-ups/{one.pk}/").content.decode()
    assert f'href="/follow-ups/{one.pk}/"' in page(browser, f"{row.pk}/")
