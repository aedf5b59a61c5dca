"""What of a bill recurs (M1): neither one-off fees nor use nor tax, and of discounts only those that last."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from accounts.domain.mrr import ZERO, exact_monthly

RECURRING = "subscription"
FOREVER = "forever"


@dataclass(frozen=True)
class Line:
    kind: str  # "subscription", "setup", "metered", "tax" …
    amount: Decimal
    interval: str | None = None
    count: int | None = None


@dataclass(frozen=True)
class Discount:
    duration: str  # "once", "repeating", "forever"
    percent: Decimal = ZERO
    amount: Decimal = ZERO


def mrr_of(lines: Iterable[Line]) -> Fraction:
    recurring = (line for line in lines if line.kind == RECURRING and line.interval)
    return sum((exact_monthly(line.amount, str(line.interval), line.count or 1) for line in recurring), Fraction())


def lasting(discounts: Iterable[Discount]) -> dict[str, Decimal]:
    """As a subscription's fields: only discounts that last as long as it does."""
    found = [discount for discount in discounts if discount.duration == FOREVER]
    return {
        "discount_percent": min(sum((d.percent for d in found), ZERO), Decimal(100)),
        "discount_amount": sum((d.amount for d in found), ZERO),
    }
