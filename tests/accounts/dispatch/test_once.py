"""Each follow-up once, whatever comes twice: repeats, snoozes, cool-downs."""

from datetime import timedelta

import pytest
from django.db import connection, transaction

from accounts.domain import dispatch, followups
from accounts.domain.activity import record
from accounts.domain.timeline import Entry
from accounts.models import Activity, Delivery, FollowUp, Occurrence, Playbook
from tests.accounts.spine import NOON, STATE, contract, ends, expand, make_playbook

pytestmark = pytest.mark.django_db
H, D = timedelta(hours=1), timedelta(days=1)


def test_a_repeat_while_it_is_open_is_counted_on_it(acme, clock):
    make_playbook()
    first = contract(acme)
    dispatch.dispatch_waiting()
    clock.shift(H)
    second = contract(acme)

    dispatch.dispatch_waiting()

    row = FollowUp.objects.get()
    assert (row.activity, row.occurrences, row.last_occurrence_at, row.due_at) == (first, 2, NOON + H, NOON + D)
    assert list(Occurrence.objects.values_list("follow_up", "activity")) == [(row.pk, second.pk)]
    assert ends(second)[0][1:] == ("done", "Counted on the follow-up that was open already.")
    assert Delivery.objects.get(activity=second).follow_up == row


def test_many_repeats_in_one_batch(acme):
    make_playbook()
    for _ in range(4):
        contract(acme)

    dispatch.dispatch_waiting()

    row = FollowUp.objects.get()
    assert (row.occurrences, Occurrence.objects.count(), Delivery.objects.filter(follow_up=row).count()) == (4, 3, 4)


def test_a_repeat_only_ever_makes_it_due_earlier(acme):
    make_playbook()
    contract(acme)
    dispatch.dispatch_waiting()
    with transaction.atomic():
        record(acme, "mrr.contracted", occurred_at=NOON - 5 * H, subscription="S", before=2, after=1, amount=-1, currency="USD", dropped="x")  # fmt: skip

    dispatch.dispatch_waiting()

    assert FollowUp.objects.get().due_at == NOON + D - 5 * H


def test_a_snooze_keeps_the_playbook_from_firing_again(acme, chloe, clock):
    make_playbook()
    contract(acme)
    dispatch.dispatch_waiting()
    until = NOON + 5 * D
    followups.snooze(FollowUp.objects.get(), by=chloe, until=until, reason="Fair")
    clock.shift(D)
    contract(acme)

    dispatch.dispatch_waiting()

    row = FollowUp.objects.get()
    assert (row.status, row.snoozed_until, row.due_at, row.occurrences) == ("snoozed", until, until, 2)


def test_each_subject_has_its_own(acme):
    make_playbook(subject_field="subscription")
    contract(acme, subscription="S-1")
    contract(acme, subscription="S-2")
    contract(acme, subscription="S-1")

    dispatch.dispatch_waiting()

    assert list(FollowUp.objects.order_by("subject").values_list("subject", "occurrences")) == [("S-1", 2), ("S-2", 1)]


def test_after_closing_the_cool_down_holds(acme, chloe, clock):
    make_playbook(cool_down_days=14)
    contract(acme)
    dispatch.dispatch_waiting()
    followups.complete(FollowUp.objects.get(), by=chloe, outcome="helped")

    clock.shift(13 * D)
    early = contract(acme)
    dispatch.dispatch_waiting()
    assert ends(early)[0][1:] == ("skipped", "Cool-down until Mar 18, 2026, 12:00 PM UTC.")
    assert FollowUp.objects.count() == 1

    clock.shift(D)
    contract(acme)
    dispatch.dispatch_waiting()
    assert list(FollowUp.objects.order_by("id").values_list("status", flat=True)) == ["done", "open"]


@pytest.fixture
def held(acme, clock):
    """A state came again, within the cool-down after it had closed by itself."""
    make_playbook(**STATE)
    contract(acme)
    dispatch.dispatch_waiting()
    clock.shift(D)
    expand(acme)
    dispatch.dispatch_waiting()
    clock.shift(D)
    activity = contract(acme)
    dispatch.dispatch_waiting()
    assert ends(activity)[0][1:] == (
        "pending",
        "Cool-down until Mar 19, 2026, 12:00 PM UTC: opens then, unless it has cleared.",
    )
    return activity


def test_a_state_that_still_holds_when_the_cool_down_ends_opens_then(held, clock):
    clock.shift(13 * D - timedelta(seconds=1))
    assert dispatch.retry_due() == 0
    clock.shift(timedelta(seconds=1))

    assert (dispatch.retry_due(), dispatch.retry_due()) == (1, 0)

    first, again = FollowUp.objects.order_by("id")
    hours = timedelta(hours=again.playbook.due_hours)
    assert (first.status, again.status, again.activity) == ("canceled", "open", held)
    assert (again.opened_at, again.due_at) == (NOON + 15 * D, NOON + 15 * D + hours)
    row = held.deliveries.get(subscriber=f"playbook:{again.playbook_id}")
    assert (row.status, row.follow_up, row.next_attempt_at, row.sentence) == ("done", again, None, "")


