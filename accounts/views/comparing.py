"""Two groups side by side as they are printed: each figure with its range, drawn on one scale, and whether that is more
than chance."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from accounts import charts, formats
from accounts.domain.metrics.groups import MONEY, SHARE, Row
from accounts.domain.metrics.intervals import Interval

NOTHING = "–"


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

    @property
    def cells(self) -> list[tuple[str, str, int, Any]]:
        """Of each group: the figure, its range, n, and the two drawn."""
        write = writer(self.row.unit)
        return [
            (write(one.value) if one.known else NOTHING, between(one, write), one.n, self._drawn(one, write))
            for one in (self.row.first, self.row.second)
        ]

    def _drawn(self, one: Interval, write: Callable[[Any], str]) -> Any:
        if one.value is None or one.low is None or one.high is None:
            return ""
        label = f"{write(one.value)}, {between(one, write)}"
        tone = "grey" if self.row.too_few else "accent"
        return charts.interval(one.value, one.low, one.high, least=self.least, most=self.most, label=label, tone=tone)


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
    if unit == SHARE:
        return formats.percent
    if unit == MONEY:
        return lambda value: formats.money(value, settings.REPORTING_CURRENCY)
    return lambda value: formats.number(value, 0)


def between(one: Interval, write: Callable[[Any], str]) -> str:
    if one.low is None or one.high is None:
        return ""
    return _("between %(low)s and %(high)s") % {"low": write(one.low), "high": write(one.high)}
