"""Checklists: they begin, steps are done, left out and opened again, and the account moves on with them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from model_bakery import baker

from accounts.domain.wording import sentence_of
from accounts.exceptions import Conflict, DomainError, Forbidden
from onboarding.domain import checklists
from onboarding.domain.checklists import cancel, not_applicable, refresh, reopen, skip, tick
from onboarding.models import Checklist, ChecklistStep, ChecklistTemplate, TemplateVersion
from tests.onboarding.checklists import (
    NOW,
    begun,
    kim,
    make_account,
    make_csm,
    make_version,
    only_version,
    states,
    step,
    told,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOW, tick=False)


def dues(checklist: Checklist) -> dict[str, date]:
    rows = ChecklistStep.objects.filter(checklist=checklist).order_by("step__position")
    return dict(rows.values_list("step__key", "due_on"))


# Beginning --------------------------------------------------------------------------------------------


def test_a_checklist_begins_with_what_waits_for_nothing():
    acme = make_account()
    checklist = begun(acme)
    assert states(checklist) == {"kickoff": "open", "import": "blocked", "invite": "open", "report": "blocked"}
    # O1 and O2: five days after the start; the report after the import's turn, five business days at the earliest.
    assert dues(checklist) == {
        "kickoff": date(2026, 6, 3), "import": date(2026, 6, 6), "invite": date(2026, 6, 8), "report": date(2026, 6, 8),
    }  # fmt: skip
    checklist.refresh_from_db()
    assert (checklist.anchor, checklist.required_steps, checklist.required_done) == (date(2026, 6, 1), 3, 0)
    assert (checklist.engagement, checklist.next_due_on) == (Decimal("0.00"), date(2026, 6, 3))
    assert told(acme) == ["started"]


def test_business_days_leave_out_the_holidays_of_the_country(time_machine):
    time_machine.move_to(datetime(2026, 4, 29, 8, tzinfo=UTC))
    steps = [{"key": "a", "texts": {}, "offset": 2, "offset_unit": "business"}]
    version = make_version(steps)
    french = begun(make_account(country="France"), version)
    other = begun(make_account(external_id="b", country=""), version)
    assert (dues(french), dues(other)) == ({"a": date(2026, 5, 4)}, {"a": date(2026, 5, 1)})


def test_one_at_a_time_for_an_account():
    acme = make_account()
    begun(acme)
    with pytest.raises(Conflict, match="running already"):
        begun(acme)
    assert Checklist.objects.count() == 1


def test_what_cannot_begin_says_why():
    ChecklistTemplate.objects.update(retired_at=NOW)
    with pytest.raises(DomainError, match="No checklist template fits"):
        checklists.start(make_account(), by=None)
    with pytest.raises(Conflict, match="has left"):
        begun(make_account(external_id="b", stage="churned"))
    draft = baker.make(TemplateVersion, template=ChecklistTemplate.objects.get(key="start"), number=2, status="draft")
    with pytest.raises(DomainError, match="published version"):
        begun(make_account(external_id="c"), draft)


def test_new_accounts_get_theirs_by_themselves_and_others_do_not():
    only_version()
    trial, new = make_account(stage="trial"), make_account(external_id="b")
    active = make_account(external_id="c", stage="active")
    had = begun(make_account(external_id="d"))
    cancel(had, "Second thoughts", by=None)
    ids = [trial.pk, new.pk, active.pk, had.account_id]
    assert checklists.start_new(ids) == 2
    assert checklists.start_new(ids) == 0
    running = Checklist.objects.filter(status="running").order_by("pk")
    assert [one.account_id for one in running] == [trial.pk, new.pk]


def test_thousands_begin_with_as_many_queries_as_one(django_assert_max_num_queries):
    only_version()
    accounts = [make_account(external_id=f"x{n}") for n in range(12)]
    with django_assert_max_num_queries(40):
        assert checklists.start_new([account.pk for account in accounts]) == 12


# Steps ------------------------------------------------------------------------------------------------


def test_a_step_done_opens_what_waited_for_it_once():
    acme, chloe = make_account(), make_csm()
    checklist = begun(acme)
    tick(step(checklist, "kickoff"), by=chloe, note="All there")
    assert states(checklist) == {"kickoff": "done", "import": "open", "invite": "open", "report": "blocked"}
    done = step(checklist, "kickoff")
    assert (done.closed_at, done.closed_by, done.note) == (NOW, chloe, "All there")
    tick(step(checklist, "kickoff"), by=chloe)  # twice is once
    opened = step(checklist, "import").opened_at
    reopen(step(checklist, "kickoff"), by=chloe)
    tick(step(checklist, "kickoff"), by=chloe)
    assert (states(checklist)["import"], step(checklist, "import").opened_at) == ("open", opened)
    assert told(acme) == ["started", "step_done kickoff", "step_reopened kickoff", "step_done kickoff"]
    activity = acme.activities.filter(kind="checklist.step_done").earliest("pk")
    assert (activity.actor, activity.data) == (
        chloe,
        {"checklist": checklist.pk, "template": "Start", "step": "Kick-off", "key": "kickoff", "owner": "csm",
         "by_itself": "no", "engagement": "20.00", "note": "All there"},
    )  # fmt: skip
    assert sentence_of(activity.kind, activity.data | {"engagement": "57.14"}) == "Step done: Kick-off, engagement 57"


def test_a_step_that_comes_late_moves_what_follows(time_machine):
    checklist = begun()
    time_machine.move_to(NOW + timedelta(days=10), tick=False)  # a Thursday
    tick(step(checklist, "kickoff"), by=None)
    assert dues(checklist)["import"] == date(2026, 6, 12)
    assert dues(checklist)["report"] == date(2026, 6, 15)


def test_skipped_steps_unblock_and_count_as_not_done_others_do_not_count_at_all():
    checklist = begun()
    skip(step(checklist, "kickoff"), by=None, note="They know it")
    not_applicable(step(checklist, "import"), by=None)
    checklist.refresh_from_db()
    assert states(checklist) == {"kickoff": "skipped", "import": "na", "invite": "open", "report": "open"}
    assert (checklist.required_steps, checklist.required_done, checklist.engagement) == (2, 0, Decimal("0.00"))
    tick(step(checklist, "report"), by=None)
    checklist.refresh_from_db()
    # Weight 1 of 3: the kick-off was not done, the import does not count.
    assert (checklist.required_done, checklist.engagement, checklist.status) == (1, Decimal("33.33"), "finished")


def test_customers_tick_their_own_steps_and_no_others():
    acme = make_account()
    checklist, contact = begun(acme), kim(acme)
    with pytest.raises(Forbidden, match="ours to do"):
        tick(step(checklist, "kickoff"), contact=contact)
    with pytest.raises(Conflict, match="waits for another"):
        tick(step(checklist, "report"), contact=contact)
    tick(step(checklist, "invite"), contact=contact)
    row = step(checklist, "invite")
    assert (row.state, row.closed_by, row.closed_by_contact) == ("done", None, contact)
    assert acme.activities.latest("pk").actor_label == "Customer: Kim Doe"


def test_closed_steps_are_opened_before_they_are_closed_another_way():
    checklist = begun()
    skip(step(checklist, "kickoff"), by=None)
    with pytest.raises(Conflict, match="closed already"):
        tick(step(checklist, "kickoff"), by=None)
    with pytest.raises(DomainError, match="at most 400"):
        skip(step(checklist, "invite"), by=None, note="x" * 401)


# The aha, and the end ---------------------------------------------------------------------------------


def finish(checklist: Checklist, *, by=None) -> None:
    for key in ("kickoff", "import", "report"):
        tick(step(checklist, key), by=by)


def test_the_aha_is_told_with_the_time_it_took(time_machine):
    acme = make_account()
    checklist = begun(acme)
    time_machine.move_to(NOW + timedelta(hours=30, minutes=59), tick=False)
    finish(checklist)
    activity = acme.activities.get(kind="checklist.activated")
    assert (activity.data["step"], activity.data["hours"]) == ("First report", 30)
    checklist.refresh_from_db()
    assert checklist.activated_at == NOW + timedelta(hours=30, minutes=59)
    reopen(step(checklist, "report"), by=None)
    checklist.refresh_from_db()
    assert checklist.activated_at is None


def test_who_is_through_is_active_and_tagged(time_machine):
    acme = make_account(custom={"crm": "1"})
    checklist = begun(acme)
    time_machine.move_to(NOW + timedelta(days=3), tick=False)
    finish(checklist)
    checklist.refresh_from_db()
    acme.refresh_from_db()
    assert (checklist.status, checklist.finished_at, checklist.attention_at) == (
        "finished",
        NOW + timedelta(days=3),
        None,
    )
    assert (acme.stage, acme.custom) == ("active", {"crm": "1", "onboarding": "finished"})
    assert acme.activities.get(kind="checklist.finished").data["days"] == 3
    changed = acme.activities.get(kind="account.stage_changed")
    assert changed.data == {"before": "onboarding", "after": "active"}
    with pytest.raises(Conflict, match="finished"):
        tick(step(checklist, "invite"), by=None)


def test_a_trial_stays_one():
    trial = make_account(stage="trial")
    finish(begun(trial))
    trial.refresh_from_db()
    assert trial.stage == "trial"


def test_a_tick_by_mistake_can_be_taken_back_at_the_end_as_well():
    acme = make_account()
    checklist = begun(acme)
    finish(checklist)
    reopen(step(checklist, "report"), by=None)
    checklist.refresh_from_db()
    assert (checklist.status, checklist.finished_at) == ("running", None)
    finish(checklist)
    another = begun(acme)
    with pytest.raises(Conflict, match="Another onboarding"):
        reopen(step(checklist, "report"), by=None)
    assert another.status == "running"


def test_given_up_with_a_reason():
    acme, chloe = make_account(), make_csm()
    checklist = begun(acme)
    with pytest.raises(DomainError, match="Say why"):
        cancel(checklist, "  ", by=chloe)
    cancel(checklist, "They start next year", by=chloe)
    cancel(checklist, "Again", by=chloe)
    checklist.refresh_from_db()
    assert (checklist.status, checklist.attention_at) == ("canceled", None)
    assert acme.activities.get(kind="checklist.canceled").data["reason"] == "They start next year"
    with pytest.raises(Conflict, match="canceled"):
        tick(step(checklist, "kickoff"), by=chloe)
    done = begun(make_account(external_id="b"))
    finish(done)
    with pytest.raises(Conflict, match="finished"):
        cancel(done, "Late", by=chloe)


def test_working_it_out_again_changes_and_tells_nothing():
    acme = make_account()
    checklist = begun(acme)
    before = (states(checklist), dues(checklist), Checklist.objects.values().get())
    assert refresh([checklist.pk, checklist.pk + 1]) == 1
    assert (states(checklist), dues(checklist), Checklist.objects.values().get()) == before
    assert told(acme) == ["started"]