def test_what_is_held_back_is_told_on_the_timeline(held, acme):
    [activity] = acme.activities.filter(kind="followup.held_back")

    assert activity.cause == held
    assert activity.data == {"title": "Call Acme", "playbook": "Shrink", "until": (NOON + 15 * D).isoformat()}
    assert Entry(activity).sentence == "Held back, cool-down until Mar 19, 2026, 12:00\u202fPM UTC: Call Acme"


def test_what_fails_once_when_the_cool_down_ends_is_due_from_when_it_opens(held, clock):
    Playbook.objects.update(conditions=[{"field": "no_such", "op": "is", "value": "1"}])
    clock.shift(13 * D)
    assert dispatch.retry_due() == 1
    assert ends(held)[0][1] == "failed"
    Playbook.objects.update(conditions=[])
    clock.shift(H)

    assert dispatch.retry_due() == 1

    again = FollowUp.objects.open().get()
    assert (again.opened_at, again.due_at) == (NOON + 15 * D + H, NOON + 15 * D + H + again.playbook.due_hours * H)
    row = held.deliveries.get(subscriber=f"playbook:{again.playbook_id}")
    assert (row.status, row.facts, row.attempts) == ("done", {}, 3)


def test_a_state_that_cleared_within_the_cool_down_stays_closed(held, acme, clock):
    clock.shift(D)
    expand(acme)
    dispatch.dispatch_waiting()
    clock.shift(12 * D)

    assert dispatch.retry_due() == 1

    assert FollowUp.objects.get().status == "canceled"
    assert ends(held)[0][1:] == ("skipped", "It had cleared by Mar 7, 2026, 12:00 PM UTC, before this playbook ran.")


def test_what_came_twice_within_the_cool_down_opens_once(held, acme, clock):
    clock.shift(D)
    contract(acme)
    dispatch.dispatch_waiting()
    clock.shift(12 * D)

    assert dispatch.retry_due() == 2

    row = FollowUp.objects.open().get()
    assert (row.activity, row.occurrences) == (held, 2)


def test_what_is_held_back_for_a_playbook_that_is_switched_off_stays_closed(held, clock):
    Playbook.objects.update(state="off")
    clock.shift(13 * D)

    assert dispatch.retry_due() == 1

    assert not FollowUp.objects.open().exists()
    assert ends(held)[0][1:] == ("skipped", "The playbook is switched off.")


def test_without_a_cool_down_the_next_one_opens_at_once(acme, chloe):
    make_playbook()
    contract(acme)
    dispatch.dispatch_waiting()
    followups.complete(FollowUp.objects.get(), by=chloe, outcome="helped")
    contract(acme)

    dispatch.dispatch_waiting()

    assert FollowUp.objects.count() == 2


def test_an_activity_that_comes_twice_counts_once(acme, chloe):
    make_playbook()
    contract(acme)
    contract(acme)
    dispatch.dispatch_waiting()
    Activity.objects.update(dispatched_at=None)
    dispatch.dispatch_waiting()
    followups.complete(FollowUp.objects.get(), by=chloe, outcome="helped")
    Activity.objects.update(dispatched_at=None)

    dispatch.dispatch_waiting()

    row = FollowUp.objects.get()  # it neither counted again nor opened again
    assert (row.occurrences, Occurrence.objects.count(), row.status) == (2, 1, "done")
    assert Activity.objects.filter(kind="followup.opened").count() == 1


def test_a_deleted_activity_leaves_no_deliveries(acme):
    """Without a foreign key: whoever deletes it, and by whatever statement."""
    make_playbook(conditions=[{"field": "account.stage", "op": "is", "value": "trial"}])
    stays, goes = contract(acme), contract(acme)
    dispatch.dispatch_waiting()
    assert Delivery.objects.filter(activity__in=[stays, goes], status="skipped").count() == 2

    with connection.cursor() as cursor:
        cursor.execute("delete from accounts_activity where id = %s", [goes.pk])

    assert list(Delivery.objects.values_list("activity_id", flat=True)) == [stays.pk]


def test_the_deliveries_of_a_deleted_follow_up_forget_it(acme):
    make_playbook()
    activity = contract(acme)
    dispatch.dispatch_waiting()
    assert Delivery.objects.get(activity=activity).follow_up == FollowUp.objects.get()

    with connection.cursor() as cursor:
        cursor.execute("delete from accounts_followup")

    assert Delivery.objects.get(activity=activity).follow_up_id is None
