"""Day by day: active today = active yesterday + new − churned. The day of churn is the first one without."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from accounts.domain.lifecycle import counts_on
from accounts.models import Subscription


@dataclass(frozen=True)
class Day:
    day: date
    active: int
    new: int
    churned: int


def by_day(subscriptions: Iterable[Subscription], first: date, days: int) -> list[Day]:
    subs = list(subscriptions)
    yesterday = {id(sub) for sub in subs if counts_on(sub, first - timedelta(days=1))}
    result = []
    for day in (first + timedelta(days=number) for number in range(days)):
        today = {id(sub) for sub in subs if counts_on(sub, day)}
        result.append(Day(day, len(today), len(today - yesterday), len(yesterday - today)))
        yesterday = today
    return result
