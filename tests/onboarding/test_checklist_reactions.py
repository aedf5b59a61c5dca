"""What checklists do about what happens elsewhere, through the dispatcher."""

from datetime import timedelta

import pytest
from django.utils import translation
from model_bakery import baker

from accounts.domain.accounts import change_stage, upsert_account
from accounts.domain.activity import record
from accounts.domain.contacts import upsert_contact
from accounts.domain.dispatch import dispatch_waiting
from accounts.domain.timeline import Entry
from accounts.models import Account, FollowUp, Mail
from onboarding.domain.attendance import mark
from onboarding.domain.checklists.reactions import accounts_came_in
from onboarding.models import Checklist, Seat, Session
from tests.onboarding.checklists import (
    NOW,
    begun,
    kim,
    make_account,
    make_csm,
    make_version,
    only_version,
    states,
    told,
)
from tests.onboarding.factories import make_type

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOW, tick=False)


def test_a_new_account_is_onboarded_and_its_first_contact_welcomed():
    only_version()
    upsert_account("acme", by=None, name="Acme", stage="trial")
    upsert_account("old", by=None, name="Old", stage="active")
    dispatch_waiting()
    checklist = Checklist.objects.get()
    assert (checklist.account.external_id, checklist.mailed_at) == ("acme", None)
    upsert_contact(checklist.account, "kim@acme.example", by=None, name="Kim Doe")
    upsert_contact(checklist.account, "lea@acme.example", by=None, name="Lea")
    dispatch_waiting()
    mail = Mail.objects.get()
    assert (mail.kind, mail.to, mail.subject) == (
        "checklist.welcome", "kim@acme.example", "Your first steps with Tenure",
    )  # fmt: skip
    assert "- Invite (by June 8, 2026)" in mail.text
    assert "/checklist/" in mail.text


def test_whoever_stands_in_a_file_begins_without_a_mail():
    only_version()
    acme = make_account(stage="trial")
    kim(acme)
    accounts_came_in([acme.pk])
    assert (told(acme), Mail.objects.count()) == (["started"], 0)


def test_who_leaves_is_onboarded_no_more():
    acme, other = make_account(), make_account(external_id="b")
    begun(acme)
    begun(other)
    record(acme, "account.churned", subscription="s", before=1, after=0, amount=-1, currency="EUR", reason="other")
    change_stage(other, "churned", by=None)
    dispatch_waiting()
    assert set(Checklist.objects.values_list("status", flat=True)) == {"canceled"}
    canceled = acme.activities.get(kind="checklist.canceled")
    assert canceled.data["reason"] == "The customer has left."
    with translation.override("fr"):
        assert Entry(canceled).sentence.endswith("(Le client est parti.)")


def booked(account: Account, **fields) -> Seat:
    given = {"starts_at": NOW, "ends_at": NOW + timedelta(hours=1), "host": make_csm()} | fields
    session = baker.make(Session, account=account, seats=1, seats_taken=1, **given)
    return baker.make(Seat, session=session, name="Kim Doe", email="kim@acme.example", key="k" * 32)


def test_a_session_that_took_place_ticks_its_step_until_it_is_taken_back():
    kind, acme = make_type(), make_account()
    checklist = begun(acme, make_version([{"key": "kickoff", "texts": {}, "session_type": kind}]))
    seat = booked(acme, session_type=kind)
    mark(seat, True, by=None)
    dispatch_waiting()
    assert (states(checklist), Checklist.objects.get().status) == ({"kickoff": "done"}, "finished")
    assert told(acme) == ["started", "step_done kickoff", "finished"]


def test_attendance_taken_back_opens_the_step_again():
    kind, acme = make_type(), make_account()
    steps = [{"key": "kickoff", "texts": {}, "session_type": kind}, {"key": "rest", "texts": {}}]
    checklist = begun(acme, make_version(steps))
    seat = booked(acme, session_type=kind)
    mark(seat, True, by=None)
    dispatch_waiting()
    assert states(checklist) == {"kickoff": "done", "rest": "open"}
    mark(seat, None, by=None)
    dispatch_waiting()
    assert states(checklist) == {"kickoff": "open", "rest": "open"}


@pytest.mark.parametrize("came", [None, True])
def test_a_no_show_taken_back_leaves_nobody_to_be_asked(came):
    kind, acme = make_type(), make_account(csm=make_csm("Cleo"))
    seat = booked(acme, session_type=kind)
    mark(seat, False, by=None)
    dispatch_waiting()
    mark(seat, came, by=None)
    dispatch_waiting()
    assert FollowUp.objects.get(playbook__key="no_show").status == "canceled"
    mark(seat, False, by=None)
    dispatch_waiting()
    assert FollowUp.objects.open().filter(playbook__key="no_show").count() == 1


def test_a_no_show_is_followed_up_until_they_book_again():
    kind, acme = make_type(), make_account(csm=make_csm("Cleo"))
    seat = booked(acme, session_type=kind)
    mark(seat, False, by=None)
    dispatch_waiting()
    row = FollowUp.objects.get(playbook__key="no_show")
    assert (row.title, row.status) == ("Kim Doe of Acme did not come to Kick-off: rebook", "open")
    told_of = {"session": 1, "type": "Kick-off", "starts_at": "x", "host": "Chloe", "contact": "Kim Doe"}
    record(acme, "session.booked", **told_of)
    dispatch_waiting()
    row.refresh_from_db()
    assert row.status == "canceled"
