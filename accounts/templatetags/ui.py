"""The tags of every page (a builtin library: nothing to load). docs/ui.md shows each in use."""

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from django import template
from django.forms import BoundField
from django.template.base import FilterExpression, Node, NodeList, Parser, Token, token_kwargs
from django.template.context import Context
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _, ngettext

from accounts import charts, formats, icons
from accounts.enums import Band

register = template.Library()

# Tones of activities and messages, as the style sheet calls them.
TONES = {"good": "green", "warn": "yellow", "bad": "red", "": "grey"}

register.simple_tag(icons.icon, name="icon")


# Bands and scores ---------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def _band_badge(code: str, value: str) -> SafeString:
    return format_html('<span class="badge tone-{}">{}{}</span>', value, icons.shape(value), Band(value).label)


@register.simple_tag
def band(value: str | None) -> str:
    """A band by colour, word and shape; a churned account has none."""
    return _band_badge(formats.language(), str(value)) if value else formats.NOTHING


@register.simple_tag
def band_shape(value: str | None) -> str:
    """The shape alone, where the word stands beside it or the column says it; named for screen readers."""
    if not value:
        return ""
    label = Band(str(value)).label
    return format_html(
        '<span class="tone-{}" title="{}">{}<span class="visually-hidden">{}</span></span>',
        value,
        label,
        icons.shape(str(value)),
        label,
    )


def _rounded(value: Any) -> int:
    """A score is rounded half up, as its band is read off it."""
    return int(Decimal(str(value)).quantize(Decimal(1), ROUND_HALF_UP))


@lru_cache(maxsize=2048)
def _score(code: str, whole: int, tone: str) -> SafeString:
    return format_html(
        '<span class="score tone-{}">{}<svg class="meter" viewBox="0 0 100 10" preserveAspectRatio="none" '
        'aria-hidden="true"><rect class="meter-track" width="100" height="10"/>'
        '<rect class="meter-fill" width="{}" height="10"/></svg></span>',
        tone,
        formats.number(whole),
        max(0, min(100, whole)),
    )


@register.simple_tag
def score(value: Any, band: str | None = "") -> str:
    """The score as a whole number with a small meter in its band's colour."""
    if value is None:
        return format_html('<span class="muted">{}</span>', formats.NOTHING)
    return _score(formats.language(), _rounded(value), str(band or "unknown"))


@register.simple_tag
def meter(value: Any, low: Any = None, high: Any = None, tone: str = "accent", label: str = "") -> str:
    """A wide bar from 0 to 100; `low` and `high` shade the range it could be."""
    share = max(0.0, min(100.0, float(value or 0)))
    start, end = (share, share) if low is None or high is None else (float(low), min(100.0, float(high)))
    return format_html(
        '<svg class="meter big tone-{}" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<rect class="meter-track" width="100" height="10"/><rect class="meter-range" x="{}" width="{}" height="10"/>'
        '<rect class="meter-fill" width="{}" height="10"/></svg>',
        tone,
        label or formats.number(value),
        f"{start:.1f}",
        f"{max(0.0, end - start):.1f}",
        f"{share:.1f}",
    )


@register.simple_tag
def trend(delta: Any, unit: str = "", *, good: str = "up") -> str:
    """A signed change with an arrow; `good="down"` where less is better. Nothing known: nothing shown."""
    if delta is None:
        return ""
    rising, falling = delta > 0, delta < 0
    better = rising if good == "up" else falling
    tone = "green" if better else "red" if rising or falling else "grey"
    arrow = "arrow-up" if rising else "arrow-down" if falling else "minus"
    return format_html(
        '<span class="trend tone-{}">{}{}{}</span>', tone, icons.icon(arrow), formats.number(delta, signed=True), unit
    )


# Numbers and times --------------------------------------------------------------------------------

register.simple_tag(formats.money, name="money")
register.simple_tag(formats.number, name="number")
register.simple_tag(formats.percent, name="percent")


def _time(value: datetime | date, text: str, title: str = "", css_class: str = "") -> SafeString:
    css = format_html(' class="{}"', css_class) if css_class else ""
    hint = format_html(' title="{}"', title) if title else ""
    return format_html('<time datetime="{}"{}{}>{}</time>', value.isoformat(), css, hint, text)


@register.simple_tag
def when(value: datetime | None) -> str:
    """ "3 hours ago"; the full time, in the reader's zone and with its name, on hover."""
    if value is None:
        return formats.NOTHING
    return _time(value, formats.relative(value), formats.moment(value, form="long"))


@register.simple_tag
def moment(value: datetime | None) -> str:
    """ "Nov 22, 2026, 9:30 AM EET": where the exact time matters."""
    return formats.NOTHING if value is None else _time(value, formats.moment(value))


@register.simple_tag
def day(value: date | None, form: str = "") -> str:
    """ "Nov 22", with the year where it is not this one; the long form on hover."""
    if value is None:
        return formats.NOTHING
    return _time(value, formats.day(value, form=form), formats.day(value, form="long"))


