"""Undo: what one has just closed is open again, once, for a few minutes, unless something else took its place."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.domain import followups
from accounts.domain.dispatch import dispatch_waiting
from accounts.domain.playbooks import precision
from accounts.exceptions import Conflict
from accounts.models import FollowUp, Playbook
from tests.accounts.queue import ids, many, post, words
from tests.accounts.spine import NOON, contract, make_account, make_follow_up, make_playbook, told

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def row(chloe, clock):
    return make_follow_up(make_account("Acme", csm=chloe), title="Call Ana")


@pytest.fixture
def by_playbook(chloe, clock):
    """Opened by the playbook itself, so that the database holds it open once."""
    Playbook.objects.all().delete()
    shrink = make_playbook(cool_down_days=0)
    account = make_account("Acme", csm=chloe)
    contract(account)
    dispatch_waiting()
    clock.shift(SECOND)
    return FollowUp.objects.get(playbook=shrink)


def facts(row):
    return FollowUp.objects.values().get(pk=row.pk)


def toast(response):
    (toast,) = json.loads(response["HX-Trigger"])["toast"]
    return toast


def done(row, by, clock, outcome="helped"):
    closed = followups.complete(row, by=by, outcome=outcome, note="Spoke with Ana").closed_at
    clock.shift(SECOND)
    return closed


@pytest.mark.parametrize("contacted_at", [None, NOON - timedelta(days=1)])
def test_it_is_as_it_was_before(by_playbook, chloe, clock, contacted_at):
    FollowUp.objects.update(contacted_at=contacted_at)
    before = facts(by_playbook)
    closed_at = done(by_playbook, chloe, clock)
    assert precision(by_playbook.playbook).outcomes == {"helped": 1}

    result = followups.reopen(closed_at, by=chloe)

    assert ([row.pk for row in result.rows], result.refused) == ([by_playbook.pk], [])
    assert facts(by_playbook) == before
    assert precision(by_playbook.playbook).outcomes == {}
    assert told(by_playbook.account)[-1] == ("followup.reopened", {"follow_up": by_playbook.pk, "title": "Call Acme"})


def test_what_slept_is_awake(row, chloe, clock):
    followups.snooze(row, by=chloe, until=NOON + timedelta(days=3), reason="On holiday")
    followups.reopen(done(row, chloe, clock), by=chloe)

    open_again = facts(row)
    assert (open_again["status"], open_again["snoozed_until"], open_again["snooze_reason"]) == ("open", None, "")


def test_its_playbook_finds_it_open_again_and_opens_no_second(by_playbook, chloe, clock):
    followups.reopen(done(by_playbook, chloe, clock), by=chloe)

    contract(by_playbook.account)
    dispatch_waiting()

    assert FollowUp.objects.values_list("status", "occurrences").get() == ("open", 2)


def test_what_is_at_stake_is_that_of_today(row, chloe, clock):
    closed_at = done(row, chloe, clock)
    type(row.account).objects.update(mrr=100, band="red")
    followups.reopen(closed_at, by=chloe)

    assert facts(row)["expected_loss"] == 480


def test_a_newer_one_of_its_kind_has_taken_its_place(by_playbook, chloe, clock):
    closed_at = done(by_playbook, chloe, clock)
    contract(by_playbook.account)
    dispatch_waiting()
    clock.shift(SECOND)

    with pytest.raises(Conflict, match="“Call Acme” cannot be opened again: a newer one of its kind"):
        followups.reopen(closed_at, by=chloe)

    assert list(FollowUp.objects.order_by("pk").values_list("status", flat=True)) == ["done", "open"]


def test_the_database_has_the_last_word_on_it(by_playbook, chloe, clock, monkeypatch):
    """The newer one is opened between the look and the writing."""
    closed_at = done(by_playbook, chloe, clock)
    contract(by_playbook.account)
    dispatch_waiting()
    clock.shift(SECOND)
    monkeypatch.setattr("accounts.domain.followups.reopening._why_not", lambda _row, _by: "")

    with pytest.raises(Conflict, match="a newer one of its kind has taken its place"):
        followups.reopen(closed_at, by=chloe)

    assert FollowUp.objects.filter(status="done", outcome="helped").count() == 1


def test_it_can_be_undone_for_five_minutes(row, chloe, clock):
    closed_at = followups.complete(row, by=chloe, outcome="helped").closed_at
    for seconds in (301, -1):
        clock.move_to(closed_at + seconds * SECOND)
        with pytest.raises(Conflict, match="too long ago to be undone"):
            followups.reopen(closed_at, by=chloe)

    clock.move_to(closed_at + 300 * SECOND)
    assert followups.reopen(closed_at, by=chloe).done == 1


def test_only_who_closed_it_undoes_it_and_only_once(row, chloe, marc, clock):
    closed_at = done(row, chloe, clock)
    with pytest.raises(Conflict, match="nothing left to undo"):
        followups.reopen(closed_at, by=marc)

    followups.reopen(closed_at, by=chloe)
    done(row, marc, clock, outcome="no_answer")
    with pytest.raises(Conflict, match="nothing left to undo"):
        followups.reopen(closed_at, by=chloe)

    assert facts(row)["outcome"] == "no_answer"


def test_what_was_taken_from_them_meanwhile_is_not_theirs_to_open(row, chloe, cyril, clock):
    closed_at = done(row, chloe, clock)
    FollowUp.objects.update(assignee=cyril)
    type(row.account).objects.update(csm=cyril)

    with pytest.raises(Conflict, match=r"It is not yours\."):
        followups.reopen(closed_at, by=chloe)


def test_who_has_left_gets_nothing_back(row, chloe, marc, clock):
    closed_at = done(row, marc, clock)
    type(chloe).objects.filter(pk=chloe.pk).update(is_active=False)

    followups.reopen(closed_at, by=marc)

    assert facts(row)["assignee_id"] == marc.pk
    assert [kind for kind, _facts in told(row.account)][-2:] == ["followup.reopened", "followup.reassigned"]


# From the page --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verb", "given"), [("done", {"outcome": "helped", "note": "Spoke with Ana"}), ("cancel", {"why": "Merged"})]
)
def test_the_toast_takes_it_back(signed_in, chloe, row, clock, verb, given):
    browser, before = signed_in(chloe), facts(row)
    closed = post(browser, f"/follow-ups/{row.pk}/{verb}/", given, page="/")
    assert (ids(closed), toast(closed)["undo"]) == ([], NOON.isoformat())
    clock.shift(SECOND)

    undone = post(browser, "/follow-ups/undo/", {"at": toast(closed)["undo"]}, page="/")

    assert toast(undone) == {"level": "success", "text": "Back on the list: Call Ana"}
    assert ids(undone) == [row.pk]
    assert facts(row) == before


def test_of_several_all_come_back_but_those_that_cannot(signed_in, chloe, by_playbook, clock):
    rows = [*many(3, chloe), by_playbook]
    browser = signed_in(chloe)
    closed = post(browser, "/follow-ups/done/", {"outcome": "helped", "id": [row.pk for row in rows]}, page="/")
    clock.shift(SECOND)
    contract(by_playbook.account)
    dispatch_waiting()

    undone = post(browser, "/follow-ups/undo/", {"at": toast(closed)["undo"]}, page="/")

    assert toast(undone) == {
        "level": "warning",
        "text": "Back on the list: 3 follow-ups. Not changed: 1 follow-up. "
        "“Call Acme” cannot be opened again: a newer one of its kind has taken its place.",
    }
    assert FollowUp.objects.open().count() == 4
    assert not FollowUp.objects.open().exclude(contacted_at=None).exists()


def test_too_late_it_is_said_and_the_list_shown(signed_in, chloe, row, clock):
    browser = signed_in(chloe)
    closed = post(browser, f"/follow-ups/{row.pk}/done/", {"outcome": "helped"}, page="/")
    clock.shift(timedelta(minutes=6))

    late = post(browser, "/follow-ups/undo/", {"at": toast(closed)["undo"]}, page="/")

    assert (late.status_code, toast(late)["text"]) == (409, "This is too long ago to be undone.")


def test_without_javascript_the_message_has_the_button(signed_in, chloe, row, clock):
    browser = signed_in(chloe)
    page = browser.post(f"/follow-ups/{row.pk}/done/", {"outcome": "helped", "next": "/"}, follow=True)
    assert f'name="at" value="{NOON.isoformat()}"' in page.content.decode()
    clock.shift(SECOND)

    back = browser.post(
        "/follow-ups/undo/", {"at": timezone.now().isoformat()[:17] + "00+00:00", "next": "/"}, follow=True
    )

    assert (ids(back), "Back on the list: Call Ana" in words(back)) == ([row.pk], True)


@pytest.mark.parametrize(
    "at", ["", "yesterday", "2026-13-45T12:00:00+00:00", "2026-03-04T12:00:00", "0001-01-01T00:00:00+14:00"]
)
def test_a_request_that_names_nothing_is_refused_with_a_sentence(signed_in, chloe, clock, at):
    refused = post(signed_in(chloe), "/follow-ups/undo/", {"at": at}, page="/")

    assert refused.status_code in {409, 422}
    assert toast(refused)["text"].endswith(".")
