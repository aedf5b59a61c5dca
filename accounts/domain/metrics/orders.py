"""Averages read off what was ordered, an order being an invoice: how much, how often, for how long. They ask for no
subscription, so that shops have them too."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from accounts.domain.metrics.ratios import product, ratio

ZERO = Decimal(0)
DAYS = Decimal(365) / 12  # of a month


@dataclass(frozen=True)
class Orders:
    """Of a period of `months`, and of all time up to its end. `unrated`: the currencies of orders of the period that
    have no rate of their day: then nobody knows what all of them come to."""

    months: int
    customers: int = 0  # who ordered in the period
    orders: int = 0
    revenue: Decimal = ZERO
    unrated: frozenset[str] = frozenset()
    customers_ever: int = 0
    orders_ever: int = 0
    days: int = 0  # from the first order to the last one, all customers together

    @property
    def order_value(self) -> Decimal | None:
        return None if self.unrated else ratio(self.revenue, self.orders)

    @property
    def frequency(self) -> Decimal | None:
        """Orders of a customer in a month."""
        return ratio(self.orders, self.customers * self.months)

    @property
    def customer_value(self) -> Decimal | None:
        """What a customer who orders brings in a month."""
        return product(self.order_value, self.frequency)

    @property
    def orders_per_customer(self) -> Decimal | None:
        return ratio(self.orders_ever, self.customers_ever)

    @property
    def lifetime(self) -> Decimal | None:
        """In months; of those who may order again, as far as it has come."""
        return ratio(self.days, product(self.customers_ever, DAYS))

    @property
    def lifetime_value(self) -> Decimal | None:
        return product(self.customer_value, self.lifetime)


def together(parts: Iterable[Orders], months: int) -> Orders:
    """Of all members of a dimension."""
    rows = list(parts)
    added = {
        name: sum(getattr(row, name) for row in rows)
        for name in ("customers", "orders", "customers_ever", "orders_ever", "days")
    }
    revenue = sum((row.revenue for row in rows), ZERO)
    return Orders(months, revenue=revenue, unrated=frozenset().union(*(row.unrated for row in rows)), **added)