def _lateness(late: timedelta) -> str:
    if late < timedelta(hours=1):
        count = max(1, int(late.total_seconds() // 60))
        return ngettext("%(n)s min late", "%(n)s min late", count) % {"n": count}
    if late < timedelta(days=1):
        count = int(late.total_seconds() // 3600)
        return ngettext("%(n)s h late", "%(n)s h late", count) % {"n": count}
    return ngettext("%(n)s day late", "%(n)s days late", late.days) % {"n": formats.number(late.days)}


def _due_text(value: datetime, now: datetime) -> str:
    local, today = timezone.localtime(value), timezone.localtime(now).date()
    days = (local.date() - today).days
    if days == 0:
        return _("today %(time)s") % {"time": formats.clock(value)}
    if days == 1:
        return _("tomorrow %(time)s") % {"time": formats.clock(value)}
    return formats._as(local, "weektime") if days < 7 else formats.day(local)


@register.simple_tag
def due(value: datetime | None) -> str:
    """A deadline as one plans a day: "2 h late", "today 5:00 PM", "Wed 9:00 AM", "Dec 3"."""
    if value is None:
        return formats.NOTHING
    now = timezone.now()
    late = now - value
    text = _lateness(late) if late > timedelta() else _due_text(value, now)
    css = "late" if late > timedelta() else "soon" if -late < timedelta(hours=24) else ""
    return _time(value, text, formats.moment(value, form="long"), css)


# People -------------------------------------------------------------------------------------------


@register.simple_tag
def avatar(name: str) -> str:
    words = [w for w in str(name).replace("@", " ").split() if w]
    initials = (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper() if words else "?"
    return format_html('<span class="avatar" aria-hidden="true">{}</span>', initials)


@register.simple_tag(takes_context=True)
def may(context: Context, permission: str, obj: Any = None) -> bool:
    """{% may "account.edit" account as may_edit %}: the roles table's answer for this reader."""
    user = context.get("user") or getattr(context.get("request"), "user", None)
    return bool(user and user.is_authenticated and user.may(permission, obj))


# Forms --------------------------------------------------------------------------------------------


@register.simple_tag
def field(bound: BoundField) -> str:
    """Label, control, help and errors, tied together for screen readers (templates/django/forms/field.html)."""
    return bound.as_field_group()


@register.filter
def input_type(bound: BoundField) -> str:
    return getattr(bound.field.widget, "input_type", "")


# Blocks and parts ---------------------------------------------------------------------------------


@register.simple_tag
def url_or(name: str, *args: Any) -> str:
    """The address, or "" where nobody has built that page yet."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


@register.inclusion_tag("ui/progress.html")
def progress(value: Any = None, of: Any = 100, label: str = "", note: str = "") -> dict[str, Any]:
    """A bar with its share in words; without a value it only says that something is going on."""
    known = value is not None and bool(of)
    return {
        "filled": f"{float(value) / float(of) * 100:.1f}" if known else "",
        "share": formats.percent(value, of=of) if known else "",
        "label": label or _("Progress"),
        "note": note,
    }


@register.inclusion_tag("ui/pager.html", takes_context=True)
def pager(context: Context, page: Any) -> dict[str, Any]:
    """Previous and next of a keyset page: anything with `previous`, `next` (cursor texts or None) and `note`."""
    return {"page": page, "request": context.get("request"), "target": context.get("pager_target", "")}


@register.inclusion_tag("ui/skeleton.html")
def skeleton(lines: int = 4) -> dict[str, Any]:
    return {"lines": range(lines)}


@register.inclusion_tag("ui/copy.html")
def copy(text: str, label: str = "") -> dict[str, str]:
    """A text to take along, with a button that copies it."""
    return {"text": text, "label": label or _("Copy")}


@register.simple_tag
def sparkline(values: Any, label: str = "", tone: str = "accent") -> str:
    return charts.sparkline(values, label=label, tone=tone)


class Block(Node):
    """A tag with a body: the body and the keyword arguments go to a template of ui/."""

    def __init__(self, name: str, nodes: NodeList, kwargs: dict[str, FilterExpression]) -> None:
        self.template, self.nodelist, self.kwargs = f"ui/{name}.html", nodes, kwargs

    def render(self, context: Context) -> SafeString:
        values = {key: value.resolve(context) for key, value in self.kwargs.items()}
        with context.push(**values):
            body = self.nodelist.render(context)
        ui = context.template.engine.get_template(self.template)
        return ui.render(context.new({**values, "body": body, "request": context.get("request")}))


def _block(name: str) -> None:
    def parse(parser: Parser, token: Token) -> Block:
        kwargs = token_kwargs(token.split_contents()[1:], parser)
        nodes = parser.parse((f"end{name}",))
        parser.delete_first_token()
        return Block(name, nodes, kwargs)

    register.tag(name, parse)


# {% empty %} belongs to {% for %}, so ours has a longer name.
for _name in ("emptystate", "errorstate", "dialog", "menu", "notice", "card"):
    _block(_name)
