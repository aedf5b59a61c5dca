"""Contact pressure: nobody is asked too much, and what was held back is told."""

from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext
from model_bakery import baker

from accounts.domain import dispatch
from accounts.domain.activity import record
from accounts.domain.dispatch import try_on
from accounts.domain.dispatch.batch import fan_out
from accounts.domain.pressure import held_back, note_asks
from accounts.domain.timeline import Entry
from accounts.models import Activity, Ask, Contact, Delivery, FollowUp, OptOut, Playbook
from accounts.registry import ActivityKind, Field, activity_kinds, playbook_defaults, reactions
from tests.accounts.spine import NOON, contract, make_account, make_follow_up, make_playbook, told

pytestmark = pytest.mark.django_db
D = timedelta(days=1)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as moving:
        yield moving


@pytest.fixture(scope="module")
def _no_playbooks(shared) -> None:
    Playbook.objects.all().delete()


@pytest.fixture(autouse=True)
def _alone(_no_playbooks, db, monkeypatch):
    monkeypatch.setattr(reactions, "items", {})


@pytest.fixture
def acme(chloe):
    return make_account(csm=chloe, band="green")


def person(account, email="kim@acme.example", **fields) -> Contact:
    return baker.make(Contact, account=account, email=email, **{"name": "Kim", "language": "en"} | fields)


def reasons(*people: Contact, **options) -> list[str]:
    held = held_back([who.pk for who in people], **options)
    return [held[who.pk].reason if who.pk in held else "" for who in people]


# The rule -----------------------------------------------------------------------------------------


def test_who_was_asked_is_left_in_peace_for_fourteen_days_whatever_it_was(acme, clock):
    kim, max_ = person(acme), person(acme, "max@acme.example")
    assert note_asks([kim], "survey", "nps-spring") == 1

    held = held_back([kim.pk, max_.pk])
    assert {pk: (why.reason, why.until, why.kind) for pk, why in held.items()} == {
        kim.pk: ("asked", NOON + 14 * D, "survey")
    }
    assert str(held[kim.pk]).replace("\u202f", " ") == (
        "this person was asked for something (Survey) and is left in peace until Mar 18, 2026, 12:00 PM UTC"
    )
    clock.move_to(NOON + 14 * D - timedelta(seconds=1))
    assert reasons(kim) == ["asked"]
    clock.shift(timedelta(seconds=1))
    assert reasons(kim) == [""]


def test_a_person_is_the_same_at_two_companies(acme):
    here, there = person(acme, "Kim@Free.example"), person(make_account("Globex"), "kim@free.example")
    note_asks([here.pk], "referral")
    assert reasons(here, there) == ["asked", "asked"]
    assert Ask.objects.values_list("account", "contact", "address", "kind").get() == (
        acme.pk, here.pk, "kim@free.example", "referral",
    )  # fmt: skip


def test_nothing_is_asked_of_an_account_that_is_red_or_waits_for_a_call(acme):
    red = person(make_account("Red", band="red"))
    hurt = make_account("Hurt", band="green")
    make_follow_up(hurt, kind="detractor")
    called = make_account("Called", band="green")
    make_follow_up(called, kind="detractor", status="done", closed_at=NOON)

    assert reasons(red, person(hurt), person(called), person(acme)) == ["red", "detractor", "", ""]


@pytest.mark.parametrize("count", [1, 50])
def test_it_is_one_question_for_any_number(count, acme, django_assert_num_queries):
    people = [person(acme, f"p{n}@acme.example") for n in range(count)]
    with django_assert_num_queries(1):
        note_asks(people, "survey")
    with django_assert_num_queries(1):
        assert len(held_back([who.pk for who in people])) == count


# Playbooks that ask -------------------------------------------------------------------------------


def ends() -> list[tuple[str, str]]:
    return [(row.status, row.sentence.replace("\u202f", " ")) for row in Delivery.objects.order_by("id")]


def test_a_playbook_that_asks_opens_and_the_ask_is_noted(acme):
    kim = person(acme, champion=True)
    person(acme, "max@acme.example", name="Max")
    make_playbook("upsell", asks="upsell")
    contract(acme)

    dispatch.dispatch_waiting()

    assert FollowUp.objects.count() == 1
    assert Ask.objects.values_list("contact", "kind", "subject", "at").get() == (kim.pk, "upsell", "upsell", NOON)


def test_one_that_asks_too_soon_is_held_back_and_both_the_delivery_and_the_timeline_say_why(acme):
    kim = person(acme)
    note_asks([kim], "survey", at=NOON - D)
    playbook = make_playbook("upsell", name="Upsell", asks="upsell")
    activity = contract(acme)

    dispatch.dispatch_waiting()
    dispatch.dispatch_waiting()

    assert not FollowUp.objects.exists()
    assert ends() == [
        ("skipped", "Held back: Kim was asked for something, and is left in peace until Mar 17, 2026, 12:00 PM UTC.")
    ]
    assert told(acme)[1:] == [
        (
            "contact.held_back",
            {"contact": "Kim", "what": "Upsell", "why": "asked", "until": (NOON + 13 * D).isoformat()},
        )
    ]
    assert Activity.objects.get(kind="contact.held_back").cause == activity
    assert try_on(playbook, acme).sentence.startswith("Nothing would open. Held back: Kim was asked")


