"""What became of the customers of a period's start (M3, M5, M6, M7): per customer, never from totals."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.db import connection

from accounts.domain.metrics.ratios import ratio
from accounts.domain.mrr import ZERO


@dataclass(frozen=True)
class Customer:
    start: Decimal
    end: Decimal
    paid_before: bool = True  # at any time before the period
    fx: Decimal = ZERO  # what the market did to it meanwhile

    @property
    def moved(self) -> Decimal:
        return self.end - self.start - self.fx

    @property
    def kind(self) -> str:
        """What the period as a whole was for this customer; "" where nothing of theirs changed."""
        if self.moved > 0 and not self.start:
            return "reactivation" if self.paid_before else "new"
        if self.moved > 0:
            return "expansion"
        if self.moved < 0:
            return "contraction" if self.end else "churn"
        return ""


@dataclass(frozen=True)
class Waterfall:
    """start + new + reactivation + expansion − contraction − churn + fx = end."""

    start: Decimal = ZERO
    new: Decimal = ZERO
    reactivation: Decimal = ZERO
    expansion: Decimal = ZERO
    contraction: Decimal = ZERO
    churn: Decimal = ZERO
    fx: Decimal = ZERO
    end: Decimal = ZERO
    customers_at_start: int = 0
    customers_lost: int = 0
    customers_at_end: int = 0
    # Of the customers that paid at the start alone.
    kept: Decimal = ZERO  # Σ end
    kept_capped: Decimal = ZERO  # Σ min(start, end)

    @property
    def nrr(self) -> Decimal | None:
        return ratio(self.kept, self.start)

    @property
    def grr(self) -> Decimal | None:
        return ratio(self.kept_capped, self.start)

    @property
    def customer_churn(self) -> Decimal | None:
        return ratio(self.customers_lost, self.customers_at_start)

    @property
    def mrr_churn(self) -> Decimal | None:
        """Lost and shrunk, nothing set against it."""
        return ratio(self.churn + self.contraction, self.start)

    @property
    def net_mrr_churn(self) -> Decimal | None:
        """Less what expanded and came back: below zero, the base grows by itself. Not 1 − NRR, which leaves out
        those who came back."""
        return ratio(self.churn + self.contraction - self.expansion - self.reactivation, self.start)

    @property
    def quick_ratio(self) -> Decimal | None:
        """None: none lost."""
        return ratio(self.new + self.reactivation + self.expansion, self.churn + self.contraction)

    @property
    def arpa(self) -> Decimal | None:
        return ratio(self.end, self.customers_at_end)


def waterfall(customers: Iterable[Customer]) -> Waterfall:
    sums = dict.fromkeys(("new", "reactivation", "expansion", "contraction", "churn", ""), ZERO)
    start = end = fx = kept = capped = ZERO
    before = lost = after = 0
    for customer in customers:
        start, end, fx = start + customer.start, end + customer.end, fx + customer.fx
        sums[customer.kind] += abs(customer.moved)
        after += customer.end > 0
        if customer.start > 0:
            before, lost = before + 1, lost + (customer.end <= 0)
            kept, capped = kept + customer.end, capped + min(customer.start, customer.end)
    sums.pop("")
    return Waterfall(start, **sums, fx=fx, end=end, customers_at_start=before, customers_lost=lost,
                     customers_at_end=after, kept=kept, kept_capped=capped)  # fmt: skip


def at_constant_rates(customers: Iterable[Customer]) -> list[Customer]:
    """As if the market had stood still: what the customers did, and nothing else."""
    return [replace(customer, end=customer.end - customer.fx, fx=ZERO) for customer in customers]


BETWEEN = """
    select coalesce(sum(amount) filter (where occurred_on < %(first)s), 0) as start, sum(amount) as end,
           bool_or(occurred_on < %(first)s) as paid_before,
           coalesce(sum(amount) filter (where kind = 'fx' and occurred_on >= %(first)s), 0) as fx
    from accounts_movement where occurred_on < %(until)s group by account_id
"""


def customers_between(first: date, until: date) -> list[Customer]:
    """Everybody who ever paid before `until`, over the days [first, until)."""
    with connection.cursor() as cursor:
        cursor.execute(BETWEEN, {"first": first, "until": until})
        return [Customer(*row) for row in cursor.fetchall()]
