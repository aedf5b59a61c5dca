"""What all of it uses: a referral with what the story knows of it, days and noons."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from config.demo.story import Customer
from referrals.models import Referral

MOST = 3000  # referred customers: more of the same tells nothing
DAY = timedelta(days=1)


@dataclass
class Bound:
    """A customer and the referral that brought it."""

    customer: Customer
    referral: Referral


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)
