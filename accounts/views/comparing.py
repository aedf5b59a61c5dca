"""Two groups side by side as they are printed: each figure with its range, drawn on one scale, and whether that is more
than chance."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from accounts import charts, formats
from accounts.domain.metrics.groups import MONEY, SHARE, Row
from accounts.domain.metrics.intervals import Interval

NOTHING = "–"


@dataclass(frozen=True)
class Cell:
    """A group's figure, its range, n, and the two drawn on the scale of its line."""

    line: "Line"
    one: Interval

    @property
    def n(self) -> int:
        return self.one.n

    @cached_property
    def value(self) -> str:
        return self.line.write(self.one.value) if self.one.known else NOTHING

    @cached_property
    def range(self) -> str:
        return between(self.one, self.line.write)

    @property
    def picture(self) -> Any:
        one, line = self.one, self.line
        if one.value is None or one.low is None or one.high is None:
            return ""
        label, tone = f"{self.value}, {self.range}", "grey" if line.row.too_few else "accent"
        return charts.interval(one.value, one.low, one.high, least=line.least, most=line.most, label=label, tone=tone)


@dataclass(frozen=True)
class Line:
    row: Row
    least: float
    most: float

    @property
    def verdict(self) -> str:
        if self.row.too_few:
            return _("too few to tell")
        return _("more than chance explains") if self.row.differs else _("may well be chance")

    @cached_property
    def write(self) -> Callable[[Any], str]:
        return writer(self.row.unit)

    @cached_property
    def first(self) -> Cell:
        return Cell(self, self.row.first)

    @cached_property
    def second(self) -> Cell:
        return Cell(self, self.row.second)

    @property
    def cells(self) -> tuple[Cell, Cell]:
        return self.first, self.second


def lines(rows: Sequence[Row]) -> list[Line]:
    return [line(row) for row in rows]


def line(row: Row) -> Line:
    """Both groups on one scale."""
    if row.unit == SHARE:
        return Line(row, 0.0, 1.0)
    ends = [end for one in (row.first, row.second) for end in (one.low, one.high, one.value) if end is not None]
    low, high = min([0.0, *ends]), max([0.0, *ends])
    return Line(row, low, high if high > low else low + 1.0)


def writer(unit: str) -> Callable[[Any], str]:
    read = formats.Reader()
    if unit == SHARE:
        return read.percent
    if unit == MONEY:
        return lambda value: read.money(value, settings.REPORTING_CURRENCY)
    return lambda value: read.number(value, 0)


def between(one: Interval, write: Callable[[Any], str]) -> str:
    if one.low is None or one.high is None:
        return ""
    return _("between %(low)s and %(high)s") % {"low": write(one.low), "high": write(one.high)}
