"""Getting started, from the program that reports a new customer to the CSM who hears that they are through, and what
happens to one who gets stuck on the way."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from accounts.models import Account, FollowUp, Mail
from config.celery import app
from onboarding.models import Checklist
from tests.onboarding.checklists import only_version, states, step

pytestmark = pytest.mark.django_db
START = datetime(2026, 6, 1, 8, tzinfo=UTC)  # a Monday
API = "/api/v1/accounts/acme"


@pytest.fixture
def acme(writer, chloe, queue, time_machine) -> Account:
    time_machine.move_to(START, tick=False)
    only_version()
    writer.put(API, {"name": "Acme", "csm": chloe.email, "stage": "onboarding", "currency": "USD"})
    writer.put(f"{API}/contacts/kim@acme.example", {"name": "Kim Doe", "language": "en", "champion": True})
    queue.drain()
    return Account.objects.get(external_id="acme")


def used(writer, action: str, at: datetime, **more) -> None:
    one = {"event_id": f"{action} {at:%d %H}", "account": "acme", "action": action, "occurred_at": at.isoformat()}
    assert writer.post("/api/v1/usage", {"events": [one | more]}).json()["accepted"] == 1


def test_from_the_first_mail_to_being_through(acme, writer, queue, signed_in, chloe, time_machine):
    checklist = Checklist.objects.get(account=acme)
    welcome = Mail.objects.get(kind="checklist.welcome")
    assert (welcome.to, welcome.status) == ("kim@acme.example", "sent")
    page = re.search(r"/c/\S+/checklist/", welcome.text).group()  # type: ignore[union-attr]

    # Kim looks, and invites a colleague; Chloe holds the kick-off.
    kim = Client()
    assert "Invite" in kim.get(page).content.decode()
    kim.post(f"{page}invite/", {"emails": "lea@acme.example"})
    signed_in(chloe).post(f"/accounts/{acme.pk}/checklist/{step(checklist, 'kickoff').pk}/", {"do": "tick"})
    queue.drain()
    assert Mail.objects.get(kind="colleague.invited").to == "lea@acme.example"

    # They work with it, and the checklist ticks itself.
    time_machine.move_to(START + timedelta(days=2), tick=False)
    used(writer, "file_imported", START + timedelta(days=1))
    kim.post(f"{page}{step(checklist, 'invite').pk}/done/")
    used(writer, "report_run", START + timedelta(days=1, hours=6))
    queue.drain()

    acme.refresh_from_db()
    checklist.refresh_from_db()
    assert set(states(checklist).values()) == {"done"}
    assert (checklist.status, acme.stage, acme.custom["onboarding"]) == ("finished", "active", "finished")
    assert acme.activities.get(kind="checklist.activated").data["hours"] == 30
    row = FollowUp.objects.get(account=acme, status="open", playbook__key="onboarding_finished")
    assert (row.assignee, row.title) == (chloe, "Acme is onboarded: agree on what comes next")
    assert "You are all set" in kim.get(page).content.decode()
    health = writer.get(f"{API}/health").json()
    told = {one["key"]: one["value"] for one in health["indicators"] if one["key"] in {"onboarding", "ttv"}}
    assert told.get("onboarding", 100) == 100


def test_who_gets_stuck_is_called_and_moves_on(acme, queue, chloe, signed_in, time_machine):
    checklist = Checklist.objects.get(account=acme)
    time_machine.move_to(START + timedelta(days=3), tick=False)
    app.send_task("onboarding.tasks.sweep_checklists")
    queue.drain()
    behind = FollowUp.objects.get(account=acme, playbook__key="onboarding_behind")
    assert (behind.assignee, behind.title) == (chloe, "Acme is behind: Kick-off")

    time_machine.move_to(START + timedelta(days=14), tick=False)
    app.send_task("onboarding.tasks.sweep_checklists")
    queue.drain()
    stuck = FollowUp.objects.get(account=acme, playbook__key="onboarding_stuck")
    assert (stuck.status, stuck.title) == ("open", "Acme is stuck at “Kick-off”")

    # Chloe does it with them: both are off her list, by themselves.
    signed_in(chloe).post(f"/accounts/{acme.pk}/checklist/{step(checklist, 'kickoff').pk}/", {"do": "tick"})
    queue.drain()
    behind.refresh_from_db()
    stuck.refresh_from_db()
    assert (behind.status, stuck.status) == ("canceled", "canceled")
