"""Time passes over checklists: late steps, nothing moving, mails about what is due."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.domain import rules
from accounts.domain.dispatch import dispatch_waiting
from accounts.models import FollowUp, Mail, OptOut
from onboarding.domain.checklists import skip, sweep_checklists, tick
from onboarding.models import Checklist
from tests.onboarding.checklists import NOW, begun, kim, make_account, make_csm, make_version, step, titled, told

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOW, tick=False)


def test_behind_from_the_first_instant_after_the_due_date_where_the_account_is(time_machine):
    acme = make_account(csm=make_csm())
    checklist = begun(acme)  # the kick-off is due on the 3rd, in Paris
    time_machine.move_to(datetime(2026, 6, 3, 21, 59, 59, tzinfo=UTC), tick=False)
    sweep_checklists()
    assert told(acme) == ["started"]
    time_machine.move_to(datetime(2026, 6, 3, 22, 0, tzinfo=UTC), tick=False)
    assert sweep_checklists() == 1
    assert sweep_checklists() == 0
    assert told(acme) == ["started", "behind kickoff"]
    assert acme.activities.latest("pk").data["due"] == "2026-06-03"
    checklist.refresh_from_db()
    assert checklist.behind_since == datetime(2026, 6, 3, 22, 0, tzinfo=UTC)


def test_told_of_one_late_step_at_a_time_and_the_follow_up_goes_with_it(time_machine):
    acme = make_account(csm=make_csm())
    pair = [{"key": key, "texts": titled(key.title()), "offset": offset} for key, offset in (("first", 2), ("then", 4))]
    checklist = begun(acme, make_version([*pair, {"key": "later", "texts": {}, "offset": 90}], key="pair"))
    time_machine.move_to(NOW + 9 * DAY, tick=False)
    sweep_checklists()
    dispatch_waiting()
    row = FollowUp.objects.get(status="open")
    assert (row.title, row.subject) == ("Acme is behind: First", "first")
    tick(step(checklist, "first"), by=None)
    assert told(acme)[2:] == ["step_done first", "caught_up first", "behind then"]
    dispatch_waiting()
    assert list(FollowUp.objects.filter(status="open").values_list("title", flat=True)) == ["Acme is behind: Then"]
    skip(step(checklist, "then"), by=None)
    checklist.refresh_from_db()
    assert (checklist.behind_since, checklist.behind_key) == (None, "")
    dispatch_waiting()
    assert FollowUp.objects.filter(status="open").count() == 0


def test_what_is_optional_makes_nobody_late(time_machine):
    acme = make_account()
    begun(
        acme,
        make_version(
            [{"key": "extra", "texts": {}, "required": False}, {"key": "rest", "texts": {}, "offset": 90}], key="o"
        ),
    )
    time_machine.move_to(NOW + 9 * DAY, tick=False)
    sweep_checklists()
    assert told(acme) == ["started"]


def test_stuck_after_a_fortnight_without_progress_and_moving_again(time_machine):
    acme = make_account(csm=make_csm())
    checklist = begun(acme)
    time_machine.move_to(NOW + 14 * DAY, tick=False)
    sweep_checklists()
    assert told(acme) == ["started", "behind kickoff", "stuck kickoff"]
    stuck = acme.activities.latest("pk")
    assert (stuck.data["days"], stuck.data["step"], stuck.data["owner"]) == (14, "Kick-off", "csm")
    dispatch_waiting()
    row = FollowUp.objects.get(playbook__key="onboarding_stuck")
    assert row.title == "Acme is stuck at “Kick-off”"
    sweep_checklists()
    tick(step(checklist, "kickoff"), by=None)
    assert "unstuck" in told(acme)
    dispatch_waiting()
    row.refresh_from_db()
    checklist.refresh_from_db()
    assert (row.status, checklist.stuck_since) == ("canceled", None)
    time_machine.move_to(NOW + 28 * DAY, tick=False)
    sweep_checklists()
    assert told(acme).count("stuck import") == 1


def test_an_admin_says_when_stuck_is(time_machine):
    acme = make_account()
    begun(acme)
    time_machine.move_to(NOW + timedelta(hours=50), tick=False)
    rules.change({"onboarding.stuck_days": 2})
    sweep_checklists()
    assert told(acme)[-1] == "stuck kickoff"
    rules.change({"onboarding.stuck_days": 30})
    sweep_checklists()
    assert told(acme)[-1] == "unstuck"


def test_finished_and_canceled_checklists_are_left_alone(time_machine):
    begun(make_account(), make_version([{"key": "a", "texts": {}}], key="a"))
    checklist = Checklist.objects.get()
    tick(step(checklist, "a"), by=None)
    time_machine.move_to(NOW + 60 * DAY, tick=False)
    assert sweep_checklists() == 0


def test_with_nothing_due_it_is_one_look():
    begun()
    with CaptureQueriesContext(connection) as queries:
        assert sweep_checklists() == 0
    assert len(queries) == 1


def test_many_are_swept_with_as_many_queries_as_one(time_machine, django_assert_max_num_queries):
    version = make_version()
    for n in range(8):
        begun(make_account(external_id=f"x{n}"), version)
    time_machine.move_to(NOW + 3 * DAY, tick=False)
    with django_assert_max_num_queries(30):
        assert sweep_checklists() == 8
    assert Checklist.objects.exclude(behind_since=None).count() == 8


# Mails ------------------------------------------------------------------------------------------------


def test_steps_due_soon_are_reminded_of_once_in_the_reader_s_language(time_machine):
    acme = make_account()
    kim(acme, language="fr")
    kim(acme, email="lea@acme.example", champion=False)
    begun(acme)
    assert [mail.kind for mail in Mail.objects.all()] == ["checklist.welcome"]
    time_machine.move_to(datetime(2026, 6, 6, 6, 59, tzinfo=UTC), tick=False)
    sweep_checklists()
    assert Mail.objects.count() == 1
    time_machine.move_to(datetime(2026, 6, 6, 7, 0, tzinfo=UTC), tick=False)  # nine in Paris, two days before
    sweep_checklists()
    mail = Mail.objects.latest("pk")
    assert (mail.kind, mail.to, mail.language) == ("checklist.reminder", "kim@acme.example", "fr")
    assert "Invite (fr)" in mail.subject
    time_machine.move_to(NOW + 6 * DAY, tick=False)
    sweep_checklists()
    assert Mail.objects.count() == 2


def test_who_wants_no_mail_gets_none(time_machine):
    acme = make_account()
    OptOut.objects.create(address=kim(acme).email)
    begun(acme)
    time_machine.move_to(NOW + 6 * DAY, tick=False)
    sweep_checklists()
    assert Mail.objects.count() == 0
