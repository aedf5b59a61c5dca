"""The parts of a whole, as a bar or a ring."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts import formats
from accounts.charts import drawing
from accounts.charts.drawing import Table, Value, Writer, figure, pc, plot, px


@dataclass(frozen=True)
class Share:
    """One part of a whole."""

    name: str
    value: Value
    tone: str = "1"


def _total(shares: Sequence[Share]) -> float:
    return sum(float(share.value or 0) for share in shares)


def _placed(shares: Sequence[Share]) -> Iterator[tuple[Share, float, float]]:
    """Each part with its start and its length, in per cent of the whole; parts of nothing are left out."""
    total, start = _total(shares), 0.0
    for share in shares:
        length = float(share.value or 0) / total * 100 if total else 0.0
        if length:
            yield share, start, length
        start += length


def _words(shares: Sequence[Share], write: Writer) -> str:
    total = _total(shares)
    told = ((s.name, f"{write(s.value)}, {formats.percent(s.value or 0, of=total)}") for s in shares)
    return "; ".join(formats.labelled(name, text) for name, text in told)


def _table(shares: Sequence[Share], write: Writer) -> Table:
    total = _total(shares)
    return Table(
        head=[_("What"), _("Value"), _("Share")],
        rows=[[s.name, write(s.value), formats.percent(s.value or 0, of=total)] for s in shares],
    )


def _legend(shares: Sequence[Share], write: Writer) -> SafeString:
    return drawing.legend((s.tone, s.name, write(s.value)) for s in shares)


def segments(title: str, shares: Sequence[Share], *, write: Writer = formats.number) -> SafeString:
    """One bar cut into its parts: accounts by band, MRR by segment."""
    parts = format_html_join(
        "",
        '<rect class="fill tone-{}" x="{}" width="{}" height="12" rx="2"><title>{}: {}</title></rect>',
        (
            (share.tone, pc(start), pc(max(length - 0.4, 0.4)), share.name, write(share.value))
            for share, start, length in _placed(shares)
        ),
    )
    bar = plot(parts, _words(shares, write), height=12)
    return figure(title, bar, _table(shares, write), _legend(shares, write))


def _ring(shares: Sequence[Share], write: Writer) -> SafeString:
    """Arcs as dashes of circles: a hundred units around, each turned back to its start."""
    return format_html_join(
        "",
        '<circle class="ring tone-{}" cx="60" cy="60" r="50" pathLength="100" stroke-dasharray="{} {}" '
        'stroke-dashoffset="{}" transform="rotate(-90 60 60)"><title>{}: {}</title></circle>',
        (
            (share.tone, px(arc), px(100 - arc), px(-start), share.name, write(share.value))
            for share, start, length in _placed(shares)
            if (arc := max(length - (0.8 if length < 99.9 else 0), 0.4))
        ),
    )


def donut(title: str, shares: Sequence[Share], *, middle: str = "", write: Writer = formats.number) -> SafeString:
    """A ring of at most a handful of parts, with the whole in its middle."""
    svg = format_html(
        '<svg viewBox="0 0 120 120" width="120" height="120" role="img" aria-label="{}">{}'
        '<text class="ring-text" x="60" y="67" text-anchor="middle">{}</text></svg>',
        _words(shares, write),
        _ring(shares, write),
        middle,
    )
    body = format_html('<div class="donut">{}{}</div>', svg, _legend(shares, write))
    return figure(title, body, _table(shares, write))
