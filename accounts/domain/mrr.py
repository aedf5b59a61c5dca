"""What a subscription is worth a month (RULES 3, M1 and M2). Pure arithmetic: no rounding before display."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from typing import Protocol

from django.utils.translation import gettext as _

from accounts.enums import Interval
from accounts.exceptions import DomainError

ZERO = Decimal(0)
EXACT = Decimal("0.00000001")  # what the database keeps
CENT = Decimal("0.01")
MOST = Decimal(1_000_000_000)  # a month: more is a slip of the keyboard, and would not add up in the columns
ARITHMETIC = Context(prec=60, rounding=ROUND_HALF_UP)

# One month as a fraction of the interval.
MONTHLY: dict[str, tuple[int, int]] = {
    Interval.DAY: (365, 12),
    Interval.WEEK: (52, 12),
    Interval.MONTH: (1, 1),
    Interval.QUARTER: (1, 3),
    Interval.YEAR: (1, 12),
}


class Price(Protocol):
    unit_amount: Decimal
    quantity: int
    per_seat: bool
    interval: str
    interval_count: int
    discount_percent: Decimal
    discount_amount: Decimal


def exact_monthly(amount: Decimal | int, interval: str, count: int = 1) -> Fraction:
    """For sums over many: add these, round the sum."""
    numerator, denominator = MONTHLY[interval]
    return Fraction(amount) * numerator / (denominator * count)


def monthly(amount: Decimal, interval: str, count: int = 1) -> Decimal:
    """To the eight decimals that are kept."""
    numerator, denominator = MONTHLY[interval]
    if numerator == denominator == count:
        return kept(amount)
    return kept(ARITHMETIC.divide(ARITHMETIC.multiply(amount, Decimal(numerator)), Decimal(denominator * count)))


def recurring(price: Price) -> Decimal:
    """Per billing interval: list amount × quantity, less the discounts that last as long as the subscription."""
    amount = ARITHMETIC.multiply(price.unit_amount, Decimal(price.quantity)) if price.per_seat else price.unit_amount
    if price.discount_percent:
        left = ARITHMETIC.subtract(Decimal(100), price.discount_percent)
        amount = ARITHMETIC.divide(ARITHMETIC.multiply(amount, left), Decimal(100))
    if price.discount_amount:
        amount = ARITHMETIC.subtract(amount, price.discount_amount)
    return max(amount, ZERO)


def monthly_amount(price: Price) -> Decimal:
    """What it is worth a month in its own currency, while it counts."""
    amount = monthly(recurring(price), price.interval, price.interval_count)
    if amount > MOST:
        raise DomainError(_("This is worth more than a billion a month: check price and seats."), code="too_much")
    return amount


def kept(amount: Decimal) -> Decimal:
    return amount.quantize(EXACT, context=ARITHMETIC)


def displayed(amount: Decimal | Fraction) -> Decimal:
    """To the cent, halves away from zero."""
    if isinstance(amount, Fraction):
        amount = ARITHMETIC.divide(Decimal(amount.numerator), Decimal(amount.denominator))
    return amount.quantize(CENT, context=ARITHMETIC)


def apportioned(total: Decimal, parts: Iterable[Decimal]) -> list[Decimal]:
    """`parts` to the cent so that they add up to `total`: what is over goes to those that lost most by rounding."""
    exact = list(parts)
    rounded = [displayed(part) for part in exact]
    over = int((total - sum(rounded)) / CENT)
    by_loss = sorted(range(len(exact)), key=lambda i: exact[i] - rounded[i], reverse=over > 0)
    for i in [i for i in by_loss if exact[i]][: abs(over)]:
        rounded[i] += CENT if over > 0 else -CENT
    return rounded
