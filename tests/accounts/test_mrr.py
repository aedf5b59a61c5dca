"""What a subscription is worth a month: M1 and M2, with the cases of RULES."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

from accounts.domain.lifecycle import attention_on, counts_on, settle
from accounts.domain.mrr import apportioned, displayed, exact_monthly, monthly, monthly_amount
from accounts.exceptions import DomainError
from accounts.models import Subscription


def sub(**fields) -> Subscription:
    defaults = {"currency": "USD", "unit_amount": Decimal(100), "started_on": date(2026, 1, 1)}
    return Subscription(**{**defaults, **fields})


@pytest.mark.parametrize(
    ("interval", "count", "amount", "mrr"),
    [
        ("year", 1, 120000, "10000"),
        ("month", 3, 9000, "3000"),
        ("week", 1, 1000, "4333.33333333"),
        ("year", 2, 240000, "10000"),
        ("day", 1, 100, "3041.66666667"),
        ("month", 1, 5000, "5000"),
        ("month", 6, 30000, "5000"),
        ("quarter", 1, 300, "100"),
    ],
)
def test_every_interval_becomes_a_month(interval, count, amount, mrr) -> None:
    assert monthly(Decimal(amount), interval, count) == Decimal(mrr)


def test_fractions_are_added_before_they_are_rounded() -> None:
    exact = [exact_monthly(10000, "year")] * 3
    assert sum(exact) == Fraction(2500)
    assert displayed(sum(exact)) == Decimal("2500.00")
    assert displayed(3 * monthly(Decimal(10000), "year")) == Decimal("2500.00")


@pytest.mark.parametrize(
    ("fields", "mrr"),
    [
        ({"unit_amount": Decimal(1500), "quantity": 77}, "115500"),
        ({"unit_amount": Decimal(1500), "quantity": 77, "per_seat": False}, "1500"),
        ({"unit_amount": Decimal(12000), "interval": "year", "discount_percent": Decimal(10)}, "900"),
        ({"unit_amount": Decimal(100), "quantity": 2, "discount_amount": Decimal(50)}, "150"),
        ({"unit_amount": Decimal(100), "discount_amount": Decimal(500)}, "0"),
        ({"unit_amount": Decimal(0)}, "0"),
    ],
)
def test_price_times_seats_less_what_is_always_discounted(fields, mrr) -> None:
    assert monthly_amount(sub(**fields)) == Decimal(mrr)


def test_more_than_a_billion_a_month_is_a_slip() -> None:
    with pytest.raises(DomainError, match="more than a billion"):
        monthly_amount(sub(unit_amount=Decimal(10**9), quantity=2))


@pytest.mark.django_db  # how long is a number of the rules
def test_unpaid_counts_until_dunning_is_over() -> None:
    unpaid = sub(status="past_due", past_due_since=date(2026, 5, 1))
    days = [date(2026, 5, 1), date(2026, 5, 15), date(2026, 5, 16)]
    assert [counts_on(unpaid, day) for day in days] == [True, True, False]


def test_a_trial_counts_for_nothing_and_then_for_all() -> None:
    trial = sub(status="trialing", trial_ends_on=date(2026, 1, 15))
    assert [counts_on(trial, date(2026, 1, d)) for d in (1, 14, 15)] == [False, False, True]
    assert not counts_on(sub(status="trialing"), date(2030, 1, 1))


def test_the_end_is_the_first_day_without_it() -> None:
    ended = sub(ended_on=date(2026, 2, 1))
    assert [counts_on(ended, day) for day in (date(2025, 12, 31), date(2026, 1, 31), date(2026, 2, 1))] == [
        False,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("fields", "today", "expected"),
    [
        ({}, date(2026, 1, 5), None),
        ({}, date(2025, 12, 1), date(2026, 1, 1)),
        ({"ended_on": date(2026, 3, 1)}, date(2026, 1, 5), date(2026, 3, 1)),
        ({"status": "trialing", "trial_ends_on": date(2026, 1, 31)}, date(2026, 1, 5), date(2026, 1, 24)),
        ({"status": "trialing", "trial_ends_on": date(2026, 1, 31)}, date(2026, 1, 26), date(2026, 1, 26)),
        (
            {"status": "trialing", "trial_ends_on": date(2026, 1, 31), "trial_told_for": date(2026, 1, 31)},
            date(2026, 1, 26),
            date(2026, 1, 31),
        ),
        ({"status": "past_due", "past_due_since": date(2026, 1, 3)}, date(2026, 1, 5), date(2026, 1, 18)),
        ({"term_end": date(2026, 2, 1), "ended_on": date(2026, 3, 1)}, date(2026, 1, 5), date(2026, 2, 1)),
    ],
)
@pytest.mark.django_db  # how long is a number of the rules
def test_attention_is_due_when_the_clock_changes_something(fields, today, expected) -> None:
    assert attention_on(sub(**fields), today) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"status": "canceled"}, {"status": "canceled", "ended_on": date(2026, 2, 1)}),
        ({"status": "canceled", "ended_on": date(2026, 3, 1)}, {"status": "active", "ended_on": date(2026, 3, 1)}),
        ({"status": "trialing", "trial_ends_on": date(2026, 1, 15)}, {"status": "active", "ended_on": None}),
        (
            {"status": "trialing", "trial_ends_on": date(2026, 1, 15), "auto_renew": False},
            {"status": "canceled", "ended_on": date(2026, 1, 15)},
        ),
        ({"status": "past_due"}, {"status": "past_due", "past_due_since": date(2026, 2, 1)}),
        ({"past_due_since": date(2026, 1, 3)}, {"status": "active", "past_due_since": None}),
        ({"ended_on": date(2026, 3, 1)}, {"cancel_scheduled_on": date(2026, 2, 1)}),
        ({"churn_reason": "price"}, {"churn_reason": ""}),
    ],
)
def test_fields_come_to_agree_with_each_other_and_the_day(fields, expected) -> None:
    row = sub(**fields)
    settle(row, said_on=date(2026, 2, 1), today=date(2026, 2, 1))
    assert {name: getattr(row, name) for name in expected} == expected


money = st.decimals(-100_000, 100_000, places=8, allow_nan=False)


@given(st.lists(money, min_size=1, max_size=8))
def test_rounded_parts_add_up_to_the_rounded_whole(parts) -> None:
    total = displayed(sum(parts))
    rounded = apportioned(total, parts)
    assert sum(rounded) == total
    assert all(abs(exact - cents) < Decimal("0.02") for exact, cents in zip(parts, rounded, strict=True))
