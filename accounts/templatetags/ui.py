"""The tags of every page (a builtin library: nothing to load). docs/ui.md shows each in use."""

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from django import template
from django.forms import BoundField
from django.template.base import FilterExpression, Node, NodeList, Parser, Token, token_kwargs
from django.template.context import Context
from django.templatetags import i18n
from django.urls import NoReverseMatch
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _, ngettext

from accounts import charts, formats, icons
from accounts.addresses import address
from accounts.enums import Band

register = template.Library()

# Tones of activities and messages, as the style sheet calls them.
TONES = {"good": "green", "warn": "yellow", "bad": "red", "": "grey"}

register.simple_tag(icons.icon, name="icon")

# Who reads ----------------------------------------------------------------------------------------


def reader(context: Context) -> formats.Reader:
    """Asked once per template: fifty rows have one reader."""
    render = context.render_context
    try:
        return render["reader"]
    except KeyError:
        render["reader"] = formats.Reader()
        return render["reader"]


class LanguageNode(i18n.LanguageNode):
    """Inside `{% language %}` somebody else reads."""

    def render(self, context: Context) -> str:
        with context.render_context.push():
            return super().render(context)


@register.tag
def language(parser: Parser, token: Token) -> LanguageNode:
    node = i18n.language(parser, token)
    return LanguageNode(node.nodelist, node.language)


escaped = lru_cache(maxsize=4096)(escape)

# Bands and scores ---------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def _band_badge(code: str, value: str) -> SafeString:
    return format_html('<span class="badge tone-{}">{}{}</span>', value, icons.shape(value), Band(value).label)


@register.simple_tag(takes_context=True)
def band(context: Context, value: str | None) -> str:
    """A band by colour, word and shape; a churned account has none."""
    return _band_badge(reader(context).code, str(value)) if value else formats.NOTHING


@lru_cache(maxsize=64)
def _band_shape(code: str, value: str) -> SafeString:
    return format_html(
        '<span class="tone-{0}" title="{1}">{2}<span class="visually-hidden">{1}</span></span>',
        value,
        Band(value).label,
        icons.shape(value),
    )


@register.simple_tag(takes_context=True)
def band_shape(context: Context, value: str | None) -> str:
    """The shape alone, for tight places; its name stays for the pointer and for screen readers."""
    return _band_shape(reader(context).code, str(value)) if value else ""


def _rounded(value: Any) -> int:
    """A score is rounded half up, as its band is read off it."""
    return int(Decimal(str(value)).quantize(Decimal(1), ROUND_HALF_UP))


@lru_cache(maxsize=2048)
def _score(whole: int, tone: str) -> SafeString:
    return format_html(
        '<span class="score tone-{}">{}<svg class="meter" viewBox="0 0 100 10" preserveAspectRatio="none" '
        'aria-hidden="true"><rect class="meter-track" width="100" height="10"/>'
        '<rect class="meter-fill" width="{}" height="10"/></svg></span>',
        tone,
        whole,
        max(0, min(100, whole)),
    )


@register.simple_tag
def score(value: Any, band: str | None = "") -> str:
    """The score as a whole number with a small meter in its band's colour."""
    if value is None:
        return format_html('<span class="muted">{}</span>', formats.NOTHING)
    return _score(_rounded(value), str(band or "unknown"))


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


@register.simple_tag(takes_context=True)
def trend(context: Context, delta: Any, unit: str = "", *, good: str = "up") -> str:
    """A signed change with an arrow; `good="down"` where less is better. Nothing known: nothing shown."""
    if delta is None:
        return ""
    rising, falling = delta > 0, delta < 0
    better = rising if good == "up" else falling
    tone = "green" if better else "red" if rising or falling else "grey"
    arrow = icons.icon("arrow-up" if rising else "arrow-down" if falling else "minus")
    text = reader(context).number(delta, signed=True)
    return format_html('<span class="trend tone-{}">{}{}{}</span>', tone, arrow, text, unit)


# Numbers and times --------------------------------------------------------------------------------


@register.simple_tag(takes_context=True)
def money(context: Context, value: Any, currency: str, **how: bool) -> str:
    """`exact=True` with the cents, `signed=True`, `compact=True`."""
    return reader(context).money(value, currency, **how)


@register.simple_tag(takes_context=True)
def number(context: Context, value: Any, decimals: int | None = None, **how: bool) -> str:
    return reader(context).number(value, decimals, **how)


@register.simple_tag(takes_context=True)
def percent(context: Context, value: Any, of: Any = 1, decimals: int = 0, **how: bool) -> str:
    return reader(context).percent(value, of, decimals, **how)


def _time(value: date, text: str, title: str, css: str = "") -> SafeString:
    # Safe: the class is one of ours, the instant is ISO, and both texts are escaped here.
    return mark_safe(  # noqa: S308
        f'<time datetime="{value.isoformat()}"{css} title="{escaped(title)}">{escaped(text)}</time>'
    )


@register.simple_tag(takes_context=True)
def when(context: Context, value: datetime | None) -> str:
    """As one says it: "3 hours ago"; on hover the full time, in the reader's zone and with its name."""
    if value is None:
        return formats.NOTHING
    read = reader(context)
    return _time(value, read.relative(value), read.moment(value, form="long"))


