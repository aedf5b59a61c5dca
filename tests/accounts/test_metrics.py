"""Figures about many customers: they add up, and where there is nothing to divide by they say nothing."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
import time_machine
from hypothesis import given, strategies as st

from accounts.domain.metrics import ltv
from accounts.domain.metrics.acquisition import acquisition
from accounts.domain.metrics.churn import is_involuntary
from accounts.domain.metrics.cohorts import Cohort, simple, weighted
from accounts.domain.metrics.dailies import by_day
from accounts.domain.metrics.lines import Discount, Line, lasting, mrr_of
from accounts.domain.metrics.ratios import mean, product, ratio
from accounts.domain.metrics.retention import Customer, at_constant_rates, customers_between, waterfall
from accounts.domain.metrics.trials import Trial, conversion
from accounts.models import Subscription
from tests.accounts.revenue import make_account, subscribe

money = st.decimals(0, 100_000, places=2)
customers = st.builds(Customer, money, money, st.booleans(), st.decimals(-50, 50, places=2))


@given(st.lists(customers, max_size=12))
def test_a_waterfall_adds_up(rows) -> None:
    fall = waterfall(rows)
    gained = fall.new + fall.reactivation + fall.expansion
    assert fall.start + gained - fall.contraction - fall.churn + fall.fx == fall.end
    assert (fall.nrr is None) == (fall.start == 0)
    if fall.nrr is not None and fall.grr is not None:
        assert 0 <= fall.grr <= min(fall.nrr, 1)


def test_who_was_not_there_at_the_start_counts_for_no_retention() -> None:
    fall = waterfall([Customer(Decimal(0), Decimal(500), paid_before=False), Customer(Decimal(0), Decimal(40))])
    assert (fall.new, fall.reactivation, fall.arpa) == (500, 40, 270)
    assert [fall.nrr, fall.grr, fall.customer_churn, fall.mrr_churn, fall.quick_ratio] == [None] * 5


def test_the_market_is_nobodys_expansion() -> None:
    rows = [Customer(Decimal(110), Decimal(105), fx=Decimal(-5)), Customer(Decimal(50), Decimal(0))]
    fall = waterfall(rows)
    assert (fall.contraction, fall.churn, fall.fx) == (0, 50, -5)
    assert (fall.nrr, waterfall(at_constant_rates(rows)).nrr) == (ratio(105, 160), ratio(110, 160))


@pytest.mark.django_db
def test_customers_are_read_from_the_movements() -> None:
    with time_machine.travel("2026-03-04T12:00:00Z", tick=False):
        stays, leaves, comes = (make_account(name) for name in ("Stays", "Leaves", "Comes"))
        subscribe(stays, "1", unit_amount=100, started_on="2025-11-01")
        subscribe(stays, "1", unit_amount=130, effective_on=date(2026, 2, 10))
        subscribe(leaves, "2", unit_amount=70, started_on="2025-11-01", ended_on="2026-02-20")
        subscribe(comes, "3", unit_amount=50, started_on="2026-02-15")
        subscribe(make_account("Later"), "4", unit_amount=50, started_on="2026-03-01")
    found = customers_between(date(2026, 2, 1), date(2026, 3, 1))
    assert sorted((c.start, c.end, c.paid_before) for c in found) == [(0, 50, False), (70, 0, True), (100, 130, True)]


def test_nothing_to_divide_by_is_told_as_nothing() -> None:
    assert [ratio(1, 0), ratio(None, 2), ratio(1, None), mean([]), product(2, None)] == [None] * 5
    assert (ratio(1, 4), mean([1, 2]), product(2, Decimal("1.5"))) == (Decimal("0.25"), Decimal("1.5"), 3)


@pytest.mark.parametrize(
    ("churn", "growth", "discount", "known", "reason"),
    [
        ("0.05", 0, "0.01", {"simple", "margin", "discounted", "horizon", "lifetime_months"}, None),
        (0, 0, "0.01", {"discounted", "horizon"}, "no_churn"),
        (0, 0, 0, {"horizon"}, "no_churn"),
        (None, 0, 0, {"horizon"}, "no_churn"),
        ("0.01", "0.05", "0.01", {"simple", "margin", "horizon", "lifetime_months"}, "diverges"),
        ("0.5", 0, -1, {"simple", "margin", "lifetime_months"}, "diverges"),
        (1, 0, 0, {"simple", "margin", "discounted", "horizon", "lifetime_months"}, None),
    ],
)
def test_a_lifetime_value_is_never_a_number_without_meaning(churn, growth, discount, known, reason) -> None:
    churn = None if churn is None else Decimal(churn)
    found = ltv.lifetime_value(
        100, churn, Decimal("0.8"), discount=Decimal(discount), growth=Decimal(growth), horizon=60
    )
    figures = {name: getattr(found, name) for name in ("simple", "margin", "discounted", "horizon", "lifetime_months")}
    assert {name for name, value in figures.items() if value is not None} == known
    assert found.reason == reason


def test_without_customers_no_lifetime_value() -> None:
    assert ltv.lifetime_value(None, Decimal("0.05"), Decimal("0.8")).reason == ltv.NO_CUSTOMERS


def test_the_horizon_goes_on_where_the_sum_would_not_end() -> None:
    assert ltv.lifetime_value(100, 0, 1, horizon=60).horizon == 6000
    assert ltv.trailing_churn([Decimal("0.9"), *[Decimal("0.05")] * 6]) == Decimal("0.05")
    assert ltv.trailing_churn([]) is None


def test_the_recommended_value_is_the_documents() -> None:
    rates = [Decimal("0.85"), Decimal("0.70"), Decimal("0.85"), Decimal("0.08")]
    found = ltv.recommended(120_990, rates[0], rates[1], rates[2], rates[3])
    assert found is not None
    assert round(found) == 312_996  # 312,995.65: the documents cut it off
    assert ltv.recommended(120_990, rates[0], rates[1], Decimal("1.08"), rates[3]) is None


def test_a_customer_is_paid_for_in_the_month_the_last_of_it_comes_back() -> None:
    assert acquisition(1600, 2, 100, Decimal("0.8"), 1600).recovered_in_month == 10
    assert acquisition(1601, 2, 100, Decimal("0.8"), 1600).recovered_in_month == 11
    nothing = acquisition(1600, 0, 100, Decimal("0.8"), 1600)
    assert [nothing.cac, nothing.ltv_to_cac, nothing.payback_months, nothing.recovered_in_month] == [None] * 4
    free = acquisition(1600, 2, 0, Decimal("0.8"), None)
    assert (free.cac, free.ltv_to_cac, free.payback_months) == (800, None, None)


def test_a_trial_counts_when_it_has_had_its_time() -> None:
    day = date(2026, 4, 1)
    rows = [Trial(day, date(2026, 5, 1)), Trial(day, date(2026, 5, 2)), Trial(date(2026, 4, 30), day), Trial(day)]
    found = conversion(rows, 30, date(2026, 5, 1))
    assert (found.mature, found.immature, found.rate, found.ever_rate) == (3, 1, ratio(1, 3), Decimal("0.5"))
    assert conversion([], 30, day).rate is None


def test_a_cohort_nobody_is_left_of_counts() -> None:
    rows = [Cohort(4, [4, 1]), Cohort(6, [6, 0]), Cohort(0, [0, 0]), Cohort(5, [5, None]), Cohort(5, [5])]
    assert (simple(rows), weighted(rows)) == ([1, Decimal("0.125")], [1, Decimal("0.1")])
    assert weighted([Cohort(3, [3, None])]) == [1, None]


def test_the_day_of_churn_is_the_first_one_without() -> None:
    def sub(started: date, ended: date | None = None) -> Subscription:
        return Subscription(currency="USD", unit_amount=1, started_on=started, ended_on=ended)

    rows = by_day([sub(date(2026, 1, 1)), sub(date(2026, 1, 3), date(2026, 1, 4))], date(2026, 1, 2), 3)
    assert [(day.active, day.new, day.churned) for day in rows] == [(1, 0, 0), (2, 1, 0), (1, 0, 1)]


def test_of_a_bill_only_what_recurs_counts() -> None:
    bill = [Line("subscription", Decimal(100), "year", 1), Line("setup", Decimal(9)), Line("subscription", Decimal(7))]
    assert mrr_of(bill) == Fraction(100, 12)
    assert lasting([Discount("forever", Decimal(10)), Discount("once", Decimal(50)), Discount("repeating")]) == {
        "discount_percent": 10,
        "discount_amount": 0,
    }


@pytest.mark.django_db
def test_who_stayed_unpaid_did_not_decide_to_leave() -> None:
    unpaid = {"status": "past_due", "past_due_since": date(2026, 5, 1), "started_on": date(2026, 1, 1)}
    assert is_involuntary(Subscription(**unpaid))
    assert not is_involuntary(Subscription(**unpaid, ended_on=date(2026, 5, 3)))
    assert not is_involuntary(Subscription(started_on=date(2026, 1, 1), ended_on=date(2026, 5, 3)))
