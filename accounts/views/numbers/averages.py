"""Averages as they are read: how much, how often, how long; each with its formula, and the lifetime value of them."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _, gettext_lazy

from accounts import formats
from accounts.domain.metrics.orders import Orders
from accounts.domain.metrics.ratios import ratio
from accounts.domain.numbers.writing import NOTHING, months

HEAD = ("ordered", "orders", "order_value", "orders_a_month", "customer_value", "orders_per_customer",
        "lifetime_months", "ltv_from_orders")  # fmt: skip
TITLES = (
    gettext_lazy("Customers"),
    gettext_lazy("Orders"),
    gettext_lazy("Order value"),
    gettext_lazy("Orders a month"),
    gettext_lazy("Customer value"),
    gettext_lazy("Orders each"),
    gettext_lazy("Lifetime so far"),
    gettext_lazy("LTV"),
)
NONE = gettext_lazy("No invoices in these months.")


@dataclass(frozen=True)
class Form:
    """A figure with its rule, the rule with numbers put in, value or why there is none, and what it says."""

    title: str
    rule: str
    worked: str
    value: str
    about: str


def averages(found: Orders, churn: Decimal | None) -> list[Form]:
    """`churn`: a month's share of customers, from which a lifetime comes too."""
    facts = {
        "revenue": exactly(found.revenue), "orders": formats.number(found.orders),
        "customers": formats.number(found.customers), "months": formats.number(found.months),
        "ever": formats.number(found.orders_ever), "all": formats.number(found.customers_ever),
        "days": formats.number(found.days),
    }  # fmt: skip
    why = missing(found)
    return [
        Form(
            _("Order value"), _("Invoiced / orders"), _("%(revenue)s / %(orders)s") % facts,
            _or(exactly(found.order_value), why), _("Invoices that stand, in the months chosen."),
        ),
        Form(
            _("Purchase frequency"), _("Orders / customers who ordered / months"),
            _("%(orders)s / %(customers)s / %(months)s") % facts, _or(often(found.frequency), str(NONE)),
            _("How often in a month who orders at all."),
        ),
        Form(
            _("Customer value"), _("Order value × frequency"),
            f"{exactly(found.order_value)} × {often(found.frequency)}", _or(exactly(found.customer_value), why),
            _("What a customer who orders brings in a month."),
        ),
        Form(
            _("Orders per customer"), _("All orders / all customers, up to the end"), _("%(ever)s / %(all)s") % facts,
            _or(number(found.orders_per_customer), str(NONE)), _("Also of those who have not come back since."),
        ),
        Form(
            _("Customer lifetime so far"), _("Days from first to last order / all customers"),
            _("%(days)s days / %(all)s") % facts, _or(_months(found.lifetime), str(NONE)),
            _("As far as it has come: who orders again will have had a longer one."),
        ),
        Form(
            _("Customer lifetime"), _("1 / churn"), f"1 / {NOTHING if churn is None else _fine(churn)}",
            _or(_months(ratio(1, churn)), _("No churn yet: nothing to divide by.")),
            _("How long customers stay if as many leave each month as in the last six."),
        ),
    ]  # fmt: skip


def from_orders(found: Orders) -> Form:
    return Form(
        _("From orders"), _("Customer value × lifetime so far"),
        f"{exactly(found.customer_value)} × {_months(found.lifetime)}",
        _or(exactly(found.lifetime_value), missing(found)),
        _("What was really invoiced, for as long as they have been ordering: it grows while they stay."),
    )  # fmt: skip


def missing(found: Orders) -> str:
    if not found.unrated:
        return str(NONE)
    return _("No exchange rate of its day for orders in %(currencies)s.") % {
        "currencies": ", ".join(sorted(found.unrated))
    }


def cells(found: Orders) -> list[str]:
    """As they stand in a table."""
    return [
        formats.number(found.customers), formats.number(found.orders), exactly(found.order_value),
        number(found.frequency), exactly(found.customer_value), number(found.orders_per_customer),
        _months(found.lifetime), exactly(found.lifetime_value),
    ]  # fmt: skip


def values(found: Orders | None) -> list[Any]:
    """As they stand in a file."""
    if found is None:
        return [None] * len(HEAD)
    return [found.customers, found.orders, found.order_value, found.frequency, found.customer_value,
            found.orders_per_customer, found.lifetime, found.lifetime_value]  # fmt: skip


def exactly(value: Decimal | None) -> str:
    return NOTHING if value is None else formats.money(value, settings.REPORTING_CURRENCY, exact=True)


def number(value: Decimal | None) -> str:
    return NOTHING if value is None else formats.number(value, decimals=2)


def often(value: Decimal | None) -> str:
    return NOTHING if value is None else _("%(n)s a month") % {"n": number(value)}


def _months(value: Decimal | None) -> str:
    return NOTHING if value is None else months(value)


def _fine(value: Decimal) -> str:
    return formats.percent(value, decimals=2)


def _or(text: str, why: str) -> str:
    return why if text == NOTHING else text
