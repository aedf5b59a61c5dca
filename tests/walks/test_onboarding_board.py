"""A CSM's onboarding: the customer books → stands on the day's list → comes, is written up → a follow-up; the clock
moves their checklist to "stuck" on the board; the reports count all of it."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import Account, FollowUp
from config.celery import app
from onboarding.domain.booking import Visitor, book
from onboarding.models import Checklist, Session
from tests.onboarding.checklists import begun, kim, make_account, make_version, titled
from tests.onboarding.factories import make_type
from tests.onboarding.test_session_pages import free_all_day

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 6, 1, 8, tzinfo=UTC)
STEPS = [
    {"key": "import", "texts": titled("Import"), "offset": 3},
    {"key": "report", "texts": titled("First report"), "offset": 6, "after": ["import"], "activation": True},
]


@pytest.fixture
def acme(chloe, queue, time_machine) -> Account:
    time_machine.move_to(MONDAY, tick=False)
    account = make_account(csm=chloe, name="Acme")
    begun(account, make_version(STEPS))
    free_all_day(chloe)
    queue.drain()
    return account


def test_from_a_booking_to_the_reports(acme, chloe, marc, queue, signed_in, time_machine):
    browser = signed_in(chloe)
    kind = make_type(slug="kickoff", minutes=30, every=30)
    book(kind, MONDAY + timedelta(hours=2), Visitor.of(kim(acme)))

    # It stands on the day's list; after it, somebody has to say whether they came.
    assert "Acme" in browser.get("/onboarding/sessions/").content.decode()
    time_machine.move_to(MONDAY + timedelta(hours=4), tick=False)
    assert "1 session is not marked yet" in browser.get("/onboarding/").content.decode()

    # They came; what was hard is noted, and the next step is somebody's work.
    session = Session.objects.get()
    seat = session.attendees.get()
    browser.post(f"/onboarding/sessions/{session.pk}/seats/{seat.pk}/", {"came": "yes"})
    browser.post(
        f"/onboarding/sessions/{session.pk}/notes/",
        {"notes": "They wait for IT.", "more": "Permissions", "next_step": "Ask their IT", "follow_up": "on",
         "assignee": chloe.pk, "due_at": "2026-06-03T09:00"},
    )  # fmt: skip
    queue.drain()
    assert FollowUp.objects.get(kind="manual").title == "Ask their IT"

    # Nothing moves for three weeks: the clock says so, and the board shows the step it stands at.
    time_machine.move_to(MONDAY + timedelta(days=21), tick=False)
    app.send_task("onboarding.tasks.sweep_checklists")
    queue.drain()
    assert Checklist.objects.get().stuck_since is not None
    lanes = {column.key: column for column in browser.get("/onboarding/").context["columns"]}
    assert [(row.c.account, row.card.at.title) for row in lanes["stuck"].rows] == [(acme, "Import")]

    # The manager sees it in the reports, and who is behind the figure.
    told = signed_in(marc).get("/onboarding/reports/").context
    assert (told["totals"].started, told["totals"].stuck, told["attendance"].attended) == (1, 1, 1)
    assert told["stuck_at"].title == "Import"
    assert "permissions" in str(told["friction"])
    behind = signed_in(marc).get(told["tiles"][1].url).context["rows"]
    assert [row.c.account for row in behind] == [acme]
