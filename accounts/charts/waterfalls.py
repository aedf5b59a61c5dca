"""What moved a value: from before, over every cause, to after. The chart is its own table."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts import formats
from accounts.charts.drawing import Value, Writer, pc


@dataclass(frozen=True)
class Step:
    """One cause of a change: a signed effect, and why in a few words."""

    name: str
    delta: Value
    note: str = ""


@dataclass(frozen=True)
class _Row:
    name: str
    note: str
    start: float
    end: float
    tone: str
    text: str
    total: bool = False


def _signed(value: Value) -> str:
    return formats.number(value, signed=True)


def _tone(delta: Value) -> str:
    return "green" if delta > 0 else "red" if delta < 0 else "grey"


def _moves(level: float, steps: Sequence[Step], write: Writer) -> Iterator[_Row]:
    for step in steps:
        after = level + float(step.delta)
        yield _Row(step.name, step.note, level, after, _tone(step.delta), write(step.delta))
        level = after


def _scale(rows: Sequence[_Row]) -> Callable[[float], float]:
    ends = [0.0, *(row.start for row in rows), *(row.end for row in rows)]
    low, span = min(ends), (max(ends) - min(ends)) or 1.0
    return lambda value: (value - low) / span * 100


def _drawn(row: _Row, x: Callable[[float], float]) -> SafeString:
    left, right = sorted((x(row.start), x(row.end)))
    return format_html(
        '<tr class="{}"><th scope="row">{}{}</th><td class="bar"><svg width="100%" height="16" aria-hidden="true">'
        '<rect class="fill tone-{}" x="{}" width="{}" height="16" rx="2"/></svg></td><td class="num">{}</td></tr>',
        "total" if row.total else "move",
        row.name,
        format_html('<span class="sub">{}</span>', row.note) if row.note else "",
        row.tone,
        pc(min(left, 99.5)),
        pc(max(right - left, 0.5)),
        row.text,
    )


def waterfall(
    title: str,
    start: tuple[str, Value],
    steps: Sequence[Step],
    end: tuple[str, Value],
    *,
    write: Writer = formats.number,
    write_delta: Writer = _signed,
) -> SafeString:
    """Rows that add up as printed: `start` plus every step's delta is `end`."""
    rows = [
        _Row(start[0], "", 0, float(start[1]), "grey", write(start[1]), total=True),
        *_moves(float(start[1]), steps, write_delta),
        _Row(end[0], "", 0, float(end[1]), "accent", write(end[1]), total=True),
    ]
    x = _scale(rows)
    caption = format_html("<figcaption>{}</figcaption>", title) if title else ""
    body = format_html_join("", "{}", ((_drawn(row, x),) for row in rows))
    return format_html(
        '<figure class="chart">{}<table class="waterfall"><tbody>{}</tbody></table></figure>', caption, body
    )
