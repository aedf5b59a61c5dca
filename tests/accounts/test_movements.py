"""Start + new + reactivation + expansion − contraction − churn + fx = end, to the cent, whatever happens."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings, strategies as st
from hypothesis.extra.django import TestCase

from accounts.domain.metrics.months import mrr_by_month
from accounts.domain.mrr import displayed
from accounts.domain.setting_rates import set_rate
from accounts.domain.subscriptions import sweep_subscriptions, upsert_subscription, upsert_subscriptions
from accounts.exceptions import DomainError
from accounts.models import Account, Activity, Movement, SubscriptionChange
from accounts.registry import activity_kinds, check_data
from tests.accounts.revenue import adds_up, make_account, subscribe
from tests.thorough import examples

TODAY = datetime(2026, 3, 4, 12, tzinfo=UTC)


def test_months_begin_where_the_last_one_ended(db) -> None:
    with time_machine.travel(TODAY):
        a, b = make_account("A"), make_account("B")
        subscribe(a, "A-1", unit_amount=100, interval="year", started_on="2025-11-10")
        subscribe(b, "B-1", unit_amount=50, started_on="2025-12-05", ended_on="2026-01-20")
        subscribe(b, "B-2", unit_amount=70, started_on="2026-02-01")
        subscribe(a, "A-2", unit_amount=10, started_on="2025-12-31", ended_on="2026-03-02")
    months = [month.rounded() for month in mrr_by_month(date(2025, 12, 1), date(2026, 3, 1))]
    zero = dict.fromkeys(("new", "reactivation", "expansion", "contraction", "churn", "fx"), Decimal(0))
    assert [(m.month.isoformat(), m.start, m.moves, m.end) for m in months] == [
        ("2025-12-01", Decimal("8.33"), {**zero, "new": Decimal(50), "expansion": Decimal(10)}, Decimal("68.33")),
        ("2026-01-01", Decimal("68.33"), {**zero, "churn": Decimal(-50)}, Decimal("18.33")),
        ("2026-02-01", Decimal("18.33"), {**zero, "reactivation": Decimal(70)}, Decimal("88.33")),
        ("2026-03-01", Decimal("88.33"), {**zero, "contraction": Decimal(-10)}, Decimal("78.33")),
    ]


def test_net_is_per_customer_and_month(db) -> None:
    with time_machine.travel(TODAY):
        a = make_account("A")
        subscribe(a, unit_amount=100, started_on="2026-01-01")
        subscribe(a, unit_amount=300, effective_on=date(2026, 2, 2))
        subscribe(a, unit_amount=150, effective_on=date(2026, 2, 20))
    first, last = date(2026, 2, 1), date(2026, 2, 1)
    (gross,), (net,) = mrr_by_month(first, last), mrr_by_month(first, last, net=True)
    assert (gross.moves["expansion"], gross.moves["contraction"]) == (200, -150)
    assert (net.moves["expansion"], net.moves["contraction"]) == (50, 0)
    assert (gross.start, gross.end) == (net.start, net.end) == (100, 150)


def test_what_the_timeline_is_told_is_what_the_kinds_declare(db) -> None:
    with time_machine.travel(TODAY):
        a = make_account("A")
        subscribe(a, started_on="2026-03-01", quantity=2)
        subscribe(a, quantity=3)
        subscribe(a, quantity=1)
        subscribe(a, status="canceled")
        subscribe(a, status="active")
    rows = Activity.objects.filter(account=a, kind__regex=r"^(mrr|account)\.").exclude(kind="account.stage_changed")
    assert [row.kind for row in rows.order_by("id")] == [
        "mrr.new",
        "mrr.expanded",
        "mrr.contracted",
        "account.churned",
        "mrr.reactivated",
    ]
    assert all(check_data(activity_kinds[row.kind], row.data) == row.data for row in rows)


# Any story at all --------------------------------------------------------------------------------------------

START = date(2025, 1, 1)
days = st.integers(0, 400).map(lambda n: START + timedelta(days=n))
amounts = st.decimals(0, 5000, places=2)
changes = st.fixed_dictionaries(
    {},
    optional={
        "unit_amount": amounts,
        "quantity": st.integers(0, 50),
        "interval": st.sampled_from(["day", "week", "month", "quarter", "year"]),
        "interval_count": st.integers(1, 3),
        "discount_percent": st.decimals(0, 100, places=1),
        "currency": st.sampled_from(["USD", "EUR", "RON"]),
        "status": st.sampled_from(["active", "trialing", "past_due", "canceled"]),
        "ended_on": st.one_of(st.none(), days),
        "trial_ends_on": st.one_of(st.none(), days),
        "started_on": days,
        "auto_renew": st.booleans(),
    },
)
events = st.lists(
    st.tuples(
        st.integers(0, 40),
        st.sampled_from(["sub", "sub", "sub", "rate"]),
        st.integers(0, 2),
        changes,
        st.decimals("0.1", 5, places=4),
    ),
    min_size=1,
    max_size=12,
)


class AnyStory(TestCase):
    @settings(max_examples=examples(10), deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(events)
    def test_it_adds_up(self, story) -> None:
        account, day, told = Account.objects.create(external_id="x", name="X"), START, 0
        for currency in ("EUR", "RON"):
            set_rate(currency, date(2024, 1, 1), "1.1", by="t")
        for wait, what, number, fields, rate in story:
            day += timedelta(days=wait)
            with time_machine.travel(datetime(day.year, day.month, day.day, 12, tzinfo=UTC), tick=False):
                sweep_subscriptions()
                try:
                    if what == "rate":
                        set_rate("EUR" if number else "RON", day - timedelta(days=number * 9), rate, by="t")
                    else:
                        defaults = {"currency": "EUR", "started_on": day, "unit_amount": Decimal(30)}
                        known = account.subscriptions.filter(external_id=f"S{number}").exists()
                        new = {} if known else defaults
                        upsert_subscription(account, f"S{number}", by="t", **{**new, **fields})
                except DomainError:
                    told += 1
                adds_up()
                # Said again, it is so already; a second sweep finds nothing.
                sweep_subscriptions()
                assert sweep_subscriptions() == 0
        months = mrr_by_month(START, day)
        account.refresh_from_db()
        for view in (months, mrr_by_month(START, day, net=True)):
            rounded = [month.rounded() for month in view]
            assert rounded[0].start == 0
            assert all(a.end == b.start for a, b in pairwise(rounded))
            assert all(m.start + sum(m.moves.values()) == m.end for m in rounded)
            assert rounded[-1].end == displayed(account.mrr)


class OneByOneOrTogether(TestCase):
    rows = st.lists(
        st.fixed_dictionaries(
            {"started_on": days, "unit_amount": amounts, "quantity": st.integers(0, 9)},
            optional={"ended_on": days, "trial_ends_on": days, "interval": st.sampled_from(["month", "year"])},
        ),
        min_size=1,
        max_size=6,
    )

    @settings(max_examples=examples(8), deadline=None)
    @given(rows)
    def test_the_same_figures(self, rows) -> None:
        one, all_of_them = (Account.objects.create(external_id=n, name=n) for n in ("one", "all"))
        with time_machine.travel(TODAY, tick=False):
            for number, fields in enumerate(rows):
                refused = False
                try:
                    upsert_subscription(one, f"1-{number}", by="t", currency="USD", **fields)
                except DomainError:
                    refused = True
                assert refused == (fields.get("ended_on", date.max) < fields["started_on"])
            upsert_subscriptions(
                [{"external_id": f"2-{n}", "account": "all", "currency": "USD", **f} for n, f in enumerate(rows)],
                by="t",
            )
        one.refresh_from_db()
        all_of_them.refresh_from_db()
        same = ("mrr", "seats", "stage", "started_on", "churned_on", "trial_ends_on")
        assert [getattr(one, n) for n in same] == [getattr(all_of_them, n) for n in same]
        steps = [
            sorted(SubscriptionChange.objects.filter(account=a).values_list("effective_on", "mrr", "quantity"))
            for a in (one, all_of_them)
        ]
        assert steps[0] == steps[1]
        adds_up()


@pytest.mark.django_db
def test_movements_are_only_written_where_they_differ() -> None:
    with time_machine.travel(TODAY):
        a = make_account("A")
        subscribe(a, started_on="2026-01-01")
        ids = set(Movement.objects.values_list("pk", flat=True))
        subscribe(a, quantity=2)
    assert ids < set(Movement.objects.values_list("pk", flat=True))
