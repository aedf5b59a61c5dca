"""How long a term is, where it begins and where the next one ends: anniversaries of the anchor, never chained."""

from collections.abc import Iterator
from datetime import date, timedelta

from accounts.domain.anniversaries import anniversary
from accounts.enums import Interval
from accounts.models import Subscription

# Months that terms are made for, where nobody said how long one is.
USUAL = (1, 3, 6, 12, 24, 36, 48, 60)
BILLED = {Interval.MONTH: 1, Interval.QUARTER: 3, Interval.YEAR: 12}
DAYS = {Interval.DAY: 1, Interval.WEEK: 7}


def anchor_of(sub: Subscription) -> date | None:
    """The day whose anniversaries its terms end on: kept while it fits, else the start, else the end itself."""
    if sub.term_end is None:
        return None
    fitting = (day for day in (sub.term_anchor, sub.started_on) if day and _falls_on(day, sub.term_end))
    return next(fitting, sub.term_end)


def _falls_on(anchor: date, day: date) -> bool:
    return anniversary(anchor, _months(anchor, day)) == day


def _months(first: date, last: date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month


def beginning(sub: Subscription, running_on: date, not_before: date | None = None) -> date:
    """The first day of the term that ends on `sub.term_end`, as far as the subscription tells."""
    start = next((day for day in _candidates(sub) if _fits(sub, day, running_on)), sub.started_on)
    return max(start, sub.started_on, not_before or start)


def _candidates(sub: Subscription) -> Iterator[date]:
    """The shortest first: a term is billed once at least."""
    anchor, end = anchor_of(sub), sub.term_end
    assert anchor
    assert end
    if not sub.term_months and (every := DAYS.get(Interval(sub.interval))):
        yield end - timedelta(days=every * sub.interval_count)
    for months in _lengths(sub):
        yield anniversary(anchor, _months(anchor, end) - months)


def _lengths(sub: Subscription) -> Iterator[int]:
    if sub.term_months:
        yield sub.term_months
        return
    billed = BILLED.get(Interval(sub.interval), 0) * sub.interval_count
    if billed:
        yield billed
    yield from (months for months in USUAL if months > billed and months % (billed or 1) == 0)


def _fits(sub: Subscription, start: date, running_on: date) -> bool:
    """A term is longer than its own notice."""
    assert sub.term_end
    return bool(sub.term_months) or (start <= running_on and (sub.term_end - start).days > sub.notice_days)


def following(sub: Subscription, starts_on: date, ends_on: date) -> date:
    """The end of the term after the one of [starts_on, ends_on)."""
    anchor = anchor_of(sub)
    if anchor is None or not _falls_on(anchor, ends_on):
        anchor = ends_on
    months = sub.term_months or _usual(starts_on, ends_on)
    if months is None:
        return ends_on + (ends_on - starts_on)
    return anniversary(anchor, _months(anchor, ends_on) + months)


def _usual(starts_on: date, ends_on: date) -> int | None:
    """The usual length nearest to this one; None where it is counted in days."""
    days = (ends_on - starts_on).days
    if days < 27:
        return None
    return min(USUAL, key=lambda months: (abs(anniversary(starts_on, months) - ends_on), -months))


def running(sub: Subscription, starts_on: date, ends_on: date, today: date) -> date:
    """The end of the next term that is not over yet, after the one of [starts_on, ends_on)."""
    first, last = ends_on, following(sub, starts_on, ends_on)
    while last <= today:
        first, last = last, following(sub, first, last)
    return last
