"""How often each answer was given: a column for each, in the colour of the group it belongs to."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts import formats
from accounts.charts import drawing
from accounts.charts.drawing import Frame, Table, Value, Writer, axis, figure, grid, labels_below, pc, plot, px, ticks
from accounts.charts.shares import Share

WIDE = 0.72  # of its place


@dataclass(frozen=True)
class Column:
    label: str
    value: Value
    tone: str = "1"


def columns(
    title: str,
    shown: Sequence[Column],
    groups: Sequence[Share] = (),
    *,
    write: Writer = formats.number,
    first_column: str = "",
) -> SafeString:
    """`groups` are told above the columns: what belongs together, and how many that are."""
    marks = [mark for mark in ticks(0, max((float(one.value or 0) for one in shown), default=0)) if mark % 1 == 0]
    frame = Frame(0, max(marks[-1], 1), len(shown))
    drawn = format_html(
        "{}{}{}",
        grid(frame, marks),
        format_html_join(
            "",
            '<rect class="fill tone-{}" x="{}" y="{}" width="{}" height="{}" rx="2"><title>{}: {}</title></rect>',
            (_placed(index, one, frame, write) for index, one in enumerate(shown) if one.value),
        ),
        labels_below([one.label for one in shown], frame.middle),
    )
    text = "; ".join(formats.labelled(one.label, write(one.value or 0)) for one in shown)
    body = format_html('<div class="plot-row">{}{}</div>', axis(frame, marks, write), plot(drawn, text))
    table = Table([first_column or _("What"), _("Value")], [[one.label, write(one.value or 0)] for one in shown])
    above = drawing.legend((g.tone, g.name, write(g.value)) for g in groups) if groups else ""
    return figure(title, body, table, above)


def _placed(index: int, one: Column, frame: Frame, write: Writer) -> tuple[str, ...]:
    width = frame.slot * WIDE
    top, bottom = frame.y(one.value), frame.y(0)
    left, height = pc(frame.middle(index) - width / 2), px(max(bottom - top, 1))
    return one.tone, left, px(top), pc(width), height, one.label, write(one.value)