def test_a_default_playbook_that_is_held_back_is_called_by_its_name_in_ones_language(acme):
    name = str(next(default for default in playbook_defaults if default.asks).name)
    note_asks([person(acme)], "survey", at=NOON - D)
    make_playbook("upsell", name=name, asks="upsell")
    activity = contract(acme)

    dispatch.dispatch_waiting()

    held = Activity.objects.get(kind="contact.held_back", cause=activity)
    with translation.override("fr"):
        assert name != gettext(name)
        assert Entry(held).sentence.startswith(gettext(name))


def test_who_wants_no_more_questions_is_asked_nothing_by_anybody(acme):
    kim = person(acme)
    OptOut.objects.create(address="kim@acme.example")
    make_playbook("upsell", name="Upsell", asks="upsell")
    contract(acme)

    dispatch.dispatch_waiting()

    assert str(held_back([kim.pk])[kim.pk]) == "this person wants no more questions"
    assert not FollowUp.objects.exists()
    assert ends() == [("skipped", "Held back: Kim wants no more questions.")]
    assert told(acme)[1:] == [
        ("contact.held_back", {"contact": "Kim", "what": "Upsell", "why": "opted_out", "until": None})
    ]


def test_the_same_activity_twice_is_told_once(acme):
    note_asks([person(acme)], "survey")
    make_playbook("upsell", asks="upsell")
    activity = contract(acme)
    dispatch.dispatch_waiting()
    with transaction.atomic():
        fan_out([activity])

    assert Activity.objects.filter(kind="contact.held_back").count() == 1


def test_red_and_detractor_hold_back_what_asks_and_nothing_else(acme):
    red = make_account("Red", band="red")
    person(red)
    make_playbook("upsell", asks="upsell")
    make_playbook("call")
    contract(red)

    dispatch.dispatch_waiting()

    assert list(FollowUp.objects.values_list("kind", flat=True)) == ["call"]
    assert max(ends()) == ("skipped", "Held back: nothing is asked of Kim while the account is red.")


def test_of_two_that_ask_at_once_the_first_asks(acme):
    person(acme)
    make_playbook("one", asks="upsell")
    make_playbook("two", asks="referral")
    contract(acme)

    dispatch.dispatch_waiting()

    assert list(FollowUp.objects.values_list("kind", flat=True)) == ["one"]
    assert sorted(ends()) == [("done", ""), ("skipped", "Held back: Kim is just being asked for something else.")]
    assert Ask.objects.count() == 1


def test_a_repeat_while_it_is_open_is_counted_as_ever(acme):
    person(acme)
    make_playbook("upsell", asks="upsell")
    for _ in range(2):
        contract(acme)
        dispatch.dispatch_waiting()

    assert FollowUp.objects.get().occurrences == 2
    assert Ask.objects.count() == 1


def test_what_follows_from_an_answer_is_not_held_back_by_its_own_question(acme, monkeypatch):
    answered = ActivityKind("survey.tried", "Answered", "%(contact)s", fields=(Field("contact"),), answers="survey")
    monkeypatch.setitem(activity_kinds.items, "survey.tried", answered)
    person(acme, "ana@acme.example", name="Ana", champion=True)
    kim = person(acme)
    note_asks([kim], "survey", at=NOON - D)
    make_playbook("promoter", trigger="survey.tried", asks="referral")

    def answer() -> None:
        with transaction.atomic():
            record(acme, "survey.tried", contact="Kim")
        dispatch.dispatch_waiting()

    answer()
    assert FollowUp.objects.count() == 1
    assert Ask.objects.filter(kind="referral").values_list("contact", flat=True).get() == kim.pk

    FollowUp.objects.update(status="done", closed_at=NOON)
    answer()  # but the referral was asked for a moment ago
    assert ends()[-1][0] == "skipped"


def test_without_anybody_to_ask_it_opens_for_the_csm(acme):
    make_playbook("upsell", asks="upsell")
    contract(acme)
    dispatch.dispatch_waiting()
    assert (FollowUp.objects.count(), Ask.objects.count()) == (1, 0)


@pytest.mark.parametrize(("asks", "more"), [("", 0), ("upsell", 4)])
def test_who_asks_nothing_pays_nothing(asks, more, acme, django_assert_num_queries):
    """The dispatcher's queries for fifty openings: the same as ever, and a few more for those that ask."""
    make_playbook("call", asks=asks)
    accounts = [make_account(f"A{n}", band="green") for n in range(50)]
    for n, account in enumerate(accounts):
        person(account, f"p{n}@acme.example")
        contract(account)

    with django_assert_num_queries(16 + more):
        dispatch.dispatch_batch()
    assert FollowUp.objects.count() == 50


def test_the_editor_offers_it(alice, signed_in):
    playbook = make_playbook()
    page = signed_in(alice).get(f"/settings/playbooks/{playbook.pk}/").text
    assert "Asks the contact for" in page
