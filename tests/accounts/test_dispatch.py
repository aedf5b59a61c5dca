"""From activities to follow-ups: each once, whatever comes twice, late or broken."""

from datetime import timedelta

import pytest
import time_machine
from django.db import transaction

from accounts.domain import dispatch, followups
from accounts.domain.activity import record
from accounts.domain.dispatch import batch
from accounts.domain.wording import told_ending
from accounts.enums import DeliveryStatus
from accounts.models import Activity, Contact, Delivery, FollowUp, Occurrence, Playbook, Segment
from accounts.registry import Reaction, reactions
from accounts.tasks import sweep_activities
from tests.accounts.spine import NOON, contract, make_account, make_playbook, told

pytestmark = pytest.mark.django_db
H, D = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as moving:
        yield moving


@pytest.fixture(autouse=True)
def _alone(db, monkeypatch):
    """No default playbooks, and none of the other apps' reactions."""
    Playbook.objects.all().delete()
    monkeypatch.setattr(reactions, "items", {})


@pytest.fixture
def acme(chloe):
    return make_account(csm=chloe, mrr=500, band="red", segment=Segment.objects.create(key="smb", name="SMB"))


def ends(activity) -> list[tuple[str, str, str]]:
    rows = Delivery.objects.filter(activity=activity).order_by("id")
    return [(row.subscriber, row.status, row.sentence.replace("\u202f", " ")) for row in rows]


def test_a_playbook_opens_a_follow_up_with_the_accounts_facts_filled_in(acme, chloe):
    Contact.objects.create(account=acme, email="bo@acme.example", name="Bo")
    Contact.objects.create(account=acme, email="ana@acme.example", name="Ana", champion=True)
    Contact.objects.create(account=acme, email="zoe@acme.example", name="Zoe", champion=True, left_on="2026-01-01")
    playbook = make_playbook(
        title="{account} dropped {dropped}",
        instructions="MRR {mrr}, {band}. Was {before} {currency}. {nothing} {{account}}",
        steps=["Call {contact}", "Tell {csm}"],
        texts=[{"name": "Mail", "subject": "Hi {contact}", "body": "From {csm}"}],
        priority=1,
        promise=True,
    )
    activity = contract(acme)

    assert dispatch.dispatch_waiting() == 1

    row = FollowUp.objects.get()
    assert {
        name: getattr(row, name)
        for name in ("account", "playbook", "subject", "kind", "title", "reason", "instructions", "steps", "texts",
                     "activity", "priority", "promise", "assignee", "status", "opened_at", "due_at", "occurrences",
                     "expected_loss")
    } == {
        "account": acme,
        "playbook": playbook,
        "subject": "",
        "kind": "shrink",
        "title": "Acme dropped 20 seats",
        "reason": "Contraction: MRR $500 → $300, dropped: 20 seats",
        "instructions": "MRR $500, Red. Was $500. {nothing} {Acme}",
        "steps": [{"text": "Call Ana", "done": False}, {"text": "Tell Chloe", "done": False}],
        "texts": [{"name": "Mail", "subject": "Hi Ana", "body": "From Chloe"}],
        "activity": activity,
        "priority": 1,
        "promise": True,
        "assignee": chloe,
        "status": "open",
        "opened_at": NOON,
        "due_at": NOON + D,
        "occurrences": 1,
        "expected_loss": 2400,
    }  # fmt: skip
    assert (row.holds.lower, row.holds.upper) == (NOON, None)
    assert told(acme)[1:] == [("followup.opened", {"follow_up": row.pk, "title": "Acme dropped 20 seats"})]
    assert Activity.objects.get(kind="followup.opened").cause == activity
    assert ends(activity) == [(f"playbook:{playbook.pk}", "done", "")]
    assert Delivery.objects.get().follow_up == row
    assert not Activity.objects.filter(dispatched_at=None).exists()


def test_hostile_text_stays_text(acme):
    make_playbook(title="{account}: {dropped}")
    acme.name = "{dropped} {0.__class__} %(x)s <b>"
    acme.save()
    contract(acme, dropped="{account}{csm.password}")

    dispatch.dispatch_waiting()

    assert FollowUp.objects.get().title == "{dropped} {0.__class__} %(x)s <b>: {account}{csm.password}"


def test_a_title_too_long_is_cut(acme):
    make_playbook(title="{dropped}")
    contract(acme, dropped="x" * 500)

    dispatch.dispatch_waiting()

    assert FollowUp.objects.get().title == "x" * 239 + "…"


def test_a_playbook_whose_condition_does_not_hold_says_which(acme):
    playbook = make_playbook(
        conditions=[
            {"field": "account.mrr", "op": "gte", "value": "100"},
            {"field": "account.band", "op": "in", "value": ["green", "thriving"]},
        ]
    )
    activity = contract(acme)

    dispatch.dispatch_waiting()

    row = Delivery.objects.get()
    assert (row.subscriber, row.status) == (f"playbook:{playbook.pk}", "skipped")
    assert told_ending(row) == "Its condition does not hold: “Band is one of Green, Thriving”. Found: Red."
    assert (FollowUp.objects.count(), activity.deliveries.count()) == (0, 1)


def test_drafts_and_playbooks_switched_off_do_nothing(acme):
    make_playbook("draft", state="draft")
    make_playbook("off", state="off")
    contract(acme)

    dispatch.dispatch_waiting()

    assert (FollowUp.objects.count(), Delivery.objects.count()) == (0, 0)


