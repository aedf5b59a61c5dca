"""Bars that lie: a row for each thing, whose name may be long, with its parts beside one another on one scale."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts import formats
from accounts.charts import drawing
from accounts.charts.drawing import Table, Value, Writer, figure, pc


@dataclass(frozen=True)
class Across:
    """A row: `values` follow the parts; `text` is what stands at its end, `mark` a line to be measured by."""

    label: str
    values: Sequence[Value]
    text: str = ""
    note: str = ""
    url: str = ""
    mark: Value = None


Part = tuple[str, str]  # name and tone


def across(
    title: str,
    rows: Sequence[Across],
    parts: Sequence[Part],
    *,
    most: Value = None,
    mark: str = "",
    write: Writer = formats.number,
    first_column: str = "",
) -> SafeString:
    """`most`: what the whole width stands for; `mark`: what the lines in the rows are called."""
    widest = float(most or 0) or max((max(_sum(row), float(row.mark or 0)) for row in rows), default=0.0) or 1.0
    body = format_html(
        '<table class="across"><tbody>{}</tbody></table>',
        format_html_join("", "{}", ((_drawn(row, parts, widest, mark, write),) for row in rows)),
    )
    return figure(title, body, _table(rows, parts, mark, write, first_column), _legend(rows, parts, mark, write))


def _sum(row: Across) -> float:
    return sum(float(value or 0) for value in row.values)


def _drawn(row: Across, parts: Sequence[Part], widest: float, mark: str, write: Writer) -> SafeString:
    name = format_html('<a class="title" href="{}">{}</a>', row.url, row.label) if row.url else row.label
    note = format_html('<span class="sub">{}</span>', row.note) if row.note else ""
    rectangles = format_html_join(
        "",
        '<rect class="fill tone-{}" x="{}" width="{}" y="3" height="14" rx="2"><title>{} · {}: {}</title></rect>',
        _placed(row, parts, widest, write),
    )
    return format_html(
        '<tr><th scope="row">{}{}</th><td class="bar"><svg width="100%" height="20" role="img" aria-label="{}">'
        '<line class="grid" x1="0" x2="100%" y1="19.5" y2="19.5"/>{}{}</svg></td><td class="num">{}</td></tr>',
        name,
        note,
        "; ".join(_words(row, parts, mark, write)),
        rectangles,
        _line(row, widest, mark, write),
        row.text,
    )


def _placed(row: Across, parts: Sequence[Part], widest: float, write: Writer) -> Iterator[tuple]:
    start = 0.0
    for (name, tone), value in zip(parts, row.values, strict=True):
        length = float(value or 0) / widest * 100
        if length > 0:
            yield tone, pc(start), pc(max(length - 0.3, 0.3)), row.label, name, write(value)
        start += length


def _line(row: Across, widest: float, mark: str, write: Writer) -> SafeString | str:
    if row.mark is None:
        return ""
    place = pc(min(float(row.mark) / widest * 100, 99.7))
    return format_html(
        '<line class="across-mark" x1="{}" x2="{}" y1="0" y2="20"><title>{} · {}: {}</title></line>',
        place,
        place,
        row.label,
        mark,
        write(row.mark),
    )


def _words(row: Across, parts: Sequence[Part], mark: str, write: Writer) -> Iterator[str]:
    for (name, _tone), value in zip(parts, row.values, strict=True):
        yield formats.labelled(name, write(value or 0))
    if row.mark is not None:
        yield formats.labelled(mark, write(row.mark))


def _legend(rows: Sequence[Across], parts: Sequence[Part], mark: str, write: Writer) -> SafeString | str:
    if len(parts) < 2:
        return ""
    sums = [sum(row.values[n] or 0 for row in rows) for n in range(len(parts))]
    return drawing.legend((tone, name, write(total)) for (name, tone), total in zip(parts, sums, strict=True))


def _table(rows: Sequence[Across], parts: Sequence[Part], mark: str, write: Writer, first_column: str) -> Table:
    marked = [mark] if mark else []
    return Table(
        head=[first_column or _("What"), *(name for name, _tone in parts), *marked],
        rows=[
            [row.label, *(write(value) for value in row.values), *([write(row.mark)] if mark else [])] for row in rows
        ],
    )
