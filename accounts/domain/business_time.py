"""Business hours: Monday to Friday, nine to five, as the account's clocks tell them."""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta, tzinfo

OPENS, CLOSES = time(9), time(17)
WORKDAYS = 5
LONGEST = timedelta(days=3660)  # of holidays without end


def add_business_hours(start: datetime, hours: float, tz: tzinfo, holidays: Collection[date] = frozenset()) -> datetime:
    """`hours` of open time after `start`. Time outside business hours does not count; no hours at all end where
    the next open minute begins."""
    left, at = timedelta(hours=hours), _open_from(start, tz, holidays)
    while left > (today := _closes(at, tz) - at):
        left -= today
        at = _open_from(_closes(at, tz), tz, holidays)
    return at + left


def _open_from(moment: datetime, tz: tzinfo, holidays: Collection[date]) -> datetime:
    """`moment`, if it is within business hours, else when they next begin."""
    day = moment.astimezone(tz).date()
    last = day + LONGEST
    while day < last:
        if day.weekday() < WORKDAYS and day not in holidays and moment < _at(day, CLOSES, tz):
            return max(moment, _at(day, OPENS, tz))
        day += timedelta(days=1)
    raise ValueError("no working day within ten years")


def _closes(moment: datetime, tz: tzinfo) -> datetime:
    return _at(moment.astimezone(tz).date(), CLOSES, tz)


def _at(day: date, clock: time, tz: tzinfo) -> datetime:
    # In UTC: differences between two moments of one zone would ignore a change of clocks between them.
    return datetime.combine(day, clock, tz).astimezone(UTC)