def test_nothing_opens_for_those_who_left_but_what_is_about_leaving(acme):
    make_playbook()
    make_playbook("exit", trigger="account.churned")
    make_playbook("asks", conditions=[{"field": "account.stage", "op": "is", "value": "churned"}])
    activity = contract(acme)
    with transaction.atomic():
        type(acme).objects.update(stage="churned")
        record(
            acme,
            "account.churned",
            subscription="S-1",
            before="300",
            after="0",
            amount="-300",
            currency="USD",
            reason="price",
        )

    dispatch.dispatch_waiting()

    assert set(FollowUp.objects.values_list("kind", flat=True)) == {"exit", "asks"}
    assert ("skipped", "The account has churned.") in [end[1:] for end in ends(activity)]


def test_what_was_recorded_long_after_it_happened_is_history(acme):
    make_playbook()
    with transaction.atomic():
        old = record(acme, "mrr.contracted", occurred_at=NOON - 15 * D, subscription="S", before=2, after=1, amount=-1, currency="USD", dropped="x")  # fmt: skip
        recent = record(acme, "mrr.contracted", occurred_at=NOON - 3 * D, subscription="S", before=2, after=1, amount=-1, currency="USD", dropped="x")  # fmt: skip

    dispatch.dispatch_waiting()

    assert ends(old)[0][1:] == (
        "skipped",
        "It happened on Feb 17, 2026, 12:00 PM UTC, long before it was recorded: history, not news.",
    )
    row = FollowUp.objects.get()
    assert (row.activity, row.due_at) == (recent, NOON - 2 * D)  # counted from when it happened


# Once ---------------------------------------------------------------------------------------------------


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


# Who gets it ---------------------------------------------------------------------------------------------


def assigned(rule="csm", **fields):
    make_playbook(assignee_rule=rule, **fields)
    dispatch.dispatch_waiting()
    return FollowUp.objects.get().assignee


def test_it_goes_to_the_csm(acme, chloe):
    contract(acme)
    assert assigned() == chloe


def test_without_an_able_csm_it_goes_to_their_manager(acme, chloe, marc):
    chloe.is_active = False
    chloe.save()
    contract(acme)
    assert assigned() == marc


def test_a_viewer_is_never_handed_anything(marc, vera):
    contract(make_account(csm=vera))
    assert assigned() == marc


def test_without_anybody_it_goes_to_nobody():
    contract(make_account())
    assert assigned() is None


def test_by_rule_to_the_manager(acme, marc):
    contract(acme)
    assert assigned("manager") == marc


def test_a_pool_shares_out_by_load(chloe, cyril, marc):
    playbook = make_playbook(assignee_rule="pool")
    playbook.pool.set([chloe, cyril])
    FollowUp.objects.create(
        account=make_account(), kind="manual", title="x", reason="x", due_at=NOON, assignee=chloe, status="open"
    )
    for n in range(3):
        contract(make_account(f"A{n}"))

    dispatch.dispatch_waiting()

    assert sorted(FollowUp.objects.filter(playbook=playbook).values_list("assignee__name", flat=True)) == [
        "Chloe", "Cyril", "Cyril",
    ]  # fmt: skip


def test_it_is_written_in_the_language_of_who_gets_it(acme, chloe):
    chloe.language = "fr"
    chloe.save()
    make_playbook(title="{account}: {mrr}")
    contract(acme)

    dispatch.dispatch_waiting()

    assert FollowUp.objects.get().title == "Acme: 500\xa0$US"


# When it is due -------------------------------------------------------------------------------------------


def test_due_in_business_hours_of_the_accounts_zone(chloe, clock):
    clock.move_to(NOON.replace(day=6, hour=20))  # Friday evening in Bucharest
    account = make_account(csm=chloe, time_zone="Europe/Bucharest")
    make_playbook(due_clock="business", due_hours=10)
    contract(account)

    dispatch.dispatch_waiting()

    assert FollowUp.objects.get().due_at == NOON.replace(day=10, hour=9)  # Tuesday, 11:00 there


# Closing by itself ------------------------------------------------------------------------------------------


STATE = {
    "closes_on": "mrr.expanded",
    "closes_when": [{"field": "after", "op": "gte", "value": "500"}],
    "cool_down_days": 14,
}


def expand(account, after=500, **fields):
    with transaction.atomic():
        return record(account, "mrr.expanded", subscription="S-1", before=300, after=after, amount=200, currency="USD", **fields)  # fmt: skip


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


# What breaks ------------------------------------------------------------------------------------------------


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

    def fan_out(activities):
        if bad in activities:
            raise ValueError("unheard of")
        return real(activities)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batch, "fan_out", fan_out)
        dispatch.dispatch_waiting()

    assert FollowUp.objects.get().activity == good
    assert ends(bad) == [("dispatch", "parked", "ValueError: unheard of")]
    assert not Activity.objects.filter(dispatched_at=None).exists()


# Set-based ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 50])
def test_as_many_queries_for_fifty_activities_as_for_one(count, chloe, django_assert_num_queries):
    make_playbook(instructions="{contact}", **STATE)
    make_playbook("skips", conditions=[{"field": "account.band", "op": "is", "value": "red"}])
    for n in range(count):
        account = make_account(f"A{n}", csm=chloe)
        contract(account)
        contract(account)
        expand(make_account(f"B{n}"))

    with django_assert_num_queries(22):
        batch.dispatch_batch()

    assert FollowUp.objects.count() == count


def test_the_hint_is_sent_once_a_transaction_and_dispatches(acme, queue):
    make_playbook()
    contract(acme)
    contract(acme)

    queue.commit()
    assert [m.task for m in queue.published()] == ["accounts.tasks.dispatch_activities"]
    queue.drain()

    assert FollowUp.objects.get().occurrences == 2


def test_with_the_broker_away_the_sweep_finds_it(acme, queue):
    make_playbook()
    with queue.away():
        contract(acme)
        queue.commit()
    assert (queue.published(), FollowUp.objects.count()) == ([], 0)

    sweep_activities()

    assert FollowUp.objects.count() == 1
