"""An account's MRR over time, from its movements: they add up to it, always."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from accounts.models import Movement

MONTHS = 24


def month_ends(movements: Sequence[Movement], today: date, months: int = MONTHS) -> list[tuple[date, Decimal]]:
    """MRR at the end of each of the last `months` months, the running one as of today; none before the first
    movement. `movements` come in their order."""
    if not movements:
        return []
    days = [day for day in _last_days(today, months) if day >= movements[0].occurred_on]
    points, mrr, coming = [], Decimal(0), iter([*movements, None])
    movement = next(coming)
    for day in days or [today]:
        while movement and movement.occurred_on <= day:
            mrr, movement = movement.mrr_after, next(coming)
        points.append((day, mrr))
    return points


def _last_days(today: date, months: int) -> list[date]:
    days = [today]
    for _number in range(months - 1):
        days.append(days[-1].replace(day=1) - timedelta(days=1))
    return days[::-1]
