"""A value with the range it may lie in, on a scale that is the same in every row of a table."""

from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.charts.drawing import Value, pc


def interval(value: Value, low: Value, high: Value, *, least: float, most: float, label: str, tone: str) -> SafeString:
    """A dot, its range as a bar, and a line where the scale has its zero."""

    def x(at: Value) -> float:
        return (min(max(float(at), least), most) - least) / (most - least) * 100

    return format_html(
        '<svg class="interval tone-{}" width="100%" height="16" role="img" aria-label="{}">'
        '<line class="grid" x1="0" x2="100%" y1="8" y2="8"/><line class="zero" x1="{zero}" x2="{zero}" y1="2" y2="14"/>'
        '<rect class="interval-range" x="{}" width="{}" y="5" height="6" rx="3"/>'
        '<circle class="dot" cx="{}" cy="8" r="4"/></svg>',
        tone,
        label,
        pc(x(low)),
        pc(max(x(high) - x(low), 0.5)),
        pc(x(value)),
        zero=pc(x(0)),
    )
