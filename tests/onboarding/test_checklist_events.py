"""Steps that tick themselves, from usage as it comes in: late, twice, in any order, and before the checklist began."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings, strategies as st
from hypothesis.extra.django import TestCase
from model_bakery import baker

from accounts.domain.imports.commanding import import_path
from accounts.models import Account
from health.domain.ingest import Event, ingest_usage
from onboarding.domain.checklists import reopen, sweep_checklists, tick, wanted
from onboarding.domain.templates.applying import apply_version
from onboarding.models import Checklist, ProductEvent
from tests.accounts.imports.files import text_of, written
from tests.onboarding.checklists import NOW, STEPS, begun, make_account, make_version, only_version, states, step, told
from tests.thorough import examples

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
DONE_AT = {"import": NOW + HOUR}


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOW + 10 * HOUR, tick=False)


def event(
    event_id: str, action: str = "file_imported", at: datetime = NOW + HOUR, user: str = "", account: str = "acme"
):
    return Event(event_id=event_id, account=account, action=action, occurred_at=at, user=user)


def test_an_event_ticks_its_step_at_the_moment_it_happened():
    acme = make_account()
    checklist = begun(acme)
    tick(step(checklist, "kickoff"), by=None)
    ingest_usage([event("e1"), event("e2", "login")])
    done = step(checklist, "import")
    assert (done.state, done.closed_at, done.closed_by) == ("done", NOW + HOUR, None)
    activity = acme.activities.filter(kind="checklist.step_done").latest("pk")
    assert (activity.data["by_itself"], activity.occurred_at, activity.actor_label) == ("yes", NOW + HOUR, "Tenure")
    assert states(checklist)["report"] == "open"


def test_what_waits_for_another_step_is_done_when_it_is_done():
    checklist = begun()
    ingest_usage([event("e1")])
    assert states(checklist) == {"kickoff": "open", "import": "done", "invite": "open", "report": "open"}


def test_distinct_people_are_counted_in_order_whatever_came_first():
    checklist = begun()
    late = event("e9", "colleague_added", NOW + 5 * HOUR, "b@x")
    ingest_usage([late])
    ingest_usage([event("e1", "colleague_added", NOW + HOUR, "a@x"), event("e2", "colleague_added", NOW + 2 * HOUR)])
    assert (step(checklist, "invite").state, step(checklist, "invite").closed_at) == ("done", NOW + 5 * HOUR)


def test_one_person_twice_and_nobody_at_all_are_not_two_people():
    checklist = begun()
    ingest_usage([event(f"e{n}", "colleague_added", user=who) for n, who in enumerate(["a@x", "a@x", "", ""])])
    assert step(checklist, "invite").state == "open"


def test_what_was_done_before_the_checklist_counts():
    acme = make_account()
    ingest_usage([event("e1", at=NOW - 24 * HOUR), event("r1", "report_run", NOW - HOUR)])
    assert ProductEvent.objects.count() == 0  # nobody waited for it
    checklist = begun(acme)
    assert states(checklist) == {"kickoff": "open", "import": "done", "invite": "open", "report": "done"}
    assert acme.activities.get(kind="checklist.activated").data["hours"] == 0
    assert told(acme)[:3] == ["started", "step_done import", "step_done report"]


def test_unless_the_step_says_that_it_does_not():
    acme = make_account()
    own = [{"key": "import", "texts": {}, "auto_action": "file_imported", "auto_since_start": True}]
    ingest_usage([event("e1", at=NOW)])
    checklist = begun(acme, make_version([*own, {"key": "rest", "texts": {}}]))
    assert states(checklist)["import"] == "open"
    ingest_usage([event("e2", at=NOW + 9 * HOUR)])  # told late: it was before as well
    assert states(checklist)["import"] == "open"
    ingest_usage([event("e3", at=NOW + 10 * HOUR)])
    assert states(checklist)["import"] == "done"


def test_opened_again_by_hand_it_stays_open_until_something_new_happens(time_machine):
    checklist = begun()
    ingest_usage([event("e1")])
    reopen(step(checklist, "import"), by=None)
    ingest_usage([event("e0", at=NOW)])  # late news of long ago
    ingest_usage([event("e1")])
    assert step(checklist, "import").state == "open"
    time_machine.move_to(NOW + 20 * HOUR, tick=False)
    ingest_usage([event("e2", at=NOW + 19 * HOUR)])
    assert (step(checklist, "import").state, step(checklist, "import").closed_at) == ("done", NOW + 19 * HOUR)


def test_what_happened_while_a_step_was_done_still_counts_to_its_threshold(time_machine):
    two = [{"key": "runs", "texts": {}, "auto_action": "report_run", "auto_count": 3}, {"key": "rest", "texts": {}}]
    checklist = begun(None, make_version(two))
    tick(step(checklist, "runs"), by=None)
    ingest_usage([event("e1", "report_run"), event("e2", "report_run")])  # nobody waits for these
    reopen(step(checklist, "runs"), by=None)
    time_machine.move_to(NOW + 20 * HOUR, tick=False)
    ingest_usage([event("e3", "report_run", NOW + 15 * HOUR)])
    assert step(checklist, "runs").state == "done"


def test_others_are_not_touched_and_what_nobody_waits_for_is_not_kept():
    begun()
    other = make_account(external_id="other")
    ingest_usage([event("e1", account="other"), event("e2", "login")])
    assert (ProductEvent.objects.count(), Checklist.objects.filter(account=other).count()) == (0, 0)


def test_where_no_checklist_waits_usage_costs_one_small_question():
    baker.make(Account, external_id="acme")
    ingest_usage([event("warm")])
    with CaptureQueriesContext(connection) as queries:
        ingest_usage([event("e1")])
    asked = [q["sql"] for q in queries if "onboarding_" in q["sql"]]
    assert len(asked) == 1
    assert wanted() == set()
    begun(make_account(external_id="b"))
    assert wanted() == {"file_imported", "colleague_added", "report_run"}


def test_a_thousand_accounts_are_ticked_with_as_many_queries_as_one(django_assert_max_num_queries):
    version = make_version()
    for n in range(8):
        begun(make_account(external_id=f"x{n}"), version)
    with django_assert_max_num_queries(30):
        ingest_usage([event("e", account=f"x{n}") for n in range(8)])
    assert Checklist.objects.filter(required_done=1).count() == 8


def test_what_was_missed_is_found_the_next_day(time_machine):
    acme = make_account()
    checklist = begun(acme)
    with pytest.MonkeyPatch.context() as patch:  # a process that knew nothing of the checklist yet
        patch.setattr("health.domain.ingest.waited_for", lambda actions: set())
        ingest_usage([event("e1")])
    assert step(checklist, "import").state == "blocked"
    time_machine.move_to(NOW + timedelta(days=2), tick=False)
    sweep_checklists()
    assert (step(checklist, "import").state, step(checklist, "import").closed_at) == ("done", NOW + HOUR)


def test_a_step_that_a_new_version_brings_counts_what_was_done_before():
    checklist = begun()
    ingest_usage([event("e1", "file_shared")])
    apply_version(
        make_version([*STEPS, {"key": "share", "texts": {}, "auto_action": "file_shared"}]), [checklist.pk], by=None
    )
    assert states(checklist)["share"] == "open"
    sweep_checklists()
    assert (step(checklist, "share").state, step(checklist, "share").closed_at) == ("done", NOW + HOUR)


def test_a_file_ticks_steps_as_a_program_does_and_one_of_accounts_starts_checklists(tmp_path):
    only_version()
    book = text_of(["external_id", "name", "stage"], [["acme", "Acme", "onboarding"], ["old", "Old", "active"]])
    assert import_path("accounts", written(tmp_path, "book.csv", book))[0].created == 2
    checklist = Checklist.objects.get()
    header = ["usage_id", "account", "usage_date", "feature_name", "usage_count"]
    rows = [["u1", "acme", "2026-05-30", "file_imported", 1], ["u2", "acme", "2026-05-30", "report_run", 0]]
    usage = written(tmp_path, "usage.csv", text_of(header, rows))
    assert [import_path("usage", usage)[0].created for _again in range(2)] == [2, 0]
    # What was done no times was not done.
    assert states(checklist) == {"kickoff": "open", "import": "done", "invite": "open", "report": "open"}
    assert told(checklist.account) == ["started", "step_done import"]


class InAnyOrder(TestCase):
    """Whatever order a day's events arrive in, and however often: the same step at the same moment, told once."""

    @given(st.permutations([1, 2, 3, 4, 4, 5]), st.integers(1, 3))
    @settings(max_examples=examples(4), deadline=None, suppress_health_check=list(HealthCheck))
    def test_any_order(self, order: list[int], cut: int) -> None:
        acme = make_account()
        three = [{"key": "runs", "texts": {}, "auto_action": "report_run", "auto_count": 3}]
        checklist = begun(acme, make_version(three))
        events = [event(f"e{n}", "report_run", NOW + n * HOUR) for n in order]
        ingest_usage(events[:cut])
        ingest_usage(events[cut:])
        done = step(checklist, "runs")
        first_three = sorted(set(order[:cut]))[2:3] if len(set(order[:cut])) >= 3 else [3]
        assert (done.state, done.closed_at) == ("done", NOW + first_three[0] * HOUR)
        assert told(acme) == ["started", "step_done runs", "finished"]
