"""Boards of key figures: by strategy, or by stage of the journey; each with its formula, its goal and its accounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponseBase
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_safe

from accounts import charts, formats
from accounts.domain.anniversaries import anniversary
from accounts.domain.numbers.asking import Figure
from accounts.domain.numbers.boards import Entry, entries
from accounts.domain.numbers.exporting import Sheet
from accounts.domain.numbers.writing import written
from accounts.http import Request, requires
from accounts.number_words import STAGES, STRATEGIES
from accounts.registry import Kpi
from accounts.views.numbers.files import as_file
from accounts.views.numbers.frame import Look


@dataclass(frozen=True)
class Tile:
    entry: Entry
    spark: Any
    behind: str


@require_safe
@requires("numbers.view")
def board(request: Request) -> HttpResponseBase:
    look = Look(request, "board", place=("board",))
    key = request.GET.get("board", "")
    boards = {**STRATEGIES, **STAGES}
    key = key if key in boards else next(iter(STRATEGIES))
    tiles = [tile(look, one) for one in entries(key, look.asked)]
    if request.GET.get("format") == "csv":
        return as_file(request, f"numbers-{key}", sheet(tiles, look))
    context = {
        "board": key,
        "strategies": _links(look, STRATEGIES, key),
        "stages": _links(look, STAGES, key),
        "about": boards[key].about,
        "tiles": tiles,
        "empty": not any(tile.entry.figure.last.value is not None for tile in tiles),
    }
    return look.answer("board", context)


def _links(look: Look, found: Any, key: str) -> list[tuple[str, str, bool]]:
    return [(one.title, look.address(board=name), name == key) for name, one in found.items()]


def tile(look: Look, one: Entry) -> Tile:
    return Tile(one, _spark(one.kpi, one.figure.points, look), _behind(look, one.figure))


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
    if not figure.behind:
        return ""
    first = anniversary(look.asked.last, 1 - figure.span)
    return look.behind(figure.behind, **{"from": first, "to": look.asked.last})


def sheet(tiles: Sequence[Tile], look: Look) -> Sheet:
    head = ["figure", *(f"{month:%Y-%m}" for month in look.asked.months), "unit", "formula"]
    return Sheet(head, [_line(tile.entry) for tile in tiles])


def _line(one: Entry) -> list[Any]:
    values = [point.value for point in one.figure.points]
    return [str(one.kpi.title), *values, one.kpi.unit, one.figure.last.formula or one.figure.last.missing]
