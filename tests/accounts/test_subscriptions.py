"""Subscriptions come in, change and end; their steps, movements, accounts and timeline follow."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from accounts.domain.subscriptions import (
    cancel,
    schedule_cancel,
    sweep_subscriptions,
    upsert_subscription,
)
from accounts.exceptions import Conflict, DomainError
from accounts.models import Account, Activity, Movement, Plan, Subscription
from tests.accounts.revenue import adds_up, make_account, moves, on, subscribe, told

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(datetime(2026, 3, 4, 12, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def acme() -> Account:
    return make_account("Acme")


def test_a_new_one_makes_its_step_its_movement_and_the_accounts_figures(acme) -> None:
    row, result = upsert_subscription(
        acme, "S-1", by="API: billing", plan="pro", currency="USD", unit_amount="12.50", quantity=8,
        started_on="2026-03-04", term_end="2027-03-04", notice_days=30,
    )  # fmt: skip
    assert result == "created"
    assert (row.mrr, row.status, row.plan.name, row.attention_on) == (100, "active", "pro", date(2027, 3, 4))
    assert moves(acme) == [("2026-03-04", "new", "100")]
    acme.refresh_from_db()
    assert (acme.mrr, acme.seats, acme.plan, acme.stage) == (100, 8, row.plan, "active")
    assert (acme.started_on, acme.decision_date, acme.churned_on) == (date(2026, 3, 4), date(2027, 2, 2), None)
    assert told(acme) == ["subscription.changed", "mrr.new"]
    new = Activity.objects.get(kind="mrr.new")
    assert (new.actor_label, new.dispatched_at, new.data) == (
        "API: billing",
        None,
        {"subscription": "S-1", "plan": "pro", "before": "0", "after": "100", "amount": "100", "currency": "USD"},
    )
    assert adds_up()


def test_the_same_again_changes_nothing(acme, django_assert_max_num_queries) -> None:
    fields = {"plan": "pro", "currency": "USD", "unit_amount": 10, "quantity": 3, "started_on": "2025-01-01"}
    subscribe(acme, **fields)
    before = (told(acme), moves(acme), Subscription.objects.get().updated_at)
    with django_assert_max_num_queries(12), on("2026-04-01"):
        assert upsert_subscription(acme, "S-1", by="x", **fields)[1] == "unchanged"
    assert (told(acme), moves(acme), Subscription.objects.get().updated_at) == before


def test_what_is_left_out_stays_and_null_clears(acme) -> None:
    subscribe(acme, plan="pro", quantity=5, term_end="2027-01-01")
    subscribe(acme, quantity=6)
    row = Subscription.objects.get()
    assert (row.plan.key, row.quantity, row.term_end) == ("pro", 6, date(2027, 1, 1))
    subscribe(acme, term_end=None, plan=None)
    row.refresh_from_db()
    assert (row.plan, row.quantity, row.term_end) == (None, 6, None)


def test_seats_and_plans_go_up_and_down(acme) -> None:
    subscribe(acme, plan="pro", unit_amount=10, quantity=10)
    subscribe(acme, quantity=15)
    subscribe(acme, plan="basic", unit_amount=5, quantity=12)
    assert moves(acme) == [
        ("2026-01-01", "new", "100"),
        ("2026-03-04", "expansion", "50"),
        ("2026-03-04", "contraction", "-90"),
    ]
    contracted = Activity.objects.get(kind="mrr.contracted").data
    assert contracted == {
        "subscription": "S-1", "plan": "basic", "before": "150", "after": "60", "amount": "-90", "currency": "USD",
        "dropped": "pro → basic, 3 of 15 seats", "gone": {"plan": "pro → basic", "seats": [3, 15], "yearly": False},
        "in_use": "",
    }  # fmt: skip
    changed = Activity.objects.filter(kind="subscription.changed").last().data
    assert changed["what"] == "plan pro → basic, price 10 → 5, seats 15 → 12"
    assert adds_up()


def test_a_lower_price_alone_drops_the_price(acme) -> None:
    subscribe(acme)
    subscribe(acme, discount_percent=20)
    assert Activity.objects.get(kind="mrr.contracted").data["dropped"] == "price"


def test_two_changes_on_one_day_stay_two_steps(acme) -> None:
    subscribe(acme)
    for amount in (200, 100, 200):
        subscribe(acme, unit_amount=amount)
    assert moves(acme)[1:] == [
        ("2026-03-04", "expansion", "100"),
        ("2026-03-04", "contraction", "-100"),
        ("2026-03-04", "expansion", "100"),
    ]


def test_the_story_of_two_subscriptions(acme) -> None:
    """Second subscription: expansion. One of two canceled: contraction. The other: churn. Back: reactivation."""
    subscribe(acme, "g", interval="year", unit_amount=200_000, started_on="2025-01-01")
    subscribe(acme, "s", unit_amount=6000, started_on="2025-02-01")
    subscribe(acme, "s", ended_on="2025-03-01", churn_reason="price")
    subscribe(acme, "g", ended_on="2025-04-01", churn_reason="competitor", churn_comment="went to Rival")
    acme.refresh_from_db()
    assert (acme.stage, acme.churned_on, acme.mrr, acme.seats) == ("churned", date(2025, 4, 1), 0, 0)
    subscribe(acme, "g2", unit_amount=15_000, started_on="2025-06-01")
    assert moves(acme) == [
        ("2025-01-01", "new", "16666.66666667"),
        ("2025-02-01", "expansion", "6000"),
        ("2025-03-01", "contraction", "-6000"),
        ("2025-04-01", "churn", "-16666.66666667"),
        ("2025-06-01", "reactivation", "15000"),
    ]
    churn = Movement.objects.get(kind="churn")
    assert (churn.reason, churn.comment) == ("competitor", "went to Rival")
    acme.refresh_from_db()
    assert (acme.stage, acme.churned_on, acme.mrr) == ("active", None, 15000)
    assert adds_up()


def test_what_is_dropped_with_a_whole_subscription_is_named(acme) -> None:
    subscribe(acme, "S-1")
    subscribe(acme, "S-2", plan="extra")
    subscribe(acme, "S-2", status="canceled")
    assert Activity.objects.get(kind="mrr.contracted").data["dropped"] == "S-2, extra"


def test_churn_tells_its_reason(acme) -> None:
    row = subscribe(acme)
    cancel(row, by="Chloe", reason="missing_feature", comment="no export")
    assert moves(acme)[-1] == ("2026-03-04", "churn", "-100")
    churned = Activity.objects.get(kind="account.churned")
    assert (churned.data["reason"], churned.data["comment"], churned.data["before"], churned.data["after"]) == (
        "missing_feature",
        "no export",
        "100",
        "0",
    )
    acme.refresh_from_db()
    assert (acme.stage, acme.churned_on) == ("churned", date(2026, 3, 4))
    assert "account.stage_changed" in told(acme)
    with pytest.raises(Conflict, match="over already"):
        cancel(Subscription.objects.get(), by="Chloe", reason="price")


def test_a_reason_is_asked_and_may_come_later(acme) -> None:
    row = subscribe(acme)
    with pytest.raises(DomainError, match="Say why"):
        cancel(row, by="Chloe", reason="")
    subscribe(acme, status="canceled")
    assert Movement.objects.get(kind="churn").reason == "other"
    subscribe(acme, churn_reason="price", churn_comment="too dear")
    churn = Movement.objects.get(kind="churn")
    assert (churn.reason, churn.comment) == ("price", "too dear")
    assert Activity.objects.filter(kind="account.churned").count() == 1


def test_a_cancel_at_period_end_leaves_on_the_first_day_after(acme) -> None:
    row = subscribe(acme)
    schedule_cancel(row, by="Chloe", ends_on=date(2026, 3, 20), reason="price")
    row.refresh_from_db()
    assert (row.status, row.mrr, row.cancel_scheduled_on, row.attention_on) == (
        "active",
        100,
        date(2026, 3, 4),
        date(2026, 3, 20),
    )
    assert told(acme, waiting=True) == ["subscription.changed", "subscription.changed", "subscription.cancel_scheduled"]
    with on("2026-03-19"):
        assert sweep_subscriptions() == 0
    with on("2026-03-20"):
        assert sweep_subscriptions() == 1
        assert sweep_subscriptions() == 0
    assert moves(acme)[-1] == ("2026-03-20", "churn", "-100")
    row.refresh_from_db()
    assert (row.status, row.mrr, row.attention_on) == ("canceled", 0, None)
    assert Activity.objects.get(kind="account.churned").data["reason"] == "price"


def test_a_scheduled_cancel_can_be_taken_back(acme) -> None:
    row = subscribe(acme)
    schedule_cancel(row, by="x", ends_on=date(2026, 3, 20), reason="price")
    row = subscribe(acme, ended_on=None)
    assert (row.ended_on, row.cancel_scheduled_on, row.churn_reason, row.attention_on) == (None, None, "", None)
    with on("2026-04-01"):
        assert sweep_subscriptions() == 0
    assert moves(acme) == [("2026-01-01", "new", "100")]


def test_canceled_with_an_end_to_come_goes_on_until_then(acme) -> None:
    row = subscribe(acme, status="canceled", ended_on="2026-04-01")
    assert (row.status, row.mrr) == ("active", 100)
    assert upsert_subscription(acme, "S-1", by="x", status="canceled", ended_on="2026-04-01")[1] == "unchanged"


def test_they_come_back(acme) -> None:
    subscribe(acme, ended_on="2026-02-01")
    row = subscribe(acme, status="active")
    assert (row.ended_on, row.mrr) == (None, 100)
    assert [m[:2] for m in moves(acme)] == [
        ("2026-01-01", "new"),
        ("2026-02-01", "churn"),
        ("2026-03-04", "reactivation"),
    ]
    assert adds_up()


def test_an_end_that_was_told_wrong_moves(acme) -> None:
    subscribe(acme, ended_on="2026-02-01")
    subscribe(acme, ended_on="2026-02-15")
    assert moves(acme) == [("2026-01-01", "new", "100"), ("2026-02-15", "churn", "-100")]
    subscribe(acme, ended_on="2026-03-10")
    assert moves(acme) == [("2026-01-01", "new", "100")]
    assert adds_up()


def test_an_end_before_later_changes_takes_them_back(acme) -> None:
    subscribe(acme, started_on="2025-01-01")
    subscribe(acme, unit_amount=150, effective_on=date(2026, 3, 1))
    subscribe(acme, ended_on="2026-02-01")
    assert moves(acme) == [("2025-01-01", "new", "100"), ("2026-02-01", "churn", "-100")]
    assert adds_up()


def test_a_start_can_be_corrected(acme) -> None:
    subscribe(acme)
    subscribe(acme, started_on="2025-06-01")
    assert moves(acme) == [("2025-06-01", "new", "100")]
    subscribe(acme, unit_amount=120)
    with pytest.raises(DomainError, match="cannot start after"):
        subscribe(acme, started_on="2026-03-10")


def test_changes_are_dated_in_order(acme) -> None:
    subscribe(acme)
    subscribe(acme, unit_amount=150, effective_on=date(2026, 2, 1))
    assert moves(acme)[-1] == ("2026-02-01", "expansion", "50")
    with pytest.raises(DomainError, match="cannot be dated before"):
        subscribe(acme, unit_amount=170, effective_on=date(2026, 1, 15))
    with pytest.raises(DomainError, match="still to come"):
        subscribe(acme, unit_amount=170, effective_on=date(2026, 3, 6))


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"currency": "dollars"}, "currency"),
        ({"unit_amount": "NaN"}, "unit_amount"),
        ({"unit_amount": "-1"}, "unit_amount"),
        ({"unit_amount": "1e30"}, "unit_amount"),
        ({"unit_amount": "0.123456789"}, "unit_amount"),
        ({"quantity": 10**12}, "quantity"),
        ({"quantity": "many"}, "quantity"),
        ({"interval": "fortnight"}, "interval"),
        ({"interval_count": 0}, "interval_count"),
        ({"started_on": "2026-02-30"}, "started_on"),
        ({"started_on": "0001-01-01"}, "started_on"),
        ({"ended_on": "2025-12-31"}, "ended_on"),
        ({"status": "paused"}, "status"),
        ({"churn_reason": "boredom"}, "churn_reason"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_bad_values_are_refused_with_the_field(acme, fields, field) -> None:
    with pytest.raises(DomainError) as refused:
        subscribe(acme, **fields)
    assert list(refused.value.errors) == [field]
    assert not Subscription.objects.exists()


def test_what_a_new_one_needs(acme) -> None:
    with pytest.raises(DomainError) as refused:
        upsert_subscription(acme, "S-1", by="x")
    assert set(refused.value.errors) == {"currency", "started_on"}


def test_a_subscription_stays_with_its_account(acme) -> None:
    subscribe(acme)
    with pytest.raises(Conflict, match="another account"):
        upsert_subscription(make_account("Other"), "S-1", by="x", currency="USD", started_on="2026-01-01")


def test_text_that_cannot_be_stored_is_no_crash(acme) -> None:
    subscribe(acme, plan="p\x00ro", churn_comment="a\x00b\ud800")
    assert Plan.objects.get().key == "p ro"
    with pytest.raises(DomainError):
        upsert_subscription(acme, "S\x00", by="x", currency="USD", started_on="2026-01-01")
