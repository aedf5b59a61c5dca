"""A board of key figures as it is read: values, changes, goals reached or missed."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from accounts.domain import rules
from accounts.domain.numbers.asking import Asked, Figure
from accounts.domain.numbers.writing import change, written
from accounts.registry import Kpi, kpis, rules as registered_rules

# Goals are written as people say them: per cents, times, months.
GOALS = {"share": Decimal("0.01"), "times": Decimal(1), "months": Decimal(1), "score": Decimal(1)}


@dataclass(frozen=True)
class Entry:
    kpi: Kpi
    figure: Figure
    value: str
    change: str
    tone: str  # of the change: better or worse
    goal: str
    reached: bool | None


def kpis_of(key: str) -> list[Kpi]:
    return [kpi for kpi in kpis.sorted() if key in kpi.strategies or key in kpi.stages]


def entries(key: str, asked: Asked) -> Iterator[Entry]:
    return (entry(kpi, asked) for kpi in kpis_of(key))


def entry(kpi: Kpi, asked: Asked) -> Entry:
    figure = kpi.figure(asked)
    last, moved, wanted = figure.last.value, _told(kpi, figure.change), goal(kpi)
    better = moved is not None and (moved > 0) == (kpi.good == "up")
    reached = None if wanted is None or last is None else last >= wanted if kpi.good == "up" else last <= wanted
    return Entry(
        kpi,
        figure,
        written(kpi.unit, last),
        "" if not moved else change(kpi.unit, moved),
        "" if not moved else "green" if better else "red",
        "" if wanted is None else written(kpi.unit, wanted),
        reached,
    )


def _told(kpi: Kpi, moved: Decimal | None) -> Decimal | None:
    """None where as it is written it is nothing."""
    return moved if moved and any(sign in "123456789" for sign in change(kpi.unit, moved)) else None


def goal(kpi: Kpi) -> Decimal | None:
    if not kpi.goal or kpi.goal not in registered_rules:
        return None
    return Decimal(rules.number(kpi.goal)) * GOALS[kpi.unit]
