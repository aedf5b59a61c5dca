"""Lines over time, with the bands behind a score."""

from collections.abc import Iterable, Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts import formats
from accounts.charts.drawing import (
    HEIGHT,
    Frame,
    Series,
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


def line(
    title: str,
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    zones: Iterable[Zone] = (),
    low: float | None = None,
    high: float | None = None,
    write: Writer = formats.number,
    write_axis: Writer | None = None,
    first_column: str = "",
) -> SafeString:
    """Lines over time. `low` and `high` widen the scale; `zones=BAND_ZONES` lays the bands behind a score."""
    least, most = bounds(series)
    marks = ticks(least if low is None else min(low, least), most if high is None else max(high, most))
    frame = Frame(marks[0], marks[-1], len(labels))
    drawing = format_html(
        "{}{}{}{}",
        _zones(frame, zones),
        grid(frame, marks),
        labels_below(labels, frame.point),
        format_html_join("", "{}", ((_drawn(one, labels, frame, write),) for one in series)),
    )
    body = format_html(
        '<div class="plot-row">{}{}</div>',
        axis(frame, marks, write_axis or write),
        plot(drawing, spoken_series(series, write)),
    )
    return figure(title, body, series_table(labels, series, write, first_column), series_legend(series, write))
