"""What a payment earns (RULES 6, R1 and R7). Pure arithmetic in minor units: exact fractions, rounded once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from accounts.domain.anniversaries import anniversary
from referrals.enums import TierMode

Exact = int | Fraction | Decimal


def rounded(amount: Exact) -> int:
    """To the minor unit, halves away from zero."""
    exact = Fraction(amount)
    whole = (abs(exact) * 2 + 1) // 2
    return int(whole if exact >= 0 else -whole)


def base(gross: int, tax: int = 0, discount: int = 0, refunded: int = 0) -> int:
    """R1: what was paid for the product, net of tax, discount and earlier refunds."""
    return gross - tax - discount - refunded


def share(amount: Exact, percent: Exact | str) -> Fraction:
    return Fraction(amount) * Fraction(percent) / 100


def converted(amount: int, rate: Decimal, places: int = 0) -> Fraction:
    """R9: minor units of another currency in ours; `places`: how many decimals more ours has."""
    return Fraction(amount) * Fraction(rate) * Fraction(10) ** places


@dataclass(frozen=True)
class Tier:
    up_to: int | None  # customers, inclusive; None: no end
    rate: Fraction

    @classmethod
    def read(cls, rows: Iterable[Mapping[str, Any]]) -> "list[Tier]":
        """As programs keep them: [{"up_to": 10, "rate": "10"}, …]."""
        return [cls(row["up_to"], Fraction(str(row["rate"]))) for row in rows]


def rate_of(tiers: Iterable[Tier], sales: int, otherwise: Exact = 0) -> Fraction:
    """The rate of so many sales: of the tier they are in."""
    found = (tier.rate for tier in tiers if tier.up_to is None or sales <= tier.up_to)
    return next(found, Fraction(otherwise))


def tiered(tiers: Iterable[Tier], sales: int, amount: int, mode: str) -> int:
    """So many sales of one amount: each at the rate of its own tier, or all at the rate of the last."""
    tiers = list(tiers)
    if mode == TierMode.RETROACTIVE:
        return sales * rounded(share(amount, rate_of(tiers, sales)))
    return sum(rounded(share(amount, rate_of(tiers, nth))) for nth in range(1, sales + 1))


def still_earns(day: date, first: date | None, months: int | None) -> bool:
    """R7: before the day so many calendar months after the first commission, clipped at the month's end.
    Months: None, for as long as they pay; 0, their first payment alone."""
    if months is None or first is None:
        return True
    return months > 0 and day < anniversary(first, months)


def capped(amount: int, earned: int, cap: int | None) -> int:
    """As much of it as the cap leaves."""
    return amount if cap is None else max(0, min(amount, cap - earned))


def left_early(signed_up: date, left: date | None, days: int) -> bool:
    """Within so many days of signing up: what was earned for them is taken back. On the last day and later it stays."""
    return left is not None and 0 <= (left - signed_up).days < days


def discounted(price: int, percent: Exact | str, months: int, nth: int) -> int:
    """What a referred customer pays in their nth month."""
    return rounded(price - share(price, percent)) if nth <= months else price
