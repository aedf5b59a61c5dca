"""A playbook opens a follow-up: with which words, for which accounts, and when not."""

from datetime import timedelta

import pytest
from django.db import transaction

from accounts.domain import dispatch
from accounts.domain.activity import record
from accounts.domain.wording import told_ending
from accounts.models import Activity, Contact, Delivery, FollowUp
from tests.accounts.spine import NOON, contract, ends, make_playbook, told

pytestmark = pytest.mark.django_db
H, D = timedelta(hours=1), timedelta(days=1)


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
