"""Averages of what was ordered: as plain arithmetic over the rows has them, in every dimension and currency."""

import random
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine

from accounts.domain.numbers.asking import Asked
from accounts.domain.numbers.averages import orders_by, orders_of
from accounts.domain.numbers.sums import Filters
from accounts.models import ExchangeRate
from health.models import Invoice
from tests.accounts.numbers.test_pages import get, text
from tests.accounts.spine import make_account

pytestmark = pytest.mark.django_db
TODAY = datetime(2026, 3, 4, 12, tzinfo=UTC)
FIRST, LAST = date(2025, 3, 1), date(2026, 2, 1)


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(TODAY, tick=False):
        yield


def invoice(account, number: int, day: date, amount, **fields) -> None:
    given = {"currency": "USD", "due_on": day, "status": "paid", "paid_on": day} | fields
    Invoice.objects.create(account=account, external_id=str(number), issued_on=day, amount=amount, **given)


def test_they_are_what_the_rows_say() -> None:
    random.seed(6)
    bought = defaultdict(list)
    accounts = [make_account(f"A{n}", channel="Ads" if n % 3 else "Events") for n in range(12)]
    for n in range(80):
        account, day = random.choice(accounts), date(2024, 9, 1) + timedelta(days=random.randrange(545))
        amount = Decimal(random.randrange(500, 9000)) / 100
        bought[account].append((day, amount))
        invoice(account, n, day, amount)
    invoice(accounts[0], 900, FIRST, 50, status="void", paid_on=None)
    invoice(accounts[0], 901, FIRST, -20)
    asked = Asked(FIRST, LAST)
    by_channel = orders_by("channel", asked)
    for found, who in [(orders_of(asked), accounts), *((by_channel[c], [a for a in accounts if a.channel == c]) for c in ("Ads", "Events"))]:  # fmt: skip
        rows = {a: [(d, m) for d, m in bought[a] if d < date(2026, 3, 1)] for a in who if bought[a]}
        recent = {a: [m for d, m in own if d >= FIRST] for a, own in rows.items()}
        orders, buyers = sum(len(own) for own in recent.values()), sum(bool(own) for own in recent.values())
        value = sum(sum(own) for own in recent.values()) / orders
        days = sum((max(own)[0] - min(own)[0]).days for own in rows.values() if own)
        ever = sum(bool(own) for own in rows.values())
        assert (found.orders, found.customers, found.customers_ever) == (orders, buyers, ever)
        assert found.order_value == pytest.approx(value)
        assert found.frequency == pytest.approx(Decimal(orders) / buyers / 12)
        assert found.customer_value == pytest.approx(value * orders / buyers / 12)
        assert found.orders_per_customer == pytest.approx(Decimal(sum(len(own) for own in rows.values())) / ever)
        assert found.lifetime == pytest.approx(Decimal(days) / ever * 12 / 365)
        assert found.lifetime_value == pytest.approx(found.customer_value * found.lifetime)


def test_other_currencies_at_the_rate_of_the_day_and_never_without(chloe, signed_in) -> None:
    a = make_account("A")
    invoice(a, 1, date(2025, 6, 1), 100, currency="EUR")
    invoice(a, 2, date(2025, 8, 1), 100, currency="EUR")
    ExchangeRate.objects.create(currency="EUR", valid_from="2025-07-01", rate="1.2")
    found = orders_of(Asked(FIRST, LAST))
    assert (found.unrated, found.order_value, found.lifetime_value, found.orders_per_customer) == (
        {"EUR"},
        None,
        None,
        2,
    )
    words = text(get(signed_in(chloe), "worth/"))
    assert "No exchange rate of its day for orders in EUR." in words
    assert orders_of(Asked(date(2025, 7, 1), LAST)).order_value == 120


def test_the_page_shows_them_with_their_formulas_and_who_they_are(chloe, signed_in) -> None:
    a, b = make_account("Acme", channel="Ads"), make_account("Bolt", channel="Ads")
    for n, day in enumerate((date(2025, 3, 1), date(2025, 8, 31), date(2026, 2, 28))):
        invoice(a, n, day, 40 + n)
    invoice(b, 9, date(2024, 1, 1), 7)
    page = get(signed_in(chloe), "worth/", by="channel")
    words = text(page)
    assert "Order value $41.00 Invoiced / orders $123.00 / 3" in words
    assert "Purchase frequency 0.25 a month Orders / customers who ordered / months 3 / 1 / 12" in words
    assert "Customer value $10.25" in words
    assert "Orders per customer 2.00 All orders / all customers, up to the end 4 / 2" in words
    assert "364 days / 2" in words
    assert "Ads 1 3 $41.00 0.25 $10.25 2.00 6.0 months" in words
    assert "figure=orders&amp;channel=Ads" in page
    behind = text(get(signed_in(chloe), "accounts/", figure="orders", channel="Ads"))
    assert "Accounts 1 Orders 3 Invoiced $123" in behind
    assert "Acme – – 3 $123.00 3" in behind
    assert orders_of(Asked(FIRST, LAST, Filters(channel="Events"))).order_value is None
