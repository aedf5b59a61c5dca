"""What all charts share: the frame, the axes, the text for those who cannot see it, and the table behind it.

Across, everything is in per cent of the width, so that a chart fits a phone with its letters still readable;
down, in pixels.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import ceil, floor, log10
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts import formats

Writer = Callable[[Any], str]
Value = Any  # int, float, Decimal; None is a gap
Point = tuple[float, float] | None

HEIGHT, TOP, BOTTOM = 220, 8, 24


@dataclass(frozen=True)
class Series:
    name: str
    values: Sequence[Value]
    tone: str = "1"


@dataclass(frozen=True)
class Table:
    """What a chart shows, exactly."""

    head: Sequence[str]
    rows: Iterable[Sequence[Any]]


@dataclass(frozen=True)
class Frame:
    """Where values land on the drawing."""

    low: float
    high: float
    count: int

    @property
    def slot(self) -> float:
        return 100 / max(1, self.count)

    def y(self, value: Value) -> float:
        inner = HEIGHT - TOP - BOTTOM
        return TOP + inner - (float(value) - self.low) / (self.high - self.low) * inner

    def middle(self, index: int) -> float:
        """Of the index-th slot: where a bar stands."""
        return self.slot * (index + 0.5)

    def point(self, index: int) -> float:
        """Of the index-th value of a line that runs from edge to edge."""
        return index * 100 / max(1, self.count - 1)


def px(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def pc(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") + "%"


def ticks(low: float, high: float, count: int = 4) -> list[float]:
    """Round numbers from at most `low` to at least `high`."""
    if low == high:  # a flat line lies between zero and itself
        low, high = min(low, 0.0), max(high, 0.0) or 1.0
    span = high - low
    size = 10 ** floor(log10(span / count))
    step = next(m * size for m in (1, 2, 2.5, 5, 10) if m * size >= span / count)
    first, last = floor(low / step), ceil(round(high / step, 9))
    return [round(step * i, 10) for i in range(first, last + 1)]


def bounds(series: Sequence[Series]) -> tuple[float, float]:
    known = [float(v) for one in series for v in one.values if v is not None]
    return (min(known), max(known)) if known else (0.0, 1.0)


def path(points: Iterable[Point]) -> str:
    """A line through the points, lifted where one is missing."""
    words, down = [], False
    for point in points:
        if point:
            words.append(f"{'L' if down else 'M'}{px(point[0])} {px(point[1])}")
        down = point is not None
    return "".join(words)


# Axes ---------------------------------------------------------------------------------------------


def axis(frame: Frame, marks: Sequence[float], write: Writer) -> SafeString:
    """The scale, in a column of its own beside the plot, as wide as its longest word."""
    words = [write(mark) for mark in marks]
    width = max(NARROWEST, round(LETTER * max(map(len, words), default=0)) + 8)
    texts = format_html_join(
        "",
        '<text class="tick" x="{}" y="{}" text-anchor="end">{}</text>',
        ((width - 6, px(frame.y(mark) + 4), word) for mark, word in zip(marks, words, strict=True)),
    )
    return format_html('<svg class="axis" width="{}" height="{}" aria-hidden="true">{}</svg>', width, HEIGHT, texts)


def grid(frame: Frame, marks: Sequence[float]) -> SafeString:
    return format_html_join(
        "",
        '<line class="{}" x2="100%" y1="{}" y2="{}"/>',
        (("grid" if mark else "zero", px(frame.y(mark)), px(frame.y(mark))) for mark in marks),
    )


LETTER, APART = 6.4, 10  # pixels: of a label's letter, and between two labels
NARROWEST = 46  # pixels: scales of a page stand in line


def _anchor(position: float) -> str:
    return "start" if position < 1 else "end" if position > 99 else "middle"


def _extent(label: str, position: float, width: int) -> tuple[float, float]:
    """From where to where a label reaches: at the edges it stands beside its place, else around it."""
    long, at = len(label) * LETTER, position * width / 100
    left = at - {"start": 0, "middle": long / 2, "end": long}[_anchor(position)]
    return left, left + long


def _fitting(labels: Sequence[str], at: Callable[[int], float], width: int, step: int = 1) -> int:
    """Every how many labels, counted from the last, none touches the next. A multiple of `step`."""
    last = len(labels) - 1
    for every in range(step, max(step, last) + 1, step):
        shown = range(last % every, last + 1, every)
        extents = [_extent(labels[i], at(i), width) for i in shown]
        if all(left[1] + APART <= right[0] for left, right in pairwise(extents)):
            return every
    return max(step, last + 1)


def labels_below(labels: Sequence[str], at: Callable[[int], float]) -> SafeString:
    """As many labels as fit, counted from the last; on a narrow screen the style sheet shows fewer."""
    last, wide = len(labels) - 1, _fitting(labels, at, 560)
    narrow = _fitting(labels, at, 270, wide)
    return format_html_join(
        "",
        '<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>',
        (
            ("tick" if (last - i) % narrow == 0 else "tick wide", pc(at(i)), HEIGHT - 6, _anchor(at(i)), label)
            for i, label in enumerate(labels)
            if (last - i) % wide == 0
        ),
    )


# Around the drawing -------------------------------------------------------------------------------


def plot(drawing: SafeString, text: str, *, height: int = HEIGHT) -> SafeString:
    return format_html(
        '<svg class="plot" width="100%" height="{}" role="img" aria-label="{}">{}</svg>', height, text, drawing
    )


def figure(title: str, body: SafeString, table: Table, legend: SafeString | str = "") -> SafeString:
    caption = format_html("<figcaption>{}</figcaption>", title) if title else ""
    return format_html('<figure class="chart">{}{}{}{}</figure>', caption, legend, body, _details(table))


def _details(table: Table) -> SafeString:
    head = format_html_join("", '<th scope="col">{}</th>', ((name,) for name in table.head))
    line = f'<tr><th scope="row">{{}}</th>{"<td>{}</td>" * (len(table.head) - 1)}</tr>'
    rows = format_html_join("", line, table.rows)
    return format_html(
        '<details class="chart-data"><summary>{}</summary><div><table><thead><tr>{}</tr></thead>'
        "<tbody>{}</tbody></table></div></details>",
        _("Show the numbers"),
        head,
        rows,
    )


def legend(entries: Iterable[tuple[str, str, str]]) -> SafeString:
    """Entries are tone, name and value, or "" where none belongs to the name."""
    items = format_html_join(
        "",
        '<li><svg class="swatch tone-{}" viewBox="0 0 10 10" aria-hidden="true">'
        '<rect class="fill" width="10" height="10" rx="3"/></svg>{}{}</li>',
        ((tone, name, format_html(" <b>{}</b>", value) if value else "") for tone, name, value in entries),
    )
    return format_html('<ul class="legend">{}</ul>', items)


@lru_cache(maxsize=32)
def _sentence(code: str, known: bool) -> str:
    return _("from %(first)s to %(last)s, lowest %(low)s, highest %(high)s") if known else _("no data")


def spoken(values: Sequence[Value], write: Writer = formats.number, code: str = "") -> str:
    """What a line says, for those who cannot see it."""
    known = [v for v in values if v is not None]
    sentence = _sentence(code or formats.language(), bool(known))
    if not known:
        return sentence
    return sentence % {
        "first": write(known[0]),
        "last": write(known[-1]),
        "low": write(min(known)),
        "high": write(max(known)),
    }


# Several series -----------------------------------------------------------------------------------


def spoken_series(series: Sequence[Series], write: Writer) -> str:
    return "; ".join(formats.labelled(one.name, spoken(one.values, write)) for one in series)


def series_legend(series: Sequence[Series], write: Writer | None) -> SafeString | str:
    """Each with its latest value if that is written; one series alone is named by the title."""
    if len(series) < 2:
        return ""
    if write is None:
        return legend((one.tone, one.name, "") for one in series)
    latest = [next((v for v in reversed(one.values) if v is not None), None) for one in series]
    return legend((one.tone, one.name, write(v)) for one, v in zip(series, latest, strict=True))


def series_table(labels: Sequence[str], series: Sequence[Series], write: Writer, first_column: str) -> Table:
    return Table(
        head=[first_column or _("Date"), *(one.name for one in series)],
        rows=[[label, *(write(one.values[i]) for one in series)] for i, label in enumerate(labels)],
    )
