"""Stacked bars: gains upwards from zero, losses downwards."""

from collections.abc import Iterator, Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts import formats
from accounts.charts.drawing import (
    Frame,
    Series,
    Writer,
    axis,
    figure,
    grid,
    labels_below,
    pc,
    plot,
    px,
    series_legend,
    series_table,
    spoken_series,
    ticks,
)

WIDEST = 9.0  # per cent: three bars are still bars, not walls


def _stack(index: int, label: str, series: Sequence[Series], frame: Frame, write: Writer) -> Iterator[tuple]:
    """Tone, place and words of each rectangle of one bar."""
    width = min(frame.slot * 0.66, WIDEST)
    left = pc(frame.middle(index) - width / 2)
    up = down = 0.0
    for one in series:
        value = float(one.values[index] or 0)
        start = up if value > 0 else down
        top, bottom = frame.y(max(start, start + value)), frame.y(min(start, start + value))
        up, down = (start + value, down) if value > 0 else (up, start + value)
        if value:
            height = px(max(bottom - top, 0.5))
            yield one.tone, left, px(top), pc(width), height, label, one.name, write(one.values[index])


def _extent(series: Sequence[Series], count: int) -> tuple[float, float]:
    columns = [[float(one.values[i] or 0) for one in series] for i in range(count)]
    lows = (sum(v for v in column if v < 0) for column in columns)
    highs = (sum(v for v in column if v > 0) for column in columns)
    return min(lows, default=0.0), max(highs, default=0.0)


def bars(
    title: str,
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    write: Writer = formats.number,
    write_axis: Writer | None = None,
    first_column: str = "",
) -> SafeString:
    """One bar per label, its series on top of each other."""
    marks = ticks(*_extent(series, len(labels)))
    frame = Frame(marks[0], marks[-1], len(labels))
    rectangles = format_html_join(
        "",
        '<rect class="fill tone-{}" x="{}" y="{}" width="{}" height="{}" rx="1.5"><title>{} · {}: {}</title></rect>',
        (one for i, label in enumerate(labels) for one in _stack(i, label, series, frame, write)),
    )
    drawing = format_html("{}{}{}", grid(frame, marks), rectangles, labels_below(labels, frame.middle))
    body = format_html(
        '<div class="plot-row">{}{}</div>',
        axis(frame, marks, write_axis or write),
        plot(drawing, spoken_series(series, write)),
    )
    # No values in the legend: those of the last bar, which has only begun, would be taken for those of all.
    return figure(title, body, series_table(labels, series, write, first_column), series_legend(series, None))
