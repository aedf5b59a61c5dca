"""Invoices as orders, for averages among the numbers (accounts.registry.OrderBook)."""

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection

from accounts.domain.metrics.months import following
from accounts.domain.metrics.orders import Orders
from accounts.domain.numbers.asking import Asked
from accounts.domain.numbers.paging import Page, page_of
from accounts.domain.numbers.spending import MEMBERS
from accounts.domain.rates import RATE_ON

# What was issued for money and stands. A rate is looked up where the currency is another one, for the period only.
ORDERS = f"""
    select account_id, issued_on, issued_on >= %(first)s as recent, currency,
        case when currency = %(reporting)s then amount when issued_on >= %(first)s
            then amount * ({RATE_ON.format(currency="i.currency", day="i.issued_on")}) end as worth
    from health_invoice i
    where status <> 'void' and amount > 0 and issued_on < %(until)s
        and (%(everybody)s or account_id = any(%(ids)s))
"""  # noqa: S608 - constants
BY_ACCOUNT = f"""
    select account_id, count(*) as orders, max(issued_on) - min(issued_on) as days,
        count(*) filter (where recent) as recent, coalesce(sum(worth) filter (where recent), 0) as revenue,
        string_agg(currency, ' ') filter (where recent and worth is null) as unrated
    from ({ORDERS}) o group by 1
"""  # noqa: S608 - constants
BY_MEMBER = """
    select {member}, count(*), sum(o.orders), sum(o.days), count(*) filter (where o.recent > 0), sum(o.recent),
        sum(o.revenue), string_agg(distinct o.unrated, ' ')
    from ({accounts}) o join accounts_account a on a.id = o.account_id group by 1
"""
ORDERED = f"""
    select account_id, recent, case when unrated is null then revenue end, orders
    from ({BY_ACCOUNT}) o where recent > 0
"""  # noqa: S608 - constants


def orders(asked: Asked, by: str = "") -> dict[str, Orders]:
    """By member of a dimension."""
    with connection.cursor() as cursor:
        cursor.execute(BY_MEMBER.format(member=MEMBERS[by], accounts=BY_ACCOUNT), _params(asked))
        return {member: _orders(row, len(asked.months)) for member, *row in cursor.fetchall()}


def _params(asked: Asked) -> dict[str, Any]:
    accounts = asked.accounts()
    ids = None if accounts is None else list(accounts.values_list("pk", flat=True))
    return {
        "first": asked.first, "until": following(asked.last), "reporting": settings.REPORTING_CURRENCY,
        "everybody": ids is None, "ids": ids or [],
    }  # fmt: skip


def _orders(row: list[Any], months: int) -> Orders:
    ever, orders_ever, days, customers, count, revenue, unrated = row
    currencies = frozenset((unrated or "").split())
    return Orders(months, customers, int(count), Decimal(revenue), currencies, ever, int(orders_ever), int(days))


def who_ordered(asked: Asked, size: int, offset: int) -> Page:
    """In the period: how often, for how much (None where a rate is missing); and how often in all."""
    return page_of(ORDERED, ("orders", "invoiced", "orders_ever"), _params(asked), size, offset)
