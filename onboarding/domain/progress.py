"""How far a checklist is (RULES 5, O5 to O7)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from statistics import median
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Progress:
    done: int
    of: int

    @property
    def percent(self) -> Fraction:
        """Nothing required is all of it."""
        return Fraction(100 * self.done, self.of) if self.of else Fraction(100)


def progress(steps: Iterable[tuple[bool, str]]) -> Progress:
    """O5: of (required, state "done" | "open" | "skipped" | "na"): optional steps and what does not apply are out."""
    counted = [state for required, state in steps if required and state != "na"]
    return Progress(counted.count("done"), len(counted))


@dataclass(frozen=True)
class Part:
    """A part of the engagement score: `value` of at most `cap`, worth `weight` points."""

    weight: Fraction | int
    value: Fraction | int
    cap: Fraction | int = 1

    @property
    def points(self) -> Fraction:
        if self.cap <= 0:
            return Fraction(0)
        share = min(Fraction(max(self.value, 0)) / Fraction(self.cap), Fraction(1))
        return share * Fraction(self.weight)


def engagement(parts: Sequence[Part]) -> Fraction | None:
    """Σ weight done / Σ weight × 100; nobody excels beyond a part's own weight. None where nothing has a weight."""
    weights = sum((Fraction(part.weight) for part in parts), Fraction(0))
    return 100 * sum((part.points for part in parts), Fraction(0)) / weights if weights else None


def is_overdue(due: date, zone: ZoneInfo, at: datetime) -> bool:
    """O7: from the first instant after the due date in the account's zone."""
    return at.astimezone(zone).date() > due


@dataclass(frozen=True)
class TimeToValue:
    activation_rate: Fraction | None
    median_activated: Fraction | None
    km_median: Fraction | None


def time_to_value(activated: Sequence[Fraction], censored: Sequence[Fraction], window: Fraction) -> TimeToValue:
    """O6, in hours. `activated`: time to activation of those who were; `censored`: for how long the others have been
    watched without one. The rate counts activations within the window."""
    everybody = len(activated) + len(censored)
    within = sum(hours <= window for hours in activated)
    return TimeToValue(
        Fraction(within, everybody) if everybody else None,
        Fraction(median(activated)) if activated else None,
        kaplan_meier_median(activated, censored),
    )


def kaplan_meier_median(activated: Sequence[Fraction], censored: Sequence[Fraction]) -> Fraction | None:
    """The first time by which half have got there; None while fewer than half have. Who leaves the watch at the
    very time of an activation was still at risk then."""
    surviving = Fraction(1)
    for time in sorted(set(activated)):
        at_risk = sum(t >= time for t in activated) + sum(t >= time for t in censored)
        surviving *= 1 - Fraction(sum(t == time for t in activated), at_risk)
        if surviving <= Fraction(1, 2):
            return time
    return None


def quiet_since(last: datetime, now: datetime, days: int = 14) -> bool:
    """Stuck: no progress for so long."""
    return now - last >= timedelta(days=days)
