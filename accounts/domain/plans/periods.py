"""The period that is paid for: from one anniversary to the next, in days of the customer's zone (M8, M11)."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Protocol

from accounts.domain.anniversaries import anniversary
from accounts.enums import Interval

MONTHS = {Interval.MONTH: 1, Interval.QUARTER: 3, Interval.YEAR: 12}
DAYS = {Interval.DAY: 1, Interval.WEEK: 7}


class Rhythm(Protocol):
    interval: str
    interval_count: int
    started_on: date
    trial_ends_on: date | None
    term_end: date | None


def period_of(sub: Rhythm, day: date) -> tuple[date, date]:
    """The billing period that `day` lies in, half-open; the first one where it has not begun.

    Counted from the day they began to pay. A term that ends on another day was agreed anew: then from its end.
    """
    anchor = max(sub.started_on, sub.trial_ends_on or sub.started_on)
    if sub.term_end and sub.term_end > anchor and _at(sub, anchor)(_number(sub, anchor, sub.term_end)) != sub.term_end:
        anchor = sub.term_end
        day_of = _at(sub, anchor)
    else:
        day_of = _at(sub, anchor)
        day = max(day, anchor)
    number = _number(sub, anchor, day)
    return day_of(number), day_of(number + 1)


def next_period(interval: str, begins: date) -> date:
    """The end of a period that begins on that day."""
    if interval in MONTHS:
        return anniversary(begins, MONTHS[Interval(interval)])
    return begins + timedelta(days=DAYS[Interval(interval)])


def _at(sub: Rhythm, anchor: date) -> Callable[[int], date]:
    """The anniversaries by number, also before the anchor."""
    interval = Interval(sub.interval)
    if interval in MONTHS:
        return lambda number: anniversary(anchor, number * MONTHS[interval] * sub.interval_count)
    return lambda number: anchor + timedelta(days=number * DAYS[interval] * sub.interval_count)


def _number(sub: Rhythm, anchor: date, day: date) -> int:
    """Of the last anniversary that is not after `day`."""
    interval, day_of = Interval(sub.interval), _at(sub, anchor)
    if interval in MONTHS:
        months = (day.year - anchor.year) * 12 + day.month - anchor.month
        number = months // (MONTHS[interval] * sub.interval_count)
    else:
        number = (day - anchor).days // (DAYS[interval] * sub.interval_count)
    while day_of(number) > day:
        number -= 1
    while day_of(number + 1) <= day:
        number += 1
    return number
