"""Time to first value of those who have it and those who have not yet (O6): Kaplan and Meier's curve."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import sqrt

from accounts.domain.metrics.intervals import Z95

HALF = 0.5
ROUNDING = 1e-12


@dataclass(frozen=True)
class Watched:
    """How long somebody was watched, and whether they got there then; else they may yet."""

    hours: float
    arrived: bool


@dataclass(frozen=True)
class Point:
    """From `hours` on, until the next one: the share that has arrived, with its standard error (Greenwood)."""

    hours: float
    share: float
    se: float


@dataclass(frozen=True)
class Curve:
    points: Sequence[Point]

    @property
    def median(self) -> float | None:
        """The first time by which half have arrived; None while fewer than half have."""
        return next((point.hours for point in self.points if point.share >= HALF - ROUNDING), None)

    def at(self, hours: float) -> Point:
        index = bisect_right([point.hours for point in self.points], hours)
        return self.points[index - 1] if index else Point(0.0, 0.0, 0.0)

    def sampled(self, hours: Sequence[float]) -> list[Point]:
        return [self.at(one) for one in hours]


@dataclass(frozen=True)
class Moment:
    """A time at which somebody arrived: how many did, and how many were still watched until then."""

    hours: float
    arrived: int
    at_risk: int


def moments(watched: Iterable[Watched]) -> list[Moment]:
    """Who leaves the watch at the very time of an arrival was still at risk then."""
    rows = sorted((one.hours, one.arrived) for one in watched)
    left, found = len(rows), []
    for hours, same in groupby(rows, key=lambda row: row[0]):
        ended = [arrived for _hours, arrived in same]
        if any(ended):
            found.append(Moment(hours, sum(ended), left))
        left -= len(ended)
    return found


def curve(found: Iterable[Moment]) -> Curve:
    """In order of time."""
    waiting, spread, points = 1.0, 0.0, []
    for one in found:
        waiting *= 1 - one.arrived / one.at_risk
        after = one.at_risk - one.arrived
        spread += one.arrived / (one.at_risk * after) if after else 0.0
        points.append(Point(one.hours, 1 - waiting, waiting * sqrt(spread)))
    return Curve(points)


def median_of(found: Sequence[Moment]) -> float | None:
    """Of those who arrived alone."""
    total, seen, lower = sum(one.arrived for one in found), 0, None
    for one in found:
        seen += one.arrived
        if lower is not None:
            return (lower + one.hours) / 2
        if 2 * seen == total:  # between this one and the next
            lower = one.hours
        elif 2 * seen > total:
            return one.hours
    return lower


def margin(point: Point) -> float:
    return Z95 * point.se
