"""Readings in and health out, as a program sees it."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import Account
from health import tasks
from health.domain import recompute
from health.models import CustomReading, Invoice, Ticket, UsageEvent
from tests.health import factories as f

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
API = "/api/v1/accounts/acme"


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def acme():
    return f.make_account(external_id="acme", name="Acme", seats=1, started_on=NOW.date() - timedelta(days=400))


# Tickets and invoices -------------------------------------------------------------------------------


def test_a_ticket_comes_and_changes(ingester, acme):
    body = {"subject": "No sync", "theme": "integration", "severity": "high", "opened_at": "2026-03-09T08:00:00Z"}
    created = ingester.put(f"{API}/tickets/T-1", body)
    row = {"external_id": "T-1", "strategic": False, "status": "open", "closed_at": None, **body}
    assert (created.status_code, created.json()) == (201, {**row, "result": "created"})
    assert ingester.put(f"{API}/tickets/T-1", body).json()["result"] == "unchanged"
    closed = ingester.put(f"{API}/tickets/T-1", {"status": "closed"})
    row |= {"status": "closed", "closed_at": "2026-03-10T09:00:00Z"}
    assert (closed.status_code, closed.json()) == (200, {**row, "result": "updated"})
    assert ingester.get(f"{API}/tickets/T-1").json() == row
    assert ingester.put(f"{API}/tickets/T-1", {"status": "open"}).json()["closed_at"] is None


def test_an_invoice_comes_and_is_paid(ingester, acme):
    created = ingester.put(f"{API}/invoices/I-1", {"amount": "120.50", "due_on": "2026-03-20"})
    row = {
        "external_id": "I-1",
        "amount": "120.5000",
        "currency": "USD",
        "status": "open",
        "issued_on": "2026-03-10",
        "due_on": "2026-03-20",
        "paid_on": None,
    }
    assert (created.status_code, created.json()) == (201, {**row, "result": "created"})
    paid = ingester.put(f"{API}/invoices/I-1", {"paid_on": "2026-03-09"})
    assert paid.json() == {**row, "status": "paid", "paid_on": "2026-03-09", "result": "updated"}
    assert ingester.put(f"{API}/invoices/I-1", {"status": "void"}).json()["paid_on"] is None
    assert ingester.get(f"{API}/invoices/I-1").json()["status"] == "void"


@pytest.mark.parametrize(
    ("address", "body", "field"),
    [
        ("tickets/T-1", {"severity": "awful"}, "severity"),
        ("tickets/T-1", {"opened_at": "yesterday"}, "opened_at"),
        ("tickets/T-1", {"opened_at": "2026-03-10T09:06:00Z"}, "opened_at"),
        ("tickets/T-1", {"opened_at": "2026-03-10T08:00:00Z", "closed_at": "2026-03-09T08:00:00Z"}, "closed_at"),
        ("tickets/T-1", {"subject": "x" * 401}, "subject"),
        ("tickets/T-1", {"strategic": 1}, "strategic"),
        ("tickets/T-1", {"sevreity": "low"}, "sevreity"),
        ("tickets/" + "x" * 201, {}, "external_id"),
        ("invoices/I-1", {"due_on": "2026-03-20"}, "amount"),
        ("invoices/I-1", {"amount": 5}, "due_on"),
        ("invoices/I-1", {"amount": "NaN", "due_on": "2026-03-20"}, "amount"),
        ("invoices/I-1", {"amount": 5, "due_on": "2026-02-30"}, "due_on"),
        ("invoices/I-1", {"amount": 5, "due_on": "2026-03-20", "issued_on": "2026-03-21"}, "due_on"),
        ("invoices/I-1", {"amount": 5, "due_on": "2026-03-20", "currency": "euro"}, "currency"),
        ("invoices/I-1", {"amount": 5, "due_on": "2026-03-20", "paid_on": "2026-03-20"}, "paid_on"),
    ],
)
def test_bad_parts_are_refused_by_field(ingester, acme, address, body, field):
    response = ingester.put(f"{API}/{address}", body)
    assert (response.status_code, list(response.json()["errors"])) == (422, [field])
    assert not Ticket.objects.exists()
    assert not Invoice.objects.exists()


@pytest.mark.parametrize("part", ["tickets/T-1", "invoices/I-1", "health", "health/moves"])
def test_strangers_ids_and_scopes(part, ingester, program, acme, client):
    assert ingester.get(f"/api/v1/accounts/nobody/{part}").status_code == 404
    assert client.get(f"{API}/{part}").status_code == 401
    if part[0] != "h":
        assert ingester.get(f"{API}/{part}").status_code == 404
        assert program("read").put(f"{API}/{part}", {}).status_code == 403


# Usage ------------------------------------------------------------------------------------------------


def event(n: int, **changes) -> dict:
    return {"event_id": f"e{n}", "account": "acme", "action": "a", "occurred_at": "2026-03-10T08:00:00Z"} | changes


def test_usage_comes_in_and_the_score_moves(ingester, acme, queue):
    f.set_target(10)
    body = {"events": [event(1, count=5), event(2, account="nobody"), event(1, count=5)]}
    response = ingester.post("/api/v1/usage", body)
    rejected = [{"index": 1, "errors": {"account": ["There is no account nobody."]}}]
    assert (response.status_code, response.json()) == (200, {"accepted": 1, "duplicates": 1, "rejected": rejected})
    queue.commit()
    assert queue.published("health.tasks.score_marked")
    queue.drain()
    assert ingester.get(API).json()["score"] == "50.000"


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b"{", "application/json", 400, "parse_error"),
        (b"", "application/json", 400, "parse_error"),
        (b'{"events": {}}', "application/json", 422, "invalid"),
        (b"event_id,account\n", "text/csv", 415, "unsupported_media_type"),
        (json.dumps({"events": [event(n) for n in range(5001)]}).encode(), "application/json", 413, "too_many"),
        (b" " * (10 * 1024 * 1024 + 1), "application/json", 413, "too_large"),
    ],
)
def test_usage_that_is_none(ingester, acme, body, kind, status, code):
    response = ingester.post("/api/v1/usage", body, content_type=kind)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert not UsageEvent.objects.exists()


def test_usage_sent_again_with_its_key_answers_the_same(ingester, acme):
    first = ingester.post("/api/v1/usage", {"events": [event(1)]}, HTTP_IDEMPOTENCY_KEY="k")
    again = ingester.post("/api/v1/usage", {"events": [event(1)]}, HTTP_IDEMPOTENCY_KEY="k")
    assert first.json() == again.json() == {"accepted": 1, "duplicates": 0, "rejected": []}
    assert ingester.post("/api/v1/usage", {"events": [event(2)]}, HTTP_IDEMPOTENCY_KEY="k").status_code == 409
    assert ingester.post("/api/v1/usage", {"events": []}).json() == {"accepted": 0, "duplicates": 0, "rejected": []}


def test_usage_needs_its_scope(reader, client, acme):
    assert reader.post("/api/v1/usage", {"events": []}).status_code == 403
    assert client.post("/api/v1/usage", {"events": []}, content_type="application/json").status_code == 401


def test_readings_are_stored_or_named_by_their_place(ingester, acme):
    good = {"account": "acme", "key": "fit", "value": 61.5, "at": "2026-03-09T08:00:00Z"}
    bad = [
        {**good, "account": "nobody"},
        {**good, "value": 101},
        {**good, "value": -1},
        {**good, "value": "many"},
        {**good, "key": "Not a key"},
        {**good, "at": "2027-01-01T00:00:00Z"},
        {"account": "acme"},
        "text",
    ]
    response = ingester.post("/api/v1/readings", {"readings": [good, *bad, good]})
    body = response.json()
    assert (response.status_code, body["accepted"], body["duplicates"]) == (200, 1, 1)
    places = [(r["index"], *r["errors"]) for r in body["rejected"]]
    assert places == [
        (1, "account"), (2, "value"), (3, "value"), (4, "value"), (5, "key"), (6, "at"), (7, "key", "value"), (8, "non_field_errors"),
    ]  # fmt: skip
    assert list(CustomReading.objects.values_list("key", "value")) == [("fit", 61.5)]


@pytest.mark.parametrize(("body", "status"), [({}, 422), ([], 422), ({"readings": [{}] * 1001}, 413)])
def test_readings_that_are_none(ingester, body, status):
    assert ingester.post("/api/v1/readings", body).status_code == status


# Health -----------------------------------------------------------------------------------------------


def test_health_tells_score_band_and_why(reader, acme):
    f.all_received()
    f.set_target(10)
    for _ in range(3):
        f.ticket(acme, on=NOW.date() - timedelta(days=2))
    f.use(acme, 15, on=NOW.date())
    recompute.score_accounts([acme.pk])
    body = reader.get(f"{API}/health").json()
    parts = body.pop("indicators")
    assert body == {
        "account": "acme",
        "day": "2026-03-10",
        "score": "105.556",
        "band": "yellow",
        "capped_by": "support",
        "known_weight": 90,
        "low": "95.0",
        "high": "105.0",
        "trend": None,
        "model": "Default model",
        "version": 1,
    }
    assert [
        (p["key"], p["weight"], p["value"], p["contribution"], p["reading"], p["freshness"], p["as_of"]) for p in parts
    ] == [
        ("usage", 40, "150.000", "66.7", "15 points", "fresh", "2026-03-10"),
        ("nps", 10, None, None, "", "missing", None),
        ("support", 20, "25.000", "5.6", "3 tickets", "fresh", "2026-03-08"),
        ("billing", 30, "100.000", "33.3", "0 days overdue", "fresh", "2026-03-10"),
    ]


def test_any_past_day_can_be_asked_for_and_what_moved_it(reader, acme):
    f.all_received()
    f.set_target(10)
    f.use(acme, 10, on=NOW.date() - timedelta(days=30))
    recompute.backfill([NOW.date() - timedelta(days=28)])
    f.answer(acme, 9, on=NOW.date())
    recompute.score_accounts([acme.pk])
    assert reader.get(f"{API}/health?on=2026-02-10").json()["score"] == "100.000"
    assert reader.get(f"{API}/health?on=2026-02-11").status_code == 404
    assert reader.get(f"{API}/health").json()["trend"] == "-41.000"
    moves = reader.get(f"{API}/health/moves").json()
    assert moves["effects"] == [
        {"key": "usage", "label": "Usage", "points": "-44.4", "detail": "100 → 0"},
        {"key": "missing", "label": "Missing or stale", "points": "3.4", "detail": "new: NPS"},
    ]
    assert (moves["before"], moves["after"], moves["change"]) == ("100.0", "59.0", "-41.0")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("health?on=someday", 422),
        ("health?no=2026-02-10", 422),
        ("health?on=0001-01-01", 404),
        ("health/moves?from=2026-03-10&to=2026-03-10", 422),
        ("health/moves?from=x", 422),
        ("health/moves?to=0001-01-01", 422),
        ("health/moves?from=2025-01-01", 404),
    ],
)
def test_bad_days(reader, acme, query, status):
    recompute.score_accounts([acme.pk])
    assert reader.get(f"{API}/{query}").status_code == status


def test_without_a_score_there_is_nothing_to_tell(reader, acme):
    body = reader.get(f"{API}/health").json()
    assert (body["score"], body["band"], body["indicators"]) == (None, "unknown", [])
    Account.objects.update(stage="churned")
    assert reader.get(f"{API}/health").json()["band"] is None
    assert tasks.score_marked() == 0
