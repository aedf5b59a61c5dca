"""Many subscriptions at once: files of history, sweeps, and what they cost."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine
from django.db import IntegrityError

from accounts.domain.subscriptions import (
    sweep_subscriptions,
    upsert_subscriptions,
)
from accounts.models import Account, Activity, Movement, Subscription, SubscriptionChange
from tests.accounts.revenue import adds_up, make_account, moves, on, subscribe, told

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(datetime(2026, 3, 4, 12, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def acme() -> Account:
    return make_account("Acme")


def row(number: int, account: str, **fields) -> dict:
    return {
        "external_id": f"S-{number}", "account": account, "currency": "USD", "unit_amount": Decimal(100),
        "started_on": date(2024, 1, 1), **fields,
    }  # fmt: skip


def test_a_file_of_history_becomes_movements_and_no_flood(acme) -> None:
    rows = [
        row(1, acme.external_id, ended_on=date(2024, 6, 1), churn_reason="price"),
        row(2, acme.external_id, started_on=date(2024, 6, 1), unit_amount=Decimal(80)),
        row(3, acme.external_id, started_on=date(2026, 3, 2), unit_amount=Decimal(50)),
        row(4, "nobody"),
        row(5, acme.external_id, quantity=-1),
    ]
    counts = upsert_subscriptions(rows, by="import")
    assert (counts.created, counts.updated, counts.unchanged) == (3, 0, 0)
    assert [(index, next(iter(error.errors))) for index, error in counts.refused] == [(3, "account"), (4, "quantity")]
    # The second began on the day on which the first ended: no churn.
    assert moves(acme) == [
        ("2024-01-01", "new", "100"),
        ("2024-06-01", "expansion", "80"),
        ("2024-06-01", "contraction", "-100"),
        ("2026-03-02", "expansion", "50"),
    ]
    assert told(acme, waiting=True) == ["mrr.expanded"]
    assert told(acme, waiting=False) == ["mrr.new", "mrr.expanded", "mrr.contracted"]
    days = Activity.objects.filter(kind="mrr.new").values_list("occurred_at", flat=True)
    assert [d.isoformat() for d in days] == ["2024-01-01T12:00:00+00:00"]
    assert adds_up()


def test_the_same_file_twice_changes_nothing(acme, django_assert_max_num_queries) -> None:
    rows = [row(n, acme.external_id, quantity=n, ended_on=date(2025, 1, n) if n % 2 else None) for n in range(1, 20)]
    assert upsert_subscriptions(rows, by="import").created == 19
    before = (Activity.objects.count(), Movement.objects.count(), SubscriptionChange.objects.count())
    with django_assert_max_num_queries(12):
        counts = upsert_subscriptions(rows, by="import")
    assert (counts.created, counts.updated, counts.unchanged) == (0, 0, 19)
    assert (Activity.objects.count(), Movement.objects.count(), SubscriptionChange.objects.count()) == before


def test_many_cost_as_many_queries_as_few(django_assert_max_num_queries) -> None:
    accounts = [make_account(f"A{n}") for n in range(40)]
    rows = [row(n, accounts[n].external_id) for n in range(40)]
    with django_assert_max_num_queries(32):
        upsert_subscriptions(rows[:1], by="import")
    with django_assert_max_num_queries(32):
        upsert_subscriptions(rows[1:], by="import")


def test_rows_of_one_subscription_tell_its_history(acme) -> None:
    counts = upsert_subscriptions(
        [
            row(1, acme.external_id),
            row(1, acme.external_id, unit_amount=150, effective_on=date(2024, 5, 1)),
            row(1, acme.external_id, unit_amount=120, effective_on="2024-09-01"),
        ],
        by="import",
    )
    assert (counts.created, counts.updated) == (1, 2)
    assert moves(acme) == [
        ("2024-01-01", "new", "100"),
        ("2024-05-01", "expansion", "50"),
        ("2024-09-01", "contraction", "-30"),
    ]


def test_the_sweep_costs_the_same_for_many(django_assert_max_num_queries) -> None:
    rows = [row(n, make_account(f"A{n}").external_id, ended_on=date(2026, 3, 10)) for n in range(30)]
    upsert_subscriptions(rows, by="import")
    with django_assert_max_num_queries(4):
        assert sweep_subscriptions() == 0
    with on("2026-03-10"), django_assert_max_num_queries(30):
        assert sweep_subscriptions() == 30
    assert Activity.objects.filter(kind="account.churned", dispatched_at__isnull=True).count() == 30
    assert adds_up()


def test_the_database_refuses_an_end_before_the_start(acme) -> None:
    subscribe(acme)
    with pytest.raises(IntegrityError):
        Subscription.objects.update(ended_on=date(2020, 1, 1))
