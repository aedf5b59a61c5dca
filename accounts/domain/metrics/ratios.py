"""Shares and means that know what they cannot tell: None where there is nothing to divide by, never NaN."""

from collections.abc import Iterable
from decimal import Decimal, localcontext

from accounts.domain.mrr import ARITHMETIC

Number = Decimal | int


def ratio(part: Number | None, whole: Number | None) -> Decimal | None:
    if part is None or not whole:
        return None
    return ARITHMETIC.divide(Decimal(part), Decimal(whole))


def product(*factors: Number | None) -> Decimal | None:
    """None as soon as one of them is not known."""
    result = Decimal(1)
    for factor in factors:
        if factor is None:
            return None
        result = ARITHMETIC.multiply(result, Decimal(factor))
    return result


def mean(values: Iterable[Number]) -> Decimal | None:
    known = [Decimal(value) for value in values]
    with localcontext(ARITHMETIC):
        return ratio(sum(known), len(known))
