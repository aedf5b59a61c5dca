"""Usage drops → red → a follow-up → done: from the program that sends readings to the CSM who answers."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import Account, FollowUp
from config.celery import app
from tests.health import factories as f

pytestmark = pytest.mark.django_db
START = datetime(2026, 3, 2, 8, tzinfo=UTC)
API = "/api/v1/accounts/acme"


@pytest.fixture
def acme(writer, chloe, queue, time_machine):
    """Three seats that used the product every day for four weeks, and once had a question."""
    time_machine.move_to(START, tick=False)
    f.set_target(10)
    f.action("export", 1)
    writer.put(API, {"name": "Acme", "csm": chloe.email, "currency": "USD"})
    writer.put(
        f"{API}/subscriptions/S-1",
        {"status": "active", "currency": "USD", "unit_amount": "100", "quantity": 3, "interval": "month",
         "started_on": "2025-01-01"},
    )  # fmt: skip
    writer.put(f"{API}/tickets/T-1", {"subject": "How?", "opened_at": "2026-02-10T08:00:00Z", "status": "closed"})
    events = [
        {"event_id": f"e{n}", "account": "acme", "action": "export", "count": 1,
         "occurred_at": (START - timedelta(days=n)).isoformat()}
        for n in range(28)
    ]  # fmt: skip
    answer = writer.post("/api/v1/usage", {"events": events})
    assert answer.json()["accepted"] == 28
    queue.drain()
    return Account.objects.get(external_id="acme")


def test_usage_drop_to_follow_up_to_done(acme, queue, chloe, signed_in, time_machine):
    assert acme.band == "green"
    assert acme.mrr == 300

    # Four weeks without any usage; the nightly run sees it.
    time_machine.move_to(START + timedelta(days=40), tick=False)
    app.send_task("health.tasks.recompute_all")
    queue.drain()

    acme.refresh_from_db()
    assert acme.band == "red"
    row = FollowUp.objects.get(account=acme, kind="red")
    assert (row.assignee, row.status, row.expected_loss, row.due_at - row.opened_at) == (
        chloe,
        "open",
        1440,  # $ 300 × 12 × 40 %
        timedelta(hours=24),
    )
    assert row.activity.kind == "health.band_changed"

    # Chloe finds it on her list, with its reason and its place explained, and does it.
    browser = signed_in(chloe)
    page = browser.get("/").content.decode()
    assert row.title in page
    assert "$3,600 a year × 40% (Red) × due tomorrow" in page
    browser.post(f"/follow-ups/{row.pk}/done/", {"outcome": "helped", "note": "New champion"})

    row.refresh_from_db()
    assert (row.status, row.outcome, row.closed_by, row.outcome_note) == ("done", "helped", chloe, "New champion")
    assert f"/follow-ups/{row.pk}/" not in browser.get("/").content.decode()
    kinds = list(acme.activities.order_by("id").values_list("kind", flat=True))
    assert [kind for kind in kinds if kind in {"health.band_changed", "followup.done"}][-2:] == [
        "health.band_changed",
        "followup.done",
    ]
    assert acme.activities.get(kind="followup.done").cause == row.activity


def test_red_again_within_the_cool_down_opens_nothing(acme, queue, chloe, time_machine):
    time_machine.move_to(START + timedelta(days=40), tick=False)
    app.send_task("health.tasks.recompute_all")
    queue.drain()
    app.send_task("health.tasks.recompute_all")
    queue.drain()

    assert FollowUp.objects.filter(account=acme, kind="red").count() == 1
