"""A measure is the product's own path beside its yardstick, taken in turns, and the ratio of the medians."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import Any

ROUNDS = 5
TURN, MOST = 0.02, 20  # a turn takes about this long, and is so often the same thing at the most


@dataclass
class Bench:
    """What every measure gets: how large the company is."""

    scale: int
    only: frozenset[str] = frozenset()


Result = dict[str, Any]
Measure = Callable[[Bench], Result]


@dataclass(frozen=True)
class Measured:
    name: str
    take: Measure
    smallest: int = 0  # the scale below which it says nothing, and is taken only when asked for by name


MEASURES: dict[str, Measured] = {}


def measure(name: str, *, smallest: int = 0) -> Callable[[Measure], Measure]:
    def keep(take: Measure) -> Measure:
        MEASURES[name] = Measured(name, take, smallest)
        return take

    return keep


def at_most(ratio: float, limit: float, **more: Any) -> Result:
    return {"ratio": rounded(ratio), "limit": limit, "ok": ratio <= limit, **more}


def at_least(ratio: float, limit: float, **more: Any) -> Result:
    return {"ratio": rounded(ratio), "at_least": limit, "ok": ratio >= limit, **more}


def rounded(number: float) -> float:
    return float(f"{number:.3g}")


@dataclass
class Series:
    """Seconds of several pieces of work, taken in turns so that what else the machine does falls on all of them."""

    seconds: dict[str, list[float]] = field(default_factory=dict)

    def ratio(self, work: str, yardstick: str) -> float:
        return median(self.seconds[work]) / median(self.seconds[yardstick])

    def milliseconds(self, work: str) -> float:
        return rounded(median(self.seconds[work]) * 1000)

    def note(self, name: str, seconds: float) -> None:
        self.seconds.setdefault(name, []).append(seconds)


def in_turns(work: dict[str, Callable[[], Any]], *, rounds: int = ROUNDS, warm: bool = True) -> Series:
    """Each in turn, `rounds` times; quick ones several times a turn, each time for itself, so that what the machine
    does beside falls on few of them. A callable may return a float: then that is how long it took, without what it
    had to prepare."""
    series, times = Series(), dict.fromkeys(work, 1)
    for name, do in work.items() if warm else ():
        do()
        times[name] = max(1, min(MOST, round(TURN / max(_timed(do), 1e-6))))
    for _round in range(rounds):
        for name, do in work.items():
            for _time in range(times[name]):
                series.note(name, _timed(do))
    return series


def _timed(do: Callable[[], Any]) -> float:
    started = time.perf_counter()
    taken = do()
    ended = time.perf_counter()
    return taken if isinstance(taken, float) else ended - started


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@contextmanager
def said(text: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    say(f"  {text}: {time.perf_counter() - started:.1f} s")
