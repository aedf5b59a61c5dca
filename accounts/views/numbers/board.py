"""Boards of key figures: by strategy, or by stage of the journey; each with its formula, its goal and its accounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpResponseBase
from django.urls import reverse
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_safe

from accounts import charts, formats
from accounts.domain import rules
from accounts.domain.numbers.asking import Figure
from accounts.domain.numbers.exporting import Sheet
from accounts.http import Request, requires
from accounts.number_words import STAGES, STRATEGIES
from accounts.registry import Kpi, kpis, rules as registered_rules
from accounts.views.numbers.files import as_file
from accounts.views.numbers.frame import Look
from accounts.views.numbers.writing import NOTHING, change, written

GOALS = {"share": Decimal("0.01"), "times": Decimal(1), "months": Decimal(1), "score": Decimal(1)}


@dataclass(frozen=True)
class Tile:
    kpi: Kpi
    figure: Figure
    value: str
    change: str
    tone: str  # of the change: better or worse
    goal: str
    reached: bool | None
    spark: Any
    behind: str


@require_safe
@requires("numbers.view")
def board(request: Request) -> HttpResponseBase:
    look = Look(request, "board", place=("board",))
    key = request.GET.get("board", "")
    boards = {**STRATEGIES, **STAGES}
    key = key if key in boards else next(iter(STRATEGIES))
    tiles = [tile(look, kpi) for kpi in kpis_of(key)]
    if request.GET.get("format") == "csv":
        return as_file(request, f"numbers-{key}", sheet(tiles, look))
    context = {
        "board": key,
        "strategies": _links(look, STRATEGIES, key),
        "stages": _links(look, STAGES, key),
        "about": boards[key].about,
        "tiles": tiles,
        "empty": not any(tile.figure.last.value is not None for tile in tiles),
    }
    return look.answer("board", context)


def kpis_of(key: str) -> list[Kpi]:
    return [kpi for kpi in kpis.sorted() if key in kpi.strategies or key in kpi.stages]


def _links(look: Look, found: Any, key: str) -> list[tuple[str, str, bool]]:
    return [(one.title, look.address(board=name), name == key) for name, one in found.items()]


def tile(look: Look, kpi: Kpi) -> Tile:
    figure = kpi.figure(look.asked)
    last, moved = figure.last.value, figure.change
    wanted = _goal(kpi)
    better = moved is not None and (moved > 0) == (kpi.good == "up")
    return Tile(
        kpi,
        figure,
        written(kpi.unit, last),
        "" if not moved else change(kpi.unit, moved),
        "" if not moved else "green" if better else "red",
        "" if wanted is None else written(kpi.unit, wanted),
        None if wanted is None or last is None else (last >= wanted if kpi.good == "up" else last <= wanted),
        _spark(kpi, figure.points, look),
        _behind(look, figure),
    )


def _goal(kpi: Kpi) -> Decimal | None:
    if not kpi.goal or kpi.goal not in registered_rules:
        return None
    return Decimal(rules.number(kpi.goal)) * GOALS[kpi.unit]


def _spark(kpi: Kpi, points: Sequence[Any], look: Look) -> Any:
    values = [None if point.value is None else float(point.value) for point in points]
    if sum(value is not None for value in values) < 2:
        return ""
    first, last = look.asked.months[0], look.asked.months[-1]
    known = [point.value for point in points if point.value is not None]
    label = SPARK % {
        "from": formats.day(first, form="month"), "to": formats.day(last, form="month"),
        "least": written(kpi.unit, min(known)), "most": written(kpi.unit, max(known)),
    }  # fmt: skip
    return charts.sparkline(values, label=label, tone="accent")


SPARK = pgettext_lazy("spark line", "%(from)s to %(to)s, between %(least)s and %(most)s")


def _behind(look: Look, figure: Figure) -> str:
    if figure.behind:
        return look.behind(figure.behind, **{"from": look.asked.last, "to": look.asked.last})
    return reverse(figure.url) if figure.url and ":" in figure.url else figure.url


def sheet(tiles: Sequence[Tile], look: Look) -> Sheet:
    head = ["figure", *(f"{month:%Y-%m}" for month in look.asked.months), "unit", "formula"]
    rows = [
        [str(tile.kpi.title), *(point.value for point in tile.figure.points), tile.kpi.unit,
         tile.figure.last.formula or tile.figure.last.missing]
        for tile in tiles
    ]  # fmt: skip
    return Sheet(head, rows)


__all__ = ["NOTHING", "board", "kpis_of", "tile"]
