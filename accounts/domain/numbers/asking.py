"""What somebody asks the numbers: a period and filters, and everything that figures are made of, each read once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property, wraps
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from accounts.domain.anniversaries import anniversary
from accounts.domain.numbers import spending
from accounts.domain.numbers.sums import Filters, Sum, month_sums, months_between
from accounts.models import Account

YEAR, SIX = 12, 6
# Under which column of Account the members of a dimension stand.
COLUMNS = {
    "segment": "segment_id",
    "csm": "csm_id",
    "touch": "touch_model",
    "plan": "plan_id",
    "channel": "channel",
    "currency": "currency",
}
IDS = ("segment", "csm", "plan")


@dataclass(frozen=True)
class Point:
    """A figure in one month: its value, how it comes about with the numbers put in, or why there is none."""

    value: Decimal | None = None
    formula: str = ""
    missing: str = ""


@dataclass(frozen=True)
class Figure:
    """A figure over the months that were asked for. `behind`: the key of the accounts behind it (behind.FIGURES, or
    AccountsBehind of the registry); `span`: how many months to the last one they are of."""

    points: Sequence[Point]
    behind: str = ""
    span: int = 1

    @property
    def last(self) -> Point:
        return self.points[-1] if self.points else Point()

    @property
    def change(self) -> Decimal | None:
        """Against the month before."""
        values = [point.value for point in self.points[-2:]]
        return None if len(values) < 2 or values[0] is None or values[1] is None else values[1] - values[0]


def last_full_month(today: date | None = None) -> date:
    today = today or timezone.localdate()
    return (today.replace(day=1) - timedelta(days=1)).replace(day=1)


class Asked:
    """`first` and `last`: months, both included."""

    def __init__(self, first: date, last: date, filters: Filters | None = None) -> None:
        self.first, self.last = first.replace(day=1), last.replace(day=1)
        self.filters = filters or Filters()

    @cached_property
    def months(self) -> list[date]:
        return months_between(self.first, self.last)

    @cached_property
    def _sums(self) -> dict[date, Sum]:
        """With the year before: what looks back has something to look at."""
        rows = month_sums(anniversary(self.first, -YEAR), self.last, self.filters)
        return {row.month: row for row in rows}

    @property
    def sums(self) -> list[Sum]:
        return [self._sums[month] for month in self.months]

    def at(self, month: date) -> Sum:
        return self._sums[month]

    def year_to(self, month: date) -> list[Sum]:
        """The twelve months that end with this one."""
        return [self._sums[anniversary(month, -back)] for back in range(YEAR - 1, -1, -1)]

    def back_from(self, month: date, count: int) -> list[Sum]:
        """So many full months up to this one, those in which anybody paid."""
        full = min(month, last_full_month())
        found = [self._sums.get(anniversary(full, -back)) for back in range(count - 1, -1, -1)]
        return [row for row in found if row is not None and row.customers_start]

    @cached_property
    def costs(self) -> "spending.Costs":
        return spending.costs_between(anniversary(self.first, -YEAR), self.last)

    @cached_property
    def minutes(self) -> dict[date, int]:
        return spending.minutes_between(anniversary(self.first, -YEAR), self.last, self.accounts())

    @cached_property
    def won_by_channel(self) -> dict[date, dict[str, int]]:
        return spending.won_by_channel(anniversary(self.first, -YEAR), self.last, self.filters)

    @cached_property
    def won_of_all(self) -> dict[date, dict[str, int]]:
        if not self.filters.chosen():
            return self.won_by_channel
        return spending.won_by_channel(anniversary(self.first, -YEAR), self.last, Filters())

    def accounts(self) -> QuerySet[Account] | None:
        """Those asked about; None for all, which needs no question."""
        chosen = self.filters.chosen()
        if not chosen:
            return None
        where: dict[str, Any] = {}
        for name, value in chosen.items():
            column = COLUMNS[name]
            where |= {f"{column}__isnull": True} if name in IDS and not value else {column: value}
        return Account.objects.filter(**where)


def monthly(figure: Callable[[Asked, date], Point], *, behind: str = "", span: int = 1) -> Callable[[Asked], Figure]:
    """A figure told month by month, of sums that are read once."""

    @wraps(figure)
    def over(asked: Asked) -> Figure:
        return Figure([figure(asked, month) for month in asked.months], behind=behind, span=span)

    return over
