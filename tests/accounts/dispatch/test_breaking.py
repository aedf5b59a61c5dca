"""What breaks holds up nobody else, is tried again, and is parked in the end."""

from datetime import timedelta

import pytest

from accounts.domain import dispatch
from accounts.domain.dispatch import batch
from accounts.enums import DeliveryStatus
from accounts.models import Activity, Contact, Delivery, FollowUp, Playbook
from accounts.registry import Reaction, reactions
from tests.accounts.spine import STATE, contract, ends, expand, make_account, make_playbook

pytestmark = pytest.mark.django_db
H, D = timedelta(hours=1), timedelta(days=1)


def test_a_broken_playbook_does_not_hold_up_the_others_and_is_parked_in_the_end(acme, clock):
    broken = make_playbook("broken", conditions=[{"field": "no_such", "op": "is", "value": "1"}])
    make_playbook("sound")
    activity = contract(acme)

    dispatch.dispatch_waiting()

    assert set(FollowUp.objects.values_list("kind", flat=True)) == {"sound"}
    row = Delivery.objects.get(subscriber=f"playbook:{broken.pk}")
    assert (row.status, row.attempts) == ("failed", 1)
    assert "there is no field “no_such” here" in row.sentence

    for attempts in (2, 3, 4):
        assert dispatch.retry_due() == 0  # not yet
        clock.shift(H * 2)
        assert dispatch.retry_due() == 1
        row.refresh_from_db()
        assert (row.status, row.attempts) == ("failed", attempts)
    clock.shift(H * 2)
    assert dispatch.retry_due() == 1
    row.refresh_from_db()
    assert (row.status, row.attempts, row.next_attempt_at) == ("parked", 5, None)
    clock.shift(D)
    assert dispatch.retry_due() == 0
    assert activity.deliveries.count() == 2


def test_a_closing_condition_that_no_longer_fits_holds_up_nothing(acme, clock):
    make_playbook("broken", closes_on="mrr.expanded", closes_when=[{"field": "gone", "op": "is", "value": "1"}])
    make_playbook("sound", **STATE)
    contract(acme)
    clock.shift(H)
    activity = expand(acme)

    dispatch.dispatch_waiting()

    assert set(FollowUp.objects.values_list("kind", "status")) == {("broken", "open")}
    assert [(row.status, row.subscriber[:8]) for row in activity.deliveries.all()] == [("failed", "closing:")]
    Playbook.objects.filter(key="broken").update(closes_when=[])
    clock.shift(H)
    assert dispatch.retry_due() == 1
    assert set(FollowUp.objects.values_list("kind", "status")) == {("broken", "canceled")}
    assert [row.status for row in activity.deliveries.all()] == ["done"]


def test_a_mended_playbook_runs_when_it_is_tried_again(acme, clock):
    playbook = make_playbook("broken", conditions=[{"field": "no_such", "op": "is", "value": "1"}])
    activity = contract(acme)
    dispatch.dispatch_waiting()
    Delivery.objects.update(status=DeliveryStatus.PARKED, attempts=5, next_attempt_at=None)
    playbook.conditions = []
    playbook.save()

    assert dispatch.try_again([activity.deliveries.get().pk]) == 1
    assert dispatch.retry_due() == 1

    row = Delivery.objects.get()
    assert (row.status, row.attempts, row.follow_up) == ("done", 1, FollowUp.objects.get())


def test_what_failed_of_a_playbook_since_switched_off_is_skipped(acme, clock):
    playbook = make_playbook("broken", conditions=[{"field": "no_such", "op": "is", "value": "1"}])
    activity = contract(acme)
    dispatch.dispatch_waiting()
    playbook.state = "off"
    playbook.save()
    clock.shift(H)

    dispatch.retry_due()

    assert ends(activity)[0][1:] == ("skipped", "The playbook is switched off.")


@pytest.fixture
def react():
    """react(handle) registers a reaction for the length of a test."""
    added = []

    def add(handle, name="echo", kinds=("mrr.contracted",)):
        reactions.add(Reaction(name, kinds, handle))
        added.append(name)

    yield add
    for name in added:
        del reactions.items[name]


def test_a_reaction_gets_a_batch_in_order(acme, react):
    heard = []
    react(lambda activities: heard.append([a.pk for a in activities]))
    ids = [contract(acme).pk for _ in range(3)]

    dispatch.dispatch_waiting()
    dispatch.dispatch_waiting()

    assert heard == [ids]
    assert set(Delivery.objects.values_list("subscriber", "status")) == {("reaction:echo", "done")}


def test_one_bad_activity_does_not_spoil_the_batch_for_the_others(acme, react, clock):
    bad = contract(acme, dropped="bad").pk
    good = contract(acme).pk

    def handle(activities):
        for activity in activities:
            Contact.objects.create(account=acme, email=f"c{activity.pk}@x.example")
            if activity.pk == bad:
                raise ValueError("no good")

    react(handle)
    dispatch.dispatch_waiting()

    assert [c.email for c in acme.contacts.all()] == [f"c{good}@x.example"]  # what the bad one did is undone
    assert [end[1:] for end in ends(Activity(pk=bad))] == [("failed", "ValueError: no good")]
    assert [end[1:] for end in ends(Activity(pk=good))] == [("done", "")]

    for _ in range(4):
        clock.shift(2 * H)
        dispatch.retry_due()
    row = Delivery.objects.get(activity=bad)
    assert (row.status, row.attempts) == ("parked", 5)


def test_a_failing_reaction_does_not_keep_playbooks_or_other_reactions(acme, react):
    heard = []
    react(lambda activities: 1 / 0, "bad")
    react(heard.extend, "good")
    make_playbook()
    activity = contract(acme)

    dispatch.dispatch_waiting()

    assert [end[:2] for end in sorted(ends(activity))] == [
        (f"playbook:{FollowUp.objects.get().playbook_id}", "done"),
        ("reaction:bad", "failed"),
        ("reaction:good", "done"),
    ]
    assert heard == [activity]


def test_a_reaction_nobody_knows_any_more_is_skipped(acme, react, clock):
    react(lambda activities: 1 / 0)
    activity = contract(acme)
    dispatch.dispatch_waiting()
    kept = reactions.items.pop("echo")
    clock.shift(H)
    try:
        dispatch.retry_due()
    finally:
        reactions.items["echo"] = kept

    assert ends(activity)[0][1:] == ("skipped", "Nobody of that name listens any more.")


def test_an_activity_that_cannot_even_be_fanned_out_is_set_aside(acme, react, clock):
    make_playbook()
    good, bad = contract(acme), contract(make_account("Bad"))
    real = batch.fan_out

    def fan_out(activities, **how):
        if bad in activities:
            raise ValueError("unheard of")
        return real(activities, **how)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batch, "fan_out", fan_out)
        dispatch.dispatch_waiting()

    assert FollowUp.objects.get().activity == good
    assert ends(bad) == [("dispatch", "parked", "ValueError: unheard of")]
    assert not Activity.objects.filter(dispatched_at=None).exists()
