"""What closes by itself when its condition clears, in whatever order things come."""

from datetime import timedelta

import pytest
from django.db import transaction

from accounts.domain import dispatch
from accounts.domain.activity import record
from accounts.models import Activity, Delivery, FollowUp
from tests.accounts.spine import NOON, STATE, contract, ends, expand, make_playbook, told

pytestmark = pytest.mark.django_db
H, D = timedelta(hours=1), timedelta(days=1)


def test_it_closes_by_itself_when_its_condition_clears(acme, clock):
    playbook = make_playbook(**STATE)
    contract(acme)
    dispatch.dispatch_waiting()
    clock.shift(H)
    expand(acme, after=400)
    dispatch.dispatch_waiting()
    assert FollowUp.objects.get().status == "open"

    activity = expand(acme, after=500)
    dispatch.dispatch_waiting()

    row = FollowUp.objects.get()
    assert (row.status, row.closed_at, row.closed_by, row.outcome, row.outcome_note) == (
        "canceled",
        NOON + H,
        None,
        "",
        "Expansion: MRR $300 → $500",
    )
    assert (row.holds.lower, row.holds.upper) == (NOON, NOON + H + 14 * D)
    assert told(acme)[-1] == (
        "followup.closed",
        {"follow_up": row.pk, "title": "Call Acme", "why": "Expansion: MRR $300 → $500"},
    )
    assert ends(activity) == [(f"closing:{playbook.pk}", "done", "")]
    assert Delivery.objects.get(activity=activity).follow_up == row


def test_in_whatever_order_they_are_dispatched_the_end_is_the_same(acme, clock):
    make_playbook(**STATE)
    trigger = contract(acme)
    clock.shift(H)
    cleared = expand(acme)
    Activity.objects.filter(pk=trigger.pk).update(dispatched_at=NOON)
    dispatch.dispatch_waiting()
    Activity.objects.filter(pk=trigger.pk).update(dispatched_at=None)

    dispatch.dispatch_waiting()

    assert not FollowUp.objects.exists()
    assert ends(trigger)[0][1:] == ("skipped", "It had cleared by Mar 4, 2026, 1:00 PM UTC, before this playbook ran.")
    assert ends(cleared) == []


def test_what_comes_back_after_it_cleared_opens(acme, clock):
    make_playbook(**STATE)
    contract(acme)
    clock.shift(H)
    expand(acme)
    clock.shift(H)
    last = contract(acme)

    dispatch.dispatch_waiting()

    row = FollowUp.objects.get()
    assert (row.activity, row.status, row.occurrences) == (last, "open", 1)


def test_a_repeat_after_the_closing_activity_keeps_it_open(acme, clock):
    make_playbook(**STATE)
    contract(acme)
    dispatch.dispatch_waiting()
    clock.shift(H)
    cleared = expand(acme)
    Activity.objects.filter(pk=cleared.pk).update(dispatched_at=NOON)
    clock.shift(H)
    contract(acme)
    dispatch.dispatch_waiting()
    Activity.objects.filter(pk=cleared.pk).update(dispatched_at=None)

    dispatch.dispatch_waiting()

    assert FollowUp.objects.get().status == "open"


def test_churn_closes_what_is_about_a_state(acme, clock):
    make_playbook(**STATE)
    make_playbook("act")
    contract(acme)
    dispatch.dispatch_waiting()
    clock.shift(H)
    with transaction.atomic():
        record(acme, "account.churned", subscription="S-1", before=300, after=0, amount=-300, currency="USD", reason="price")  # fmt: skip

    dispatch.dispatch_waiting()

    assert dict(FollowUp.objects.values_list("kind", "status")) == {"shrink": "canceled", "act": "open"}


def test_a_playbook_that_was_switched_off_still_closes_its_own(acme, clock):
    playbook = make_playbook(**STATE)
    contract(acme)
    dispatch.dispatch_waiting()
    playbook.state = "off"
    playbook.save()
    clock.shift(H)
    expand(acme)

    dispatch.dispatch_waiting()

    assert FollowUp.objects.get().status == "canceled"
