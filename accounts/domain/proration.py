"""What a change in the middle of a paid period costs (M8). Prorated money is paid once: it never enters MRR."""

from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import Decimal

from django.utils.translation import gettext as _

from accounts.domain.mrr import ARITHMETIC, displayed
from accounts.exceptions import DomainError


@dataclass(frozen=True)
class Proration:
    days_left: int
    days_period: int
    exact: Decimal

    @property
    def money(self) -> Decimal:
        """To the cent, halves away from zero; below zero it is a credit."""
        return displayed(self.exact)


def prorate(amount: Decimal, period: tuple[date, date], change_on: date) -> Proration:
    """`amount` is what the change costs for the whole `period` [from, to); the day of change is of the new state.

    Days are days in the customer's zone (see `local_day`). A change before the period pays all of it, one after
    it nothing.
    """
    first, until = period
    whole = (until - first).days
    if whole <= 0:
        raise DomainError(_("A billing period ends after it begins."), code="period_empty")
    left = min(max((until - change_on).days, 0), whole)
    exact = ARITHMETIC.divide(ARITHMETIC.multiply(Decimal(amount), Decimal(left)), Decimal(whole))
    return Proration(left, whole, exact)


def local_day(instant: datetime, zone: tzinfo) -> date:
    return instant.astimezone(zone).date()
