"""The arithmetic of the ledger (RULES 6, R3 and R4). Pure."""

from datetime import datetime, timedelta
from fractions import Fraction

from referrals.domain.commission import rounded


def to_reverse(accrued: int, base: int, refunded: int, reversed_before: int) -> int:
    """R3: partial refunds are cumulative. With all of `base` refunded, all that accrued is reversed, whatever was
    rounded on the way."""
    if base <= 0:
        return 0
    whole = rounded(Fraction(accrued) * min(refunded, base) / base)
    return max(0, min(whole, accrued) - reversed_before)


def available_from(occurred_at: datetime, hold_days: int) -> datetime:
    """R4: after the hold, inclusive."""
    return occurred_at + timedelta(days=hold_days)


def reversal_available_from(refunded_at: datetime, accrual_available_at: datetime) -> datetime:
    """Not before what it reverses: a refund inside the hold never eats other earnings."""
    return max(refunded_at, accrual_available_at)
