"""What a version costs for so many seats."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from accounts.domain.mrr import ARITHMETIC
from accounts.enums import ValueMetric
from accounts.models import PlanPrice, PlanVersion


def price_for(version: PlanVersion, interval: str, currency: str) -> PlanPrice | None:
    """None: it is not sold in this rhythm or currency. Wants `prices` prefetched where many are asked."""
    return next((p for p in version.prices.all() if (p.interval, p.currency) == (interval, currency)), None)


def amount_for(version: PlanVersion, price: PlanPrice, seats: int) -> Decimal:
    """Per billing interval."""
    if version.metric == ValueMetric.SEAT:
        return ARITHMETIC.multiply(price.amount, Decimal(seats))
    return tiered(price.tiers, seats) if version.metric == ValueMetric.TIERED else price.amount


def tiered(tiers: Iterable[Mapping[str, Any]], seats: int) -> Decimal:
    """Graduated: each seat costs what its own tier says, so that one more seat never makes the whole cheaper."""
    total, counted = Decimal(0), 0
    for tier in tiers:
        until = seats if tier["up_to"] is None else min(tier["up_to"], seats)
        total += ARITHMETIC.multiply(Decimal(tier["amount"]), Decimal(max(until - counted, 0)))
        counted = max(counted, until)
    return total


def as_fields(version: PlanVersion, price: PlanPrice, seats: int) -> dict[str, Any]:
    """As a subscription has it: recurring money only. Metered use is invoiced, and never a part of MRR (M1)."""
    per_seat = version.metric == ValueMetric.SEAT
    return {
        "plan": version.plan,
        "plan_version": version,
        "quantity": seats,
        "unit_amount": price.amount if per_seat else amount_for(version, price, seats),
        "per_seat": per_seat,
        "interval": price.interval,
        "interval_count": 1,
    }


def seats_of(version: PlanVersion | None) -> tuple[int, int | None]:
    """The fewest and the most."""
    return (version.min_seats, version.max_seats) if version else (1, None)
