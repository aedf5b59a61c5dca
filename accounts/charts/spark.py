"""A line the size of a word."""

from collections.abc import Sequence

from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts import formats
from accounts.charts.drawing import Value, Writer, path, px, spoken


def sparkline(
    values: Sequence[Value],
    *,
    label: str = "",
    tone: str = "accent",
    width: int = 96,
    height: int = 24,
    write: Writer = formats.number,
) -> SafeString:
    """A line the size of a word. Nothing known: a dash."""
    known = [float(v) for v in values if v is not None]
    if not known:
        return format_html('<span class="muted">{}</span>', formats.NOTHING)
    low, span = min(known), (max(known) - min(known)) or 1.0
    flat = min(known) == max(known)
    step = (width - 6) / max(1, len(values) - 1)
    points = [
        None
        if v is None
        else (3 + i * step, height / 2 if flat else height - 3 - (float(v) - low) / span * (height - 6))
        for i, v in enumerate(values)
    ]
    end = next(p for p in reversed(points) if p)
    words = spoken(values, write)
    return format_html(
        '<svg class="spark tone-{0}" viewBox="0 0 {1} {2}" width="{1}" height="{2}" role="img" aria-label="{3}">'
        '<path class="stroke" d="{4}"/><circle class="fill" cx="{5}" cy="{6}" r="2"/></svg>',
        tone,
        width,
        height,
        f"{label}: {words}" if label else words,
        path(points),
        px(end[0]),
        px(end[1]),
    )
