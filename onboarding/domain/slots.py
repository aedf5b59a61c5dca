"""Which starts are offered (RULES 5, B1 to B5): the one predicate for listing and for submitting.

Wall-clock rules become runs of open instants, runs a grid of starts, and of those remain the ones that keep notice,
horizon, limits and everything that is booked. Nothing is stored ahead: what is offered is worked out when asked.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from onboarding.domain.clocks import Span, known, local_day, merged, moment, shown

Interval = tuple[int, int]  # minutes of the day on the host's clock, half-open; 24:00 is 1440
# A run that begins before the days asked for anchors the grid there; one without any gap, a week back.
LOOK_BACK = 8
MOST_GRIDS = 4  # that hours remember, each of some weeks


@dataclass(frozen=True)
class Hours:
    """When somebody works: hours by weekday (Monday is 0), and dates that are different."""

    zone: ZoneInfo
    weekly: Mapping[int, Sequence[Interval]]
    # A date's own hours replace all of that date; none close it (B4).
    dates: Mapping[date, Sequence[Interval]] = field(default_factory=dict)
    _grids: dict[tuple["Meeting", date, date], list[int]] = field(default_factory=dict, compare=False, repr=False)

    def of(self, day: date) -> Sequence[Interval]:
        return self.dates[day] if day in self.dates else self.weekly.get(day.weekday(), ())

    def runs(self, first: date, last: date) -> list[Span]:
        """Open stretches of these local dates, in order; intervals that touch are one, also over midnight (B2)."""
        days = (first + timedelta(days=n) for n in range((last - first).days + 1))
        return merged([span for day in days for low, high in self.of(day) for span in known(self.zone, day, low, high)])

    def grid(self, meeting: "Meeting", first: date, last: date) -> Sequence[int]:
        """Where it could start if nothing were booked: the same for colleagues who share these hours."""
        key = (meeting, first, last)
        found = self._grids.get(key)
        if found is None:
            if len(self._grids) >= MOST_GRIDS:
                self._grids.clear()
            runs = self.runs(first - timedelta(days=LOOK_BACK), last + timedelta(days=1))
            found = self._grids[key] = _grid(runs, meeting, self.zone, first, last)
        return found


@dataclass(frozen=True)
class Meeting:
    """What is to be booked: minutes."""

    duration: int
    increment: int
    before: int = 0
    after: int = 0
    notice: int = 0
    horizon_days: int | None = None


class Taken(NamedTuple):
    """A booking there is, with its own buffers in minutes."""

    start: int
    end: int
    before: int = 0
    after: int = 0

    @property
    def padded(self) -> Span:
        return self.start - self.before * 60, self.end + self.after * 60


@dataclass(frozen=True)
class Limits:
    """At most so much of a host's time; None is no limit (B7)."""

    per_day: int | None = None
    per_week: int | None = None
    minutes_per_week: int | None = None

    def __bool__(self) -> bool:
        return (self.per_day, self.per_week, self.minutes_per_week) != (None, None, None)


class Load:
    """How much of a host's days and ISO weeks is held or confirmed, by the host's own calendar."""

    def __init__(self, zone: ZoneInfo, taken: Collection[Taken]) -> None:
        self.zone = zone
        self.days: Counter[date] = Counter()
        self.weeks: Counter[tuple[int, int]] = Counter()
        self.minutes: Counter[tuple[int, int]] = Counter()
        for booking in taken:
            day = local_day(zone, booking.start)
            week = day.isocalendar()[:2]
            self.days[day] += 1
            self.weeks[week] += 1
            self.minutes[week] += (booking.end - booking.start) // 60

    def over(self, limits: Limits, day: date, minutes: int) -> str:
        """The limit that one more would break, or "": "limit_day", "limit_week", "limit_hours"."""
        week = day.isocalendar()[:2]
        if limits.per_day is not None and self.days[day] >= limits.per_day:
            return "limit_day"
        if limits.per_week is not None and self.weeks[week] >= limits.per_week:
            return "limit_week"
        if limits.minutes_per_week is not None and self.minutes[week] + minutes > limits.minutes_per_week:
            return "limit_hours"
        return ""


def starts(
    hours: Hours,
    meeting: Meeting,
    first: date,
    last: date,
    *,
    now: int | None = None,
    taken: Collection[Taken] = (),
    busy: Collection[Span] = (),
    limits: Limits | None = None,
    counted: Collection[Taken] | None = None,
) -> list[int]:
    """The starts offered on the host-local dates from `first` to `last`, both included, in order.

    `taken`: what is held or confirmed; `busy`: raw blocks of other calendars; `counted`: what the limits count, if not
    all that is taken. `now` None asks for no notice and no horizon.
    """
    if now is not None:
        first = max(first, local_day(hours.zone, now))
        if meeting.horizon_days is not None:
            last = min(last, local_day(hours.zone, now) + timedelta(days=meeting.horizon_days))
    if last < first:
        return []
    blocked = sorted([*(booking.padded for booking in taken), *busy])
    free = _free(hours.grid(meeting, first, last), meeting, blocked)
    if now is not None:
        free = free[bisect_left(free, now + meeting.notice * 60) :]
    if not limits:
        return free
    load = Load(hours.zone, taken if counted is None else counted)
    return [s for s in free if not load.over(limits, local_day(hours.zone, s), meeting.duration)]


def _grid(runs: Sequence[Span], meeting: Meeting, zone: ZoneInfo, first: date, last: date) -> list[int]:
    """From the start of each run, by the increment in elapsed minutes, as long as the meeting fits (B2)."""
    step, length = meeting.increment * 60, meeting.duration * 60
    low, high = _around(zone, first, last)
    grid: list[int] = []
    for begins, ends in runs:
        skipped = max(0, -(-(low - begins) // step))
        grid += range(begins + skipped * step, min(ends - length, high - 1) + 1, step)
    return grid


def _around(zone: ZoneInfo, first: date, last: date) -> Span:
    """The instants of these local dates: from the first of the first to the last of the last."""
    return shown(zone, first, 0, 1440)[0][0], shown(zone, last, 0, 1440)[-1][1]


def _free(grid: Sequence[int], meeting: Meeting, blocked: Sequence[Span]) -> list[int]:
    """Those whose padded time overlaps nothing that is blocked (in order of its beginnings): what fits in between."""
    before, length = meeting.before * 60, (meeting.duration + meeting.after) * 60
    free: list[int] = []
    at = 0
    for low, high in blocked:
        free += grid[at : bisect_right(grid, low - length, at)]
        at = bisect_left(grid, high + before, at)
    free += grid[at:]
    return free


def labels(zone: ZoneInfo, offered: Sequence[int]) -> list[str]:
    """As the zone's clock shows them."""
    return [moment(start).astimezone(zone).strftime("%Y-%m-%d %H:%M") for start in offered]