@register.simple_tag(takes_context=True)
def moment(context: Context, value: datetime | None) -> str:
    """Where the exact time matters: "Nov 22, 2026, 9:30 AM EET"."""
    if value is None:
        return formats.NOTHING
    read = reader(context)
    return _time(value, read.moment(value), read.moment(value, form="long"))


@register.simple_tag(takes_context=True)
def day(context: Context, value: date | None, form: str = "") -> str:
    """Short ("Nov 22"), with the year where it is not this one; the long form on hover."""
    if value is None:
        return formats.NOTHING
    read = reader(context)
    return _time(value, read.day(value, form=form), read.day(value, form="long"))


@lru_cache(maxsize=1024)
def _late(code: str, unit: str, count: int) -> str:
    if unit == "minute":
        text = ngettext("%(n)s min late", "%(n)s min late", count)
    elif unit == "hour":
        text = ngettext("%(n)s h late", "%(n)s h late", count)
    else:
        text = ngettext("%(n)s day late", "%(n)s days late", count)
    return text % {"n": formats.number(count)}


def _lateness(code: str, late: timedelta) -> str:
    if late < timedelta(hours=1):
        return _late(code, "minute", max(1, int(late.total_seconds() // 60)))
    if late < timedelta(days=1):
        return _late(code, "hour", int(late.total_seconds() // 3600))
    return _late(code, "day", late.days)


@lru_cache(maxsize=64)
def _soon(code: str, days: int) -> str:
    return _("tomorrow %(time)s") if days else _("today %(time)s")


def _ahead(read: formats.Reader, value: datetime) -> str:
    local = read.local(value)
    days = (local.date() - read.today).days
    if days in {0, 1}:
        return _soon(read.code, days) % {"time": read.write(local, "time")}
    return read.write(local, "weektime") if days < 7 else read.day(value)


@register.simple_tag(takes_context=True)
def due(context: Context, value: datetime | None) -> str:
    """A deadline as one plans a day: "2 h late", "today 5:00 PM", "Wed 9:00 AM", "Dec 3"."""
    if value is None:
        return formats.NOTHING
    read = reader(context)
    late = read.now - value
    title = read.moment(value, form="long")
    if late > timedelta():
        return _time(value, _lateness(read.code, late), title, ' class="late"')
    css = ' class="soon"' if -late < timedelta(hours=24) else ""
    return _time(value, _ahead(read, value), title, css)


# People -------------------------------------------------------------------------------------------


@register.simple_tag
def avatar(name: Any) -> SafeString:
    """The initials of a name."""
    words = str(name).replace("@", " ").split()
    initials = f"{words[0][0]}{words[-1][0] if len(words) > 1 else ''}".upper() if words else "?"
    return format_html('<span class="avatar" aria-hidden="true">{}</span>', initials)


@register.simple_tag(takes_context=True)
def may(context: Context, permission: str, obj: Any = None) -> bool:
    """The roles table's answer for this reader: {% may "account.edit" account as may_edit %}."""
    user = context.get("user") or getattr(context.get("request"), "user", None)
    return bool(user and user.is_authenticated and user.may(permission, obj))


# Forms --------------------------------------------------------------------------------------------


@register.simple_tag
def field(bound: BoundField) -> str:
    """Label, control, help and errors, tied together for screen readers (templates/django/forms/field.html)."""
    return bound.as_field_group()


register.simple_tag(formats.colon, name="colon")


@register.filter
def input_type(bound: BoundField) -> str:
    return getattr(bound.field.widget, "input_type", "")


# Blocks and parts ---------------------------------------------------------------------------------


@register.simple_tag
def url_or(name: str, *args: Any) -> str:
    """The address, or "" where nobody has built that page yet."""
    try:
        return address(name, *args)
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
    """Previous and next of a keyset page: anything with `previous`, `next` (cursor texts or None) and `note`. A page
    that a refused form shows again, too, says in `pager_at` where it is read."""
    return {"page": page, "request": context.get("request"), "at": context.get("pager_at", "")}


@register.inclusion_tag("ui/skeleton.html")
def skeleton(lines: int = 4) -> dict[str, Any]:
    return {"lines": range(lines)}


@register.inclusion_tag("ui/copy.html")
def copy(text: str, label: str = "") -> dict[str, str]:
    """A text to take along, with a button that copies it."""
    return {"text": text, "label": label or _("Copy")}


@register.simple_tag(takes_context=True)
def sparkline(context: Context, values: Any, label: str = "", tone: str = "accent") -> SafeString:
    return charts.sparkline(values, label=label, tone=tone, reader=reader(context))


class Block(Node):
    """A tag with a body: the body and the keyword arguments go to a template of ui/."""

    def __init__(self, name: str, nodes: NodeList, kwargs: dict[str, FilterExpression]) -> None:
        self.template, self.nodelist, self.kwargs = f"ui/{name}.html", nodes, kwargs

    def render(self, context: Context) -> SafeString:
        values = {key: value.resolve(context) for key, value in self.kwargs.items()}
        with context.push(**values):
            body = self.nodelist.render(context)
        engine = context.template.engine  # type: ignore[union-attr]  # something is being rendered
        return engine.get_template(self.template).render(
            context.new({**values, "body": body, "request": context.get("request")})
        )


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
