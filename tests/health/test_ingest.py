"""Usage coming in: each event once, the good of a bad batch kept, the totals always those of the events."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.db.models import Sum

from accounts.exceptions import DomainError
from health.domain.ingest import Event, Ingested, ingest_batch, ingest_usage, rebuild_days
from health.models import Action, FirstReading, ScoreMark, UsageDay, UsageEvent
from tests.health import factories as f

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def acme():
    return f.make_account(external_id="acme")


def event(n: int = 1, **changes) -> dict:
    values = {"event_id": f"e{n}", "account": "acme", "action": "export", "occurred_at": "2026-03-10T08:00:00Z"}
    return {k: v for k, v in (values | changes).items() if v is not ...}


def send(*events) -> Ingested:
    return ingest_batch(json.dumps({"events": list(events)}).encode())


def totals() -> list[tuple]:
    return list(UsageDay.objects.order_by("day", "action").values_list("day", "action__key", "count"))


def test_events_are_stored_with_their_daily_totals(acme):
    result = send(event(1, count=3, user="ann"), event(2), event(3, action="invite_user"))
    assert result == Ingested(accepted=3)
    assert totals() == [(date(2026, 3, 10), "export", 4), (date(2026, 3, 10), "invite_user", 1)]
    stored = UsageEvent.objects.get(event_id="e1")
    assert (stored.account, stored.count, stored.user, stored.occurred_at) == (acme, 3, "ann", NOW - timedelta(hours=1))
    assert list(Action.objects.order_by("key").values_list("key", "name", "impact")) == [
        ("export", "Export", 1),
        ("invite_user", "Invite user", 1),
    ]
    assert acme.pk in ScoreMark.objects.latest("pk").accounts


def test_the_same_event_twice_is_counted_once(acme):
    assert send(event(1, count=5), event(1, count=5)) == Ingested(accepted=1, duplicates=1)
    assert send(event(1, count=5), event(2)) == Ingested(accepted=1, duplicates=1)
    assert totals() == [(date(2026, 3, 10), "export", 6)]


@pytest.mark.parametrize("order", [(1, 2, 3, 4), (4, 3, 2, 1), (3, 1, 4, 2)])
def test_a_batch_that_came_before_in_part_counts_the_rest(acme, order):
    send(event(2, count=5), event(3, count=7))
    assert send(*(event(n, count=n) for n in order)) == Ingested(accepted=2, duplicates=2)
    assert totals() == [(date(2026, 3, 10), "export", 17)]
    refused = {"index": 1, "errors": {"account": ["There is no account other."]}}
    assert send(event(5), event(6, account="other"), event(1)) == Ingested(1, 1, [refused])
    assert send(event(5), event(6, account="other"), event(1)) == Ingested(0, 2, [refused])


@pytest.mark.parametrize("more", [{}, {"occurred_at": "2026-03-10 08:00:00+00"}])  # the quick way, and one by one
def test_what_else_an_event_carries_is_left_aside_and_a_misspelt_field_is_told(acme, more):
    assert send(event(1, plan="gold", seats=[3], **more)) == Ingested(accepted=1)
    needed = {"index": 1, "errors": {"account": ["This is needed."]}}
    assert send(event(2), event(3, account=..., acount="acme", **more)) == Ingested(1, 0, [needed])


def test_sources_may_repeat_their_ids_across_accounts(acme):
    f.make_account(external_id="other")
    assert send(event(1), event(1, account="other")).accepted == 2


def test_a_day_is_a_day_of_the_account():
    f.make_account(external_id="acme", time_zone="Pacific/Auckland")
    send(event(1, occurred_at="2026-03-09T10:59:59Z"), event(2, occurred_at="2026-03-09T11:00:00+00:00"))
    assert [day for day, *_ in totals()] == [date(2026, 3, 9), date(2026, 3, 10)]


@pytest.mark.parametrize(
    ("bad", "errors"),
    [
        (event(account="nobody"), {"account": ["There is no account nobody."]}),
        (event(account=""), {"account": ["This is needed."]}),
        (event(account=7), {"account": ["This must be text."]}),
        (event(event_id=...), {"event_id": ["This is needed."]}),
        (event(event_id="x" * 201), {"event_id": ["Longer than 200 characters."]}),
        (event(event_id="nul\0"), {"event_id": ["This has characters that cannot be stored."]}),
        (event(action="half \ud800"), {"action": ["This has characters that cannot be stored."]}),
        (event(count=0), {"count": ["A whole number from 1 to 1000000."]}),
        (event(count=-3), {"count": ["A whole number from 1 to 1000000."]}),
        (event(count=1.5), {"count": ["A whole number from 1 to 1000000."]}),
        (event(count="3"), {"count": ["A whole number from 1 to 1000000."]}),
        (event(count=10**30), {"count": ["A whole number from 1 to 1000000."]}),
        (event(count=True), {"count": ["A whole number from 1 to 1000000."]}),
        (event(occurred_at=...), {"occurred_at": ["This is needed."]}),
        (event(occurred_at=1773133200), {"occurred_at": ["A time as text: 2026-11-22T09:30:00Z."]}),
        (event(occurred_at="yesterday"), {"occurred_at": ["A time with its zone: 2026-11-22T09:30:00Z."]}),
        (event(occurred_at="2026-03-10T08:00:00"), {"occurred_at": ["A time with its zone: 2026-11-22T09:30:00Z."]}),
        (event(occurred_at="2026-02-30T08:00:00Z"), {"occurred_at": ["A time with its zone: 2026-11-22T09:30:00Z."]}),
        (event(occurred_at="0001-01-01T00:00:00+14:00"), {"occurred_at": ["This is more than 400 days ago."]}),
        (event(occurred_at="2026-03-10T09:05:01Z"), {"occurred_at": ["This time is in the future."]}),
        (event(occurred_at="2025-02-03T08:59:59Z"), {"occurred_at": ["This is more than 400 days ago."]}),
        (event(user=5), {"user": ["This must be text."]}),
        ("text", {"non_field_errors": ["An event is an object."]}),
        (None, {"non_field_errors": ["An event is an object."]}),
        ({}, {key: ["This is needed."] for key in ("event_id", "account", "action", "occurred_at")}),
    ],
)
def test_a_bad_event_is_named_by_its_place_and_the_rest_is_kept(acme, bad, errors):
    result = send(event(1), bad, event(3))
    assert result == Ingested(accepted=2, rejected=[{"index": 1, "errors": errors}])
    assert sorted(UsageEvent.objects.values_list("event_id", flat=True)) == ["e1", "e3"]


@pytest.mark.parametrize("at", ["2026-03-10T09:05:00Z", "2025-02-03T09:00:00Z"])
def test_the_limits_of_time_are_inside(acme, at):
    assert send(event(1, occurred_at=at)).accepted == 1


def test_history_may_be_older(acme):
    old = Event("e1", "acme", "export", NOW - timedelta(days=900))
    assert ingest_usage([old], history=True) == Ingested(accepted=1)
    assert FirstReading.objects.get(kind="usage").first_on == old.occurred_at.date()
    before_all = Event("e2", "acme", "export", datetime.min.replace(tzinfo=UTC))
    assert ingest_usage([before_all], history=True).rejected[0]["errors"] == {"occurred_at": ["This is before 1970."]}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b"[]", 422),
        (b"{}", 422),
        (b'{"events": 3}', 422),
        (b"[" * 100_000, 400),
    ],
)
def test_what_is_no_batch_is_refused(body, status):
    with pytest.raises(DomainError) as refused:
        ingest_batch(body)
    assert refused.value.status == status


def test_a_batch_has_a_size(acme):
    with pytest.raises(DomainError) as refused:
        send(*(event(n) for n in range(5001)))
    assert refused.value.status == 413
    assert send(*(event(n) for n in range(5000))).accepted == 5000
    assert UsageDay.objects.aggregate(n=Sum("count"))["n"] == 5000


def test_text_comes_back_as_it_went_in(acme):
    name = "\"quoted\", \\back\\slash {brace}, 'single', NULL, \n line, 😀 ünï"
    send(event(1, event_id=name, user="NULL"))
    assert UsageEvent.objects.values_list("event_id", "user").get() == (name, "NULL")


def test_totals_can_be_made_anew(acme):
    send(*(event(n, occurred_at=f"2026-03-0{n}T08:00:00Z", count=n) for n in range(1, 5)))
    before = totals()
    UsageDay.objects.update(count=99)
    rebuild_days([acme.pk])
    assert totals() == before


def test_a_batch_takes_the_same_queries_whatever_its_size(acme, django_assert_num_queries):
    send(event(0))
    with django_assert_num_queries(5):
        send(event(1))
    with django_assert_num_queries(5):
        send(*(event(n) for n in range(2, 500)))


def test_a_deleted_account_leaves_nothing_behind(acme):
    f.make_account(external_id="other")
    send(event(1), event(2, account="other"))
    with connection.cursor() as cursor:  # past Django's own cascade, as a batch could be that slipped in
        cursor.execute("DELETE FROM accounts_activity")
        cursor.execute("DELETE FROM accounts_account WHERE id = %s", [acme.pk])
    assert list(UsageEvent.objects.values_list("event_id", flat=True)) == ["e2"]
    assert UsageDay.objects.count() == 1
