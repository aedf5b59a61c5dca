"""The sums of each month are those of a count from scratch, whatever has changed and in whatever order."""

import contextlib
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings, strategies as st
from hypothesis.extra.django import TestCase

from accounts.domain.accounts import assign_csm
from accounts.domain.metrics.months import following, mrr_by_month
from accounts.domain.metrics.retention import customers_between, waterfall
from accounts.domain.numbers.contributions import COLUMNS
from accounts.domain.numbers.counting import count_changes, rebuild
from accounts.exceptions import DomainError
from accounts.models import Account, AccountMonth, Counted, MonthSum, Segment, Uncounted
from tests.accounts.revenue import make_account, subscribe
from tests.thorough import examples

TODAY = datetime(2026, 3, 4, 12, tzinfo=UTC)
FIRST = date(2025, 1, 1)


def counted() -> dict[tuple[str, str, date], dict[str, Decimal | int]]:
    while count_changes(3):
        pass
    return kept()


def kept() -> dict[tuple[str, str, date], dict[str, Decimal | int]]:
    return {(s.dimension, s.member, s.month): {c: getattr(s, c) for c in COLUMNS} for s in MonthSum.objects.all()}


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(TODAY, tick=False):
        yield


def test_sums_of_every_month_by_every_dimension(db, chloe) -> None:
    segment = Segment.objects.create(key="small", name="Small")
    a = make_account("A", segment=segment, csm=chloe, channel="ads", touch_model="low")
    b = make_account("B", currency="EUR")
    subscribe(a, "A-1", unit_amount=100, started_on="2025-01-10")
    subscribe(a, "A-1", unit_amount=160, effective_on=date(2026, 2, 2))
    subscribe(b, "B-1", unit_amount=50, started_on="2026-01-05", ended_on="2026-02-20")
    sums = counted()

    members = {(dimension, member) for dimension, member, _month in sums}
    assert members == {
        ("", ""), ("segment", str(segment.pk)), ("segment", ""), ("csm", str(chloe.pk)), ("csm", ""), ("touch", "low"),
        ("touch", ""), ("plan", ""), ("channel", "ads"), ("channel", ""), ("currency", "USD"), ("currency", "EUR"),
        ("cohort", "2025-01-01"), ("cohort", "2026-01-01"),
    }  # fmt: skip
    assert len([key for key in sums if key[:2] == ("", "")]) == 15
    february = {name: value for name, value in sums["", "", date(2026, 2, 1)].items() if value}
    assert february == {
        "start": 150, "end": 160, "expansion": 60, "churn": -50, "net_expansion": 60, "net_churn": -50,
        "customers_start": 2, "customers_lost": 1, "customers_end": 1, "kept": 160, "kept_capped": 100,
        "year_start": 100, "year_kept": 160, "year_capped": 100, "year_customers": 1,
    }  # fmt: skip
    assert Uncounted.objects.count() == 0


def test_a_month_that_begins_counts_for_everybody(db) -> None:
    subscribe(make_account("A"), unit_amount=100, started_on="2025-12-10")
    counted()
    with time_machine.travel(TODAY + timedelta(days=62), tick=False):
        sums = counted()
        assert sums["", "", date(2026, 5, 1)]["customers_end"] == 1
        assert rebuild() == 1
        assert kept() == sums


def test_who_changes_hands_is_counted_where_they_are(db, chloe) -> None:
    a = make_account("A")
    subscribe(a, unit_amount=100)
    counted()
    assign_csm([a], chloe, by="test")
    sums = counted()
    assert sums["csm", str(chloe.pk), date(2026, 3, 1)]["end"] == 100
    assert not [key for key in sums if key[:2] == ("csm", "")]


def test_who_is_gone_is_taken_out_of_the_sums(db) -> None:
    a, b = make_account("A"), make_account("B")
    subscribe(a, "A-1", unit_amount=100)
    subscribe(b, "B-1", unit_amount=30)
    counted()
    a.delete()
    assert counted()["", "", date(2026, 3, 1)]["end"] == 30
    assert set(Counted.objects.values_list("account_id", flat=True)) == {b.pk}
    assert set(AccountMonth.objects.values_list("account_id", flat=True)) == {b.pk}


def test_nothing_to_count_leaves_nothing(db) -> None:
    assert counted() == {}
    assert rebuild() == 0
    assert kept() == {}


def same_as_plain() -> None:
    """Each month again, plainly: per customer, from the movements."""
    month = FIRST
    gross = {m.month: m for m in mrr_by_month(FIRST, TODAY.date())}
    net = {m.month: m for m in mrr_by_month(FIRST, TODAY.date(), net=True)}
    sums = {s.month: s for s in MonthSum.objects.filter(dimension="")}
    while month <= TODAY.date():
        s = sums.get(month, MonthSum())
        plain = waterfall(customers_between(month, following(month)))
        assert (s.start, s.end, s.fx, s.kept, s.kept_capped) == (plain.start, plain.end, plain.fx, plain.kept, plain.kept_capped)  # fmt: skip
        assert (s.customers_start, s.customers_lost, s.customers_end) == (plain.customers_at_start, plain.customers_lost, plain.customers_at_end)  # fmt: skip
        assert {kind: getattr(s, kind) for kind in gross[month].moves} == gross[month].moves
        assert {k: getattr(s, f"net_{k}") for k in net[month].moves if k != "fx"} == {k: v for k, v in net[month].moves.items() if k != "fx"}  # fmt: skip
        assert s.start + sum(gross[month].moves.values()) == s.end
        year = waterfall(customers_between(following(month).replace(year=following(month).year - 1), following(month)))
        assert (s.year_start, s.year_kept, s.year_capped, s.year_customers, s.year_lost) == (
            year.start, year.kept, year.kept_capped, year.customers_at_start, year.customers_lost)  # fmt: skip
        month = following(month)


days = st.integers(0, 420).map(lambda n: FIRST + timedelta(days=n))
step = st.tuples(st.integers(0, 2), st.integers(0, 1), st.sampled_from([0, 10, 33, 250]), days, st.booleans())


class AnyHistory(TestCase):
    @settings(max_examples=examples(6), deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(st.tuples(step, st.booleans()), min_size=1, max_size=8))
    def test_any_history_of_changes(self, history) -> None:
        with time_machine.travel(TODAY, tick=False):
            accounts = [make_account(f"A{n}") for n in range(3)]
            for (who, which, amount, day, usd), count_now in history:
                fields = {"unit_amount": amount, "currency": "USD"}
                known = accounts[who].subscriptions.filter(external_id=f"{who}-{which}").exists()
                fields |= {"effective_on": day} if known else {"started_on": day}
                with contextlib.suppress(DomainError):  # what cannot have been is refused, and changes nothing
                    subscribe(accounts[who], f"{who}-{which}", **fields)
                if not usd:
                    Account.objects.filter(pk=accounts[who].pk).update(channel=f"c{which}")
                if count_now:
                    count_changes(2)
            sums = counted()
            same_as_plain()
            rebuild()
            assert kept() == sums
