"""Lines over time, with the bands behind a score."""

from collections.abc import Iterable, Iterator, Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts import formats
from accounts.charts.drawing import (
    HEIGHT,
    Frame,
    Series,
    Table,
    Value,
    Writer,
    axis,
    bounds,
    figure,
    grid,
    labels_below,
    path,
    pc,
    plot,
    px,
    series_legend,
    series_table,
    spoken_series,
    ticks,
)

Zone = tuple[str, float, float]

# RULES 1: a score reads red to 40, yellow to 70, green to 100, thriving above; rounded half up.
BAND_ZONES: tuple[Zone, ...] = (
    ("red", 0, 40.5),
    ("yellow", 40.5, 70.5),
    ("green", 70.5, 100.5),
    ("thriving", 100.5, 150),
)
STRING_OF_PEARLS = 40  # more dots than this hide their line


def _zones(frame: Frame, zones: Iterable[Zone]) -> SafeString:
    inside = [(tone, max(low, frame.low), min(high, frame.high)) for tone, low, high in zones]
    return format_html_join(
        "",
        '<rect class="zone tone-{}" y="{}" width="100%" height="{}"/>',
        ((tone, px(frame.y(high)), px(frame.y(low) - frame.y(high))) for tone, low, high in inside if high > low),
    )


def _dots(one: Series, labels: Sequence[str], frame: Frame, write: Writer) -> SafeString:
    known = [i for i, value in enumerate(one.values) if value is not None]
    shown = known if len(known) <= STRING_OF_PEARLS else known[-1:]
    return format_html_join(
        "",
        '<circle class="dot" cx="{}" cy="{}" r="3"><title>{}: {}</title></circle>',
        ((pc(frame.point(i)), px(frame.y(one.values[i])), labels[i], write(one.values[i])) for i in shown),
    )


def _drawn(one: Series, labels: Sequence[str], frame: Frame, write: Writer) -> SafeString:
    points = [None if v is None else (frame.point(i), frame.y(v)) for i, v in enumerate(one.values)]
    return format_html(
        '<g class="tone-{}"><svg class="stretch" width="100%" height="{}" viewBox="0 0 100 {}" '
        'preserveAspectRatio="none"><path class="stroke" d="{}"/></svg>{}</g>',
        one.tone,
        HEIGHT,
        HEIGHT,
        path(points),
        _dots(one, labels, frame, write),
    )


def _edges(one: Series, margin: Sequence[Value]) -> list[tuple[float, float] | None]:
    pairs = zip(one.values, margin, strict=True)
    return [None if v is None or m is None else (float(v) - float(m), float(v) + float(m)) for v, m in pairs]


def _runs(edges: Sequence[tuple[float, float] | None]) -> Iterator[list[int]]:
    """Neighbours that are known."""
    run: list[int] = []
    for index, edge in enumerate(edges):
        if edge is not None:
            run.append(index)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _margin(edges: Sequence[tuple[float, float] | None], tone: str, frame: Frame) -> SafeString:
    """The range around a line; one value alone has a stroke of its own height."""

    def corner(index: int, side: int) -> str:
        value = min(max(edges[index][side], frame.low), frame.high)  # type: ignore[index]  # of a run: known
        return f"{px(frame.point(index))} {px(frame.y(value))}"

    shapes = []
    for run in _runs(edges):
        way = [corner(i, 1) for i in run] + [corner(i, 0) for i in reversed(run)]
        shapes.append(f"M{'L'.join(way)}Z")
    return format_html(
        '<svg class="stretch tone-{}" width="100%" height="{}" viewBox="0 0 100 {}" preserveAspectRatio="none">'
        '<path class="margin" d="{}"/></svg>',
        tone,
        HEIGHT,
        HEIGHT,
        "".join(shapes),
    )


def _told(table: Table, margin: Sequence[Value], write: Writer) -> Table:
    told = ("" if m is None else f"± {write(m)}" for m in margin)
    rows = [[*row, more] for row, more in zip(table.rows, told, strict=True)]
    return Table([*table.head, _("Margin of error")], rows)


def line(
    title: str,
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    zones: Iterable[Zone] = (),
    margin: Sequence[Value] = (),
    low: float | None = None,
    high: float | None = None,
    write: Writer = formats.number,
    write_axis: Writer | None = None,
    first_column: str = "",
) -> SafeString:
    """Lines over time. `low` and `high` widen the scale; `zones=BAND_ZONES` lays the bands behind a score, `margin` the
    range that the first line may lie in (so much above and below each of its values)."""
    least, most = bounds(series)
    edges = _edges(series[0], margin) if margin else []
    marks = ticks(least if low is None else min(low, least), most if high is None else max(high, most))
    frame = Frame(marks[0], marks[-1], len(labels))
    drawing = format_html(
        "{}{}{}{}{}",
        _zones(frame, zones),
        grid(frame, marks),
        _margin(edges, series[0].tone, frame) if edges else "",
        labels_below(labels, frame.point),
        format_html_join("", "{}", ((_drawn(one, labels, frame, write),) for one in series)),
    )
    body = format_html(
        '<div class="plot-row">{}{}</div>',
        axis(frame, marks, write_axis or write),
        plot(drawing, spoken_series(series, write)),
    )
    table = series_table(labels, series, write, first_column)
    return figure(title, body, _told(table, margin, write) if margin else table, series_legend(series, write))
