"""Subscriptions for tests, with as few words as the test needs; and what must hold of them always."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import time_machine
from django.db import connection

from accounts.domain.subscriptions import upsert_subscription, upsert_subscriptions
from accounts.models import Account, Activity, Movement, Subscription
from tests.accounts.spine import make_account

__all__ = ["adds_up", "make_account", "moves", "on", "subscribe", "subscribe_each", "told"]

START = date(2026, 1, 1)


def subscribe(account: Account, external_id: str = "S-1", **fields: Any) -> Subscription:
    """100 dollars a month since New Year, if nothing else is said."""
    new = not Subscription.objects.filter(external_id=external_id).exists()
    defaults = {"currency": "USD", "unit_amount": 100, "started_on": START} if new else {}
    return upsert_subscription(account, external_id, by="test", **{**defaults, **fields})[0]


def subscribe_each(papers: dict[str, dict[str, Any]]) -> None:
    """Many new ones at once, by their external ids: each with its `account` and what else it says."""
    defaults = {"currency": "USD", "unit_amount": Decimal(100), "started_on": START}
    rows = [
        {**defaults, **fields, "external_id": external_id, "account": fields["account"].external_id}
        for external_id, fields in papers.items()
    ]
    assert upsert_subscriptions(rows, by="test").created == len(papers)


def moves(account: Account) -> list[tuple[str, str, str]]:
    """(day, kind, amount) of its movements, in order."""
    rows = Movement.objects.filter(account=account).order_by("occurred_on", "change__revaluation", "change_id")
    rows = sorted(rows, key=lambda m: (m.occurred_on, not m.change.revaluation, m.change_id))
    return [(m.occurred_on.isoformat(), m.kind, f"{m.amount.normalize():f}") for m in rows]


def adds_up() -> bool:
    """Account = Σ subscriptions = Σ movements, and every movement starts where the one before ended."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select a.id, a.mrr,
                   (select coalesce(sum(s.mrr), 0) from accounts_subscription s where s.account_id = a.id),
                   (select coalesce(sum(m.amount), 0) from accounts_movement m where m.account_id = a.id)
            from accounts_account a
            """
        )
        for row in cursor.fetchall():
            assert row[1] == row[2] == row[3], row
    running: dict[int, Decimal] = {}
    for m in sorted(
        Movement.objects.select_related("change"),
        key=lambda m: (m.occurred_on, not m.change.revaluation, m.change_id),
    ):
        running[m.account_id] = running.get(m.account_id, Decimal(0)) + m.amount
        assert m.mrr_after == running[m.account_id] >= 0, m
    return True


def on(day: date | str) -> time_machine.travel:
    """Noon of that day."""
    day = date.fromisoformat(day) if isinstance(day, str) else day
    return time_machine.travel(datetime(day.year, day.month, day.day, 12, tzinfo=UTC), tick=False)


def told(account: Account, *, waiting: bool | None = None) -> list[str]:
    """What its activities say, in order; `waiting`: only those not dispatched yet, or only the others."""
    rows = Activity.objects.filter(account=account).order_by("id")
    if waiting is not None:
        rows = rows.filter(dispatched_at__isnull=waiting)
    return list(rows.values_list("kind", flat=True))
