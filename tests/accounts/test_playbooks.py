"""Playbooks: written and checked, switched on and off, tried out, and how well they do."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import translation

from accounts.domain import dispatch, followups, playbooks
from accounts.domain.dispatch import try_on
from accounts.domain.playbooks import Precision, precisions, save_playbook, switch_off, switch_on
from accounts.domain.wording import placeholders, reason_for, sentence_of
from accounts.exceptions import Conflict, DomainError
from accounts.models import FollowUp, Playbook
from accounts.registry import activity_kinds, playbook_defaults
from tests.accounts.spine import NOON, contract, make_account, make_follow_up, make_playbook, told

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as moving:
        yield moving


@pytest.fixture(autouse=True, scope="module")
def _no_defaults(shared):
    Playbook.objects.all().delete()


def draft(**fields):
    return Playbook(**{"key": "shrink", "name": "Shrink", "trigger": "mrr.contracted", "title": "Call", **fields})


def refused(**fields) -> dict:
    with pytest.raises(DomainError) as refusal:
        save_playbook(draft(**fields), by=None)
    assert not Playbook.objects.exists()
    return refusal.value.errors


# Writing ----------------------------------------------------------------------------------------------------


def test_a_playbook_is_kept_as_it_was_checked(alice):
    playbook = save_playbook(
        draft(
            title=" Call\n{account} ",
            conditions=[{"field": "account.mrr", "op": "gte", "value": " 500 "}],
            steps=["Look", "  ", "Call {contact}"],
            texts=[{"name": "Mail", "subject": "Hi", "body": "Dear {contact},\n{dropped}"}, {"name": "", "body": ""}],
        ),
        by=alice,
    )

    playbook.refresh_from_db()
    assert (playbook.title, playbook.state, playbook.steps) == ("Call {account}", "draft", ["Look", "Call {contact}"])
    assert playbook.conditions == [{"field": "account.mrr", "op": "gte", "value": "500"}]
    assert playbook.texts == [{"name": "Mail", "subject": "Hi", "body": "Dear {contact},\n{dropped}"}]


def test_who_changed_what_is_kept(alice):
    playbook = save_playbook(draft(), by=alice)
    playbook.title = "Write"
    save_playbook(playbook, by=alice)

    events = playbook.events.order_by("pgh_id")
    assert [(e.pgh_label, e.title, e.pgh_context.metadata["actor"]) for e in events] == [
        ("insert", "Call", "Alice"),
        ("update", "Write", "Alice"),
    ]


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        ({"key": " "}, {"key": ["This cannot be empty."]}),
        ({"title": ""}, {"title": ["This cannot be empty."]}),
        ({"trigger": "no.such"}, {"trigger": ["Choose what sets it off."]}),
        ({"trigger": "followup.opened"}, {"trigger": ["Choose what sets it off."]}),  # would trigger itself
        ({"due_hours": 0}, {"due_hours": ["Due between 1 hour and a year after it happened."]}),
        ({"cool_down_days": 400}, {"cool_down_days": ["A cool-down lasts a year at most."]}),
        ({"subject_field": "nope"}, {"subject_field": ["This kind of activity has no such field."]}),
        ({"closes_on": "nope"}, {"closes_on": ["There is no such kind of activity."]}),
        ({"priority": 9}, {"priority": ["Choose one of the values."]}),
        ({"steps": "Look"}, {"steps": ["At most 20 steps."]}),
        ({"texts": ["Mail"]}, {"texts": ["At most 10 texts."]}),
        (
            {"conditions": [{"field": "x", "op": "is", "value": "1"}]},
            {"conditions": ["Condition 1: there is no field “x” here."]},
        ),
    ],
)
def test_what_is_wrong_is_said_by_field(fields, errors):
    assert refused(**fields) == errors


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"title": "{nope}"}, "title"),
        ({"instructions": "{nope}"}, "instructions"),
        ({"steps": ["{nope}"]}, "steps"),
        ({"texts": [{"name": "x", "body": "{nope}"}]}, "texts"),
    ],
)
def test_an_unknown_placeholder_is_refused_and_the_known_ones_named(fields, field):
    known = "{account}, {csm}, {contact}, {mrr}, {band}, {subscription}, {plan}, {before}, {after}, {amount}, {currency}, {dropped}, {in_use}"
    assert refused(**fields)[field] == [f"There is no {{nope}} to fill in here. There are: {known}."]


def test_all_that_is_wrong_is_said_at_once():
    assert set(refused(key="", due_hours=0, closes_on="nope")) == {"key", "due_hours", "closes_on"}


def test_a_pool_needs_people(alice, chloe):
    with pytest.raises(DomainError, match="Choose who is in the pool"):
        save_playbook(draft(assignee_rule="pool"), by=alice, pool=[])

    playbook = save_playbook(draft(assignee_rule="pool"), by=alice, pool=[chloe])
    assert list(playbook.pool.all()) == [chloe]


def test_a_key_is_taken_once(alice):
    save_playbook(draft(), by=alice)

    with pytest.raises(DomainError) as refusal:
        save_playbook(draft(), by=alice)
    assert (refusal.value.status, list(refusal.value.errors)) == (409, ["key"])


def test_of_two_admins_at_once_the_second_is_told(alice, clock):
    playbook = save_playbook(draft(), by=alice)
    hers, his = Playbook.objects.get(), Playbook.objects.get()
    clock.shift(60)
    hers.title = "Hers"
    save_playbook(hers, by=alice, seen=playbook.updated_at)

    his.title = "His"
    with pytest.raises(Conflict, match="Somebody else has changed this playbook"):
        save_playbook(his, by=alice, seen=playbook.updated_at)
    assert Playbook.objects.get().title == "Hers"


# The default ones -------------------------------------------------------------------------------------------


def test_every_default_playbook_is_one_an_admin_could_have_written(alice):
    playbooks.install_defaults()

    assert set(Playbook.objects.values_list("key", flat=True)) == {d.key for d in playbook_defaults}
    for playbook in Playbook.objects.all():
        before = Playbook.objects.values().get(pk=playbook.pk)
        save_playbook(playbook, by=alice)
        after = Playbook.objects.values().get(pk=playbook.pk)
        assert {**after, "updated_at": None} == {**before, "updated_at": None}


def test_installing_again_changes_nothing(alice):
    playbooks.install_defaults()
    Playbook.objects.filter(key="contraction").update(title="Ours", state="off")

    playbooks.install_defaults()

    assert Playbook.objects.values_list("title", "state").get(key="contraction") == ("Ours", "off")


def test_the_facts_of_every_kind_fit_its_sentence():
    for kind in activity_kinds:
        for language in ("en", "fr", "ro"):
            with translation.override(language):
                assert sentence_of(kind.name, {})


def test_contraction_is_called_about_within_a_day_naming_what_was_dropped(chloe):
    playbooks.install_defaults()
    account = make_account(csm=chloe)
    contract(account)

    dispatch.dispatch_waiting()

    row = FollowUp.objects.get()
    assert (row.title, row.promise, row.priority, row.due_at) == (
        "Acme pays less: ask about 20 seats",
        True,
        1,
        NOON + timedelta(days=1),
    )


def test_what_can_be_filled_in_is_told():
    assert set(placeholders("trial.ending")) == {
        "account", "csm", "contact", "mrr", "band", "subscription", "ends_on", "days",
    }  # fmt: skip


# On and off -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("choice", "left"), [("keep", "open"), ("cancel", "canceled")])
def test_switched_off_its_open_follow_ups_are_kept_or_canceled(choice, left, alice):
    playbook, account = make_playbook(), make_account()
    row = make_follow_up(account, playbook=playbook)
    done = make_follow_up(account, playbook=playbook, subject="x", status="done", closed_at=NOON)
    other = make_follow_up(account)

    assert switch_off(playbook, by=alice, open_follow_ups=choice) == (choice == "cancel")

    playbook.refresh_from_db()
    assert playbook.state == "off"
    assert dict(FollowUp.objects.values_list("pk", "status")) == {row.pk: left, done.pk: "done", other.pk: "open"}
    assert [data["why"] for kind, data in told(account)] == ["The playbook “Shrink” was switched off."] * (
        choice == "cancel"
    )


def test_it_must_be_said_what_becomes_of_them(alice):
    playbook = make_playbook()

    with pytest.raises(DomainError, match="keep or cancel"):
        switch_off(playbook, by=alice, open_follow_ups="")
    playbook.refresh_from_db()
    assert playbook.state == "on"


def test_only_a_sound_playbook_is_switched_on(alice):
    playbook = make_playbook(state="off", title="{nope}")

    with pytest.raises(DomainError):
        switch_on(playbook, by=alice)
    playbook.title = "Call"
    switch_on(playbook, by=alice)
    playbook.refresh_from_db()
    assert playbook.state == "on"


# How well it does -------------------------------------------------------------------------------------------


def test_precision_is_what_helped_of_what_was_judged(django_assert_num_queries):
    one, other, never = make_playbook("one"), make_playbook("other"), make_playbook("never")
    account = make_account()
    for number, (playbook, outcome) in enumerate(
        [(one, "helped"), (one, "helped"), (one, "false_alarm"), (one, "too_early"), (one, "no_answer"), (other, "")]
    ):
        make_follow_up(account, playbook=playbook, subject=str(number), status="done", closed_at=NOON, outcome=outcome)
    make_follow_up(account, playbook=one, subject="open")

    with django_assert_num_queries(1):
        found = precisions([one, other, never])

    assert found[one.pk] == Precision({"helped": 2, "false_alarm": 1, "too_early": 1, "no_answer": 1})
    assert (found[one.pk].share, str(found[one.pk])) == (0.5, "2 of 4 helped")
    assert (found[other.pk].share, found[never.pk].share, str(found[never.pk])) == (None, None, "not judged yet")


# Tried out --------------------------------------------------------------------------------------------------


def test_trying_out_shows_what_would_open_and_changes_nothing(chloe, django_assert_max_num_queries):
    account = make_account(csm=chloe, mrr=500)
    contract(account)
    playbook = make_playbook(
        title="{account}: {dropped}",
        conditions=[{"field": "account.mrr", "op": "gte", "value": "100"}],
        steps=["Call {csm}"],
        promise=True,
    )

    with django_assert_max_num_queries(12):
        trial = try_on(playbook, account)

    assert trial.sentence == "“Acme: 20 seats” would open for Chloe."
    assert (trial.opens, trial.title, trial.steps, trial.assignee, trial.due_at, trial.promise) == (
        True, "Acme: 20 seats", ["Call Chloe"], chloe, NOON + timedelta(days=1), True,
    )  # fmt: skip
    assert [(j.text, j.holds, j.found) for j in trial.conditions] == [("MRR is at least 100", True, "500.00000000")]
    assert trial.reason == "Contraction: MRR $500 → $300, dropped: 20 seats"
    assert not FollowUp.objects.exists()


def test_trying_out_says_which_condition_does_not_hold():
    account = make_account(band="green")
    contract(account)
    playbook = draft(conditions=[{"field": "account.band", "op": "is", "value": "red"}])  # not even saved

    trial = try_on(playbook, account)

    assert not trial.opens
    assert trial.sentence == "Nothing would open. Its condition does not hold: “Band is Red”. Found: Green."


def test_trying_out_without_such_an_activity_yet(marc):
    playbook = make_playbook(
        conditions=[
            {"field": "after", "op": "lt", "value": "100"},
            {"field": "account.band", "op": "is", "value": "unknown"},
        ]
    )

    trial = try_on(playbook, make_account())

    assert [j.holds for j in trial.conditions] == [None, True]
    assert trial.sentence == "If it happened now, “Call Acme” would open for Marc."


def test_trying_out_where_one_is_open_or_cooling_down(chloe):
    account = make_account(csm=chloe)
    playbook = make_playbook(cool_down_days=14)
    contract(account)
    dispatch.dispatch_waiting()
    assert try_on(playbook, account).sentence == "It would be counted on “Call Acme”, which is open."

    followups.complete(FollowUp.objects.get(), by=chloe, outcome="helped")
    sentence = try_on(playbook, account).sentence.replace("\u202f", " ")
    assert sentence == "Nothing would open. Cool-down until Mar 18, 2026, 12:00 PM UTC."


def test_trying_out_for_an_account_that_left():
    account = make_account(stage="churned")
    contract(account)

    assert try_on(make_playbook(), account).sentence == "Nothing would open. The account has churned."


# The reason ---------------------------------------------------------------------------------------------------


def test_the_reason_is_told_in_the_readers_language(chloe):
    account = make_account(csm=chloe)
    make_playbook()
    contract(account)
    dispatch.dispatch_waiting()
    row = FollowUp.objects.get()

    assert reason_for(row) == "Contraction: MRR $500 → $300, dropped: 20 seats"
    with translation.override("fr"):
        assert "500\xa0$US" in reason_for(row)
    by_hand = followups.open_by_hand(account, by=chloe, title="Send the deck", due_at=NOON + timedelta(days=1))
    assert reason_for(by_hand) == "Written by Chloe"
