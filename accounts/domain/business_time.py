"""Business hours: Monday to Friday, nine to five unless told otherwise, as the account's clocks tell them."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

OPENS, CLOSES = time(9), time(17)
WORKDAYS = 5
LONGEST = timedelta(days=3660)  # of holidays without end


@dataclass(frozen=True)
class _Hours:
    tz: tzinfo
    holidays: Container[date]
    opens: time
    closes: time

    def open_from(self, moment: datetime) -> datetime:
        """`moment`, if it is within business hours, else when they next begin."""
        day = moment.astimezone(self.tz).date()
        last = day + LONGEST
        while day < last:
            if day.weekday() < WORKDAYS and day not in self.holidays and moment < self._at(day, self.closes):
                return max(moment, self._at(day, self.opens))
            day += timedelta(days=1)
        raise ValueError("no working day within ten years")

    def end_of(self, moment: datetime) -> datetime:
        return self._at(moment.astimezone(self.tz).date(), self.closes)

    def _at(self, day: date, clock: time) -> datetime:
        # In UTC: differences between two moments of one zone would ignore a change of clocks between them.
        return datetime.combine(day, clock, self.tz).astimezone(UTC)


def add_business_hours(
    start: datetime,
    hours: float,
    tz: tzinfo,
    holidays: Container[date] = frozenset(),
    *,
    opens: time = OPENS,
    closes: time = CLOSES,
) -> datetime:
    """`hours` of open time after `start`. Time outside business hours does not count; no hours at all end where
    the next open minute begins."""
    if closes <= opens:
        raise ValueError("business hours end after they begin")
    open_hours = _Hours(tz, holidays, opens, closes)
    left, at = timedelta(hours=hours), open_hours.open_from(start)
    while left > (today := open_hours.end_of(at) - at):
        left -= today
        at = open_hours.open_from(open_hours.end_of(at))
    return at + left
