"""A line the size of a word. Lists have fifty of them, so this one counts its microseconds."""

from collections.abc import Sequence

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from accounts import formats
from accounts.charts.drawing import Point, Value, path, px, spoken

MARGIN = 3


def _points(values: Sequence[Value], width: int, height: int) -> list[Point]:
    known = [float(v) for v in values if v is not None]
    low, high = min(known), max(known)
    across = (width - 2 * MARGIN) / max(1, len(values) - 1)
    down = (height - 2 * MARGIN) / ((high - low) or 1.0)
    floor = height / 2 if low == high else height - MARGIN
    return [
        None if value is None else (MARGIN + i * across, floor - (float(value) - low) * down)
        for i, value in enumerate(values)
    ]


def sparkline(
    values: Sequence[Value],
    *,
    label: str = "",
    tone: str = "accent",
    width: int = 96,
    height: int = 24,
    reader: formats.Reader | None = None,
) -> SafeString:
    """Nothing known: a dash."""
    read = reader or formats.Reader()
    if all(v is None for v in values):
        return format_html('<span class="muted">{}</span>', formats.NOTHING)
    points = _points(values, width, height)
    end = next(point for point in reversed(points) if point)
    words = spoken(values, read.number, read.code)
    text = escape(formats.labelled(label, words) if label else words)
    # Safe: both texts are escaped, all else are numbers. format_html would take as long as the drawing.
    return mark_safe(  # noqa: S308
        f'<svg class="spark tone-{escape(tone)}" viewBox="0 0 {width:d} {height:d}" width="{width:d}" '
        f'height="{height:d}" role="img" aria-label="{text}"><path class="stroke" d="{path(points)}"/>'
        f'<circle class="fill" cx="{px(end[0])}" cy="{px(end[1])}" r="2"/></svg>'
    )
