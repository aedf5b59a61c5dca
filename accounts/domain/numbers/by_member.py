"""What customers are worth and cost, by segment, plan, channel, CSM or touch model."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from typing import Any

from accounts.domain import rules
from accounts.domain.anniversaries import anniversary
from accounts.domain.metrics import ltv
from accounts.domain.metrics.acquisition import acquisition
from accounts.domain.metrics.ratios import ratio
from accounts.domain.mrr import ARITHMETIC, ZERO
from accounts.domain.numbers import spending
from accounts.domain.numbers.asking import YEAR, Asked, last_full_month
from accounts.domain.numbers.kpis import SIX, churn_of, growth_of, monthly_discount
from accounts.domain.numbers.sums import Filters, Sum, sums_by

# Under so many customers a month's churn is chance.
FEW = 30


@dataclass(frozen=True)
class Worth:
    member: str
    last: Sum
    churn: Decimal | None
    won: int
    spent: Decimal | None
    ltv: ltv.LifetimeValue
    cac: Decimal | None
    ltv_to_cac: Decimal | None
    payback: Decimal | None
    crc: Decimal | None = None

    @property
    def ltv_to_crc(self) -> Decimal | None:
        return ratio(self.ltv.margin, self.crc)

    @property
    def few(self) -> bool:
        return self.last.customers_start < FEW


def worth_by(dimension: str, asked: Asked) -> list[Worth]:
    """The largest MRR first. Costs and customers won are those of the twelve months to the last one."""
    first = anniversary(asked.last, 1 - YEAR)
    found = sums_by(dimension, first, asked.last, asked.filters)
    won = _won(dimension, first, asked)
    spent = Spent(spending.costs_between(first, asked.last), spending.won_by_channel(first, asked.last, Filters()))
    keeping = _keeping(dimension, first, asked)
    rows = [_worth(who, months, spent, won.get(who, {}), keeping.get(who)) for who, months in found.items()]
    return sorted(rows, key=lambda row: (-row.last.end, row.member))


@dataclass(frozen=True)
class Spent:
    """What was spent, and on whom: everybody won, by month and channel."""

    costs: spending.Costs
    won_of_all: spending.Won


def _worth(member: str, months: list[Sum], of: Spent, won: spending.Won, keeping: Decimal | None) -> Worth:
    last = months[-1]
    full = [s for s in months if s.customers_start and s.month <= last_full_month()][-SIX:]
    spent, count, told = of.costs.on_winning([s.month for s in months], won, of.won_of_all)
    arpa, margin = ratio(last.end, last.customers_end), rules.share("numbers.margin")
    value = ltv.lifetime_value(
        arpa, churn_of(full), margin, discount=monthly_discount(), growth=growth_of(full),
        horizon=rules.number("numbers.horizon"),
    )  # fmt: skip
    bought = acquisition(spent, count, arpa, margin, value.margin) if told else None
    kept = last.year_customers - last.year_lost
    return Worth(
        member, last, churn_of(full), sum(s.customers_new for s in months), spent if told else None, value,
        bought.cac if bought else None, bought.ltv_to_cac if bought else None,
        bought.payback_months if bought else None,
        ratio(keeping, kept) if keeping else None,
    )  # fmt: skip


def _won(dimension: str, first: date, asked: Asked) -> dict[str, Any]:
    """New customers by member, month and channel: one reading for each channel there is."""
    found: dict[str, Any] = {}
    if dimension == "channel":
        for channel, months in sums_by("channel", first, asked.last, asked.filters).items():
            found[channel] = {s.month: {channel: s.customers_new} for s in months if s.customers_new}
        return found
    for channel, member, month, count in spending.won_by_member(dimension, first, asked.last, asked.filters):
        found.setdefault(member, {}).setdefault(month, {})[channel] = count
    return found


def _keeping(dimension: str, first: date, asked: Asked) -> dict[str, Decimal]:
    """What keeping them cost in the year: logged minutes, and programs shared out by customers kept."""
    programs = sum(spending.costs_between(first, asked.last).keeping.values(), ZERO)
    minutes = spending.minutes_by(dimension, first, asked.last, asked.accounts())
    years = {member: months[-1] for member, months in sums_by(dimension, first, asked.last, asked.filters).items()}
    everybody = sum(
        s.year_customers - s.year_lost
        for months in sums_by(dimension, asked.last, asked.last).values()
        for s in months[-1:]
    )
    hour = rules.number("numbers.hour_cost")
    with localcontext(ARITHMETIC):
        return {
            member: Decimal(minutes.get(member, 0)) / 60 * hour
            + programs * (ratio(s.year_customers - s.year_lost, everybody) or ZERO)
            for member, s in years.items()
        }
