"""A program reports fewer seats → contraction → a call within 24 hours; the same message twice changes nothing."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import Account, Activity, Delivery, FollowUp

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
API = "/api/v1/accounts/acme"


def subscription(writer, seats):
    answer = writer.put(
        f"{API}/subscriptions/S-1",
        {"status": "active", "currency": "USD", "unit_amount": "10", "quantity": seats, "interval": "month",
         "started_on": "2025-01-01"},
    )  # fmt: skip
    assert answer.status_code in {200, 201}, answer.content


@pytest.fixture
def acme(writer, chloe, queue, time_machine):
    time_machine.move_to(NOW, tick=False)
    writer.put(API, {"name": "Acme", "csm": chloe.email})
    subscription(writer, 50)
    queue.drain()
    return Account.objects.get(external_id="acme")


def test_contraction_is_called_about_within_a_day(acme, writer, queue, chloe, signed_in, time_machine):
    time_machine.move_to(NOW + timedelta(hours=1), tick=False)
    subscription(writer, 30)
    queue.drain()

    row = FollowUp.objects.get(account=acme, kind="contraction")
    assert (row.assignee, row.promise, row.priority, row.due_at) == (chloe, True, 1, NOW + timedelta(hours=25))
    assert row.activity.data["dropped"] in row.title

    time_machine.move_to(NOW + timedelta(hours=30), tick=False)
    page = signed_in(chloe).get("/").content.decode()
    assert "Promise broken 5 hours ago" in page


def test_delivered_twice_there_is_one_follow_up(acme, writer, queue, time_machine):
    time_machine.move_to(NOW + timedelta(hours=1), tick=False)
    subscription(writer, 30)
    subscription(writer, 30)
    for message in queue.drain():
        queue.run(message)
    Activity.objects.update(dispatched_at=None)
    queue.app.send_task("accounts.tasks.sweep_activities")
    queue.drain()

    row = FollowUp.objects.get(account=acme, kind="contraction")
    assert (row.occurrences, Activity.objects.filter(kind="mrr.contracted").count()) == (1, 1)
    assert Delivery.objects.filter(activity=row.activity, subscriber=f"playbook:{row.playbook_id}").count() == 1


def test_with_the_broker_away_nothing_is_lost(acme, writer, queue, time_machine):
    time_machine.move_to(NOW + timedelta(hours=1), tick=False)
    with queue.away():
        subscription(writer, 30)
        queue.commit()
    assert not FollowUp.objects.filter(kind="contraction").exists()

    queue.app.send_task("accounts.tasks.sweep_activities")
    queue.drain()

    assert FollowUp.objects.get(kind="contraction").account == acme
