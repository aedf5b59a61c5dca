"""The table of accounts: its columns with their sort links, and its rows.

Rows are put together here and not in a template: fifty of them with their cells cost a template more than
everything else on the page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache, partial
from html import escape
from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.template import Context
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from accounts import formats
from accounts.charts import sparkline
from accounts.domain import listing
from accounts.domain.listing import Row, Sort
from accounts.enums import Stage
from accounts.forms.account_filters import Choices
from accounts.icons import icon
from accounts.registry import list_extras
from accounts.templatetags import ui


@dataclass(frozen=True)
class Column:
    key: str
    title: str
    numeric: bool = False
    href: str = ""
    aria_sort: str = ""


# Where people look first at the large end, and not at the small one.
_LARGE_FIRST = {"mrr"}


def columns(query: QueryDict, sort: Sort) -> list[Column]:
    return [
        _sortable("name", _("Account"), query, sort),
        Column("segment", _("Segment, stage")),
        Column("csm", _("CSM")),
        Column("band", _("Band")),
        _sortable("score", _("Score"), query, sort, numeric=True),
        Column("trend", _("28 days")),
        _sortable("mrr", _("MRR"), query, sort, numeric=True),
        _sortable("decision", _("Decision"), query, sort, numeric=True),
        Column("follow_ups", _("To do"), numeric=True),
        Column("last_contact", _("Last contact"), numeric=True),
    ]


def _sortable(key: str, title: str, query: QueryDict, sort: Sort, *, numeric: bool = False) -> Column:
    chosen = sort.key.lstrip("-") == key
    descending = not sort.descending if chosen else key in _LARGE_FIRST
    address = query.copy()
    address["sort"] = f"-{key}" if descending else key
    direction = ("descending" if sort.descending else "ascending") if chosen else ""
    return Column(key, title, numeric, f"?{address.urlencode()}", direction)


# Safe: a constant of ours.
NUMERIC = mark_safe(' class="num"')
_ICONS = {"ascending": "arrow-up", "descending": "arrow-down"}


def head(found: Sequence[Column]) -> SafeString:
    """The cells of the head; those that sort are links."""
    return format_html_join(
        "",
        '<th scope="col"{}{}>{}</th>',
        (
            (
                NUMERIC if column.numeric else "",
                format_html(' aria-sort="{}"', column.aria_sort) if column.aria_sort else "",
                format_html('<a href="{}">{}{}</a>', column.href, column.title, _arrow(column))
                if column.href
                else column.title,
            )
            for column in found
        ),
    )


def _arrow(column: Column) -> str:
    return icon(_ICONS[column.aria_sort]) if column.aria_sort else ""


# Rows ---------------------------------------------------------------------------------------------

# Labels are put in once per language, and doubled braces wait for the row.
_CHECK = (
    '<td class="check"><input type="checkbox" name="ids" value="{{pk}}" form="assign" '
    'aria-label="{choose} {{name}}"></td>'
)
_ROW = (
    '<th scope="row"><a class="title" data-open href="{{url}}">{{name}}</a><span class="sub">{{domain}}</span></th>'
    '<td class="hide-phone">{{segment}}<span class="sub">{{stage}}</span></td>'
    '<td class="hide-phone">{{csm}}</td>'
    '<td data-label="{band}">{{band}}</td>'
    '<td class="num strong" data-label="{score}">{{score}}</td>'
    '<td data-label="{trend}"><span class="change">{{sparkline}}{{trend}}</span></td>'
    '<td class="num" data-label="{mrr}">{{mrr}}</td>'
    '<td class="num" data-label="{decision}">{{decision}}</td>'
    '<td class="num" data-label="{follow_ups}">{{follow_ups}}</td>'
    '<td class="num hide-phone">{{last_contact}}</td></tr>'
)


def body(rows: Sequence[Row], choices: Choices, *, may_assign: bool) -> SafeString:
    """All rows as HTML."""
    cells = _Cells([row.pk for row in rows], choices, may_assign=may_assign)
    # Safe: _Cells escapes every text, and the rest is markup of ours.
    return mark_safe("".join([cells.row(row) for row in rows]))  # noqa: S308


class _Cells:
    """What a row shows; what is the same for all rows, and what is known by id, is looked up once."""

    def __init__(self, ids: Sequence[int], choices: Choices, *, may_assign: bool) -> None:
        self.context = Context()
        self.reader = ui.reader(self.context)
        self.sparklines = list_extras["sparkline"].load(ids) if ids and "sparkline" in list_extras else {}
        self.stages = {value: escape(str(label)) for value, label in Stage.choices}
        self.segments, self.people = _escaped(choices.segments), _escaped(choices.people)
        self.form = _form(self.reader.code, may_assign)
        self.address = reverse("accounts:detail", args=[0])
        self.money = partial(self.reader.money, currency=settings.REPORTING_CURRENCY)

    def row(self, row: Row) -> str:
        code = self.reader.code
        return self.form.format(
            pk=row.pk,
            url=self.address.replace("0", str(row.pk)),
            name=escape(row.name),
            domain=escape(row.domain),
            segment=self.segments.get(row.segment_id, formats.NOTHING),
            stage=self.stages.get(row.stage, ""),
            csm=self.people.get(row.csm_id, formats.NOTHING),
            band=formats.NOTHING if row.stage == Stage.CHURNED else ui.band(self.context, row.band),
            score=_number(code, whole(row.score)),
            sparkline=_sparkline(code, tuple(self.sparklines.get(row.pk, ())), row.band),
            trend=_trend(code, whole(row.trend)),
            mrr=escape(self.money(row.mrr)),
            decision=_day(code, self.reader.today.year, row.decision_date),
            follow_ups=_number(code, row.open_follow_ups) if row.open_follow_ups else "",
            last_contact=ui.when(self.context, row.last_contact_at),
        )


# Few different values stand in many rows.


@lru_cache(maxsize=1024)
def _number(code: str, value: int | Decimal | None) -> str:
    return formats.number(value, 0)


@lru_cache(maxsize=1024)
def _trend(code: str, delta: Decimal | None) -> str:
    return ui.trend(Context(), delta)


@lru_cache(maxsize=4096)
def _day(code: str, this_year: int, day: date | None) -> str:
    return ui.day(Context(), day)


def _escaped(names: dict[int, str]) -> dict[int | None, str]:
    return {pk: escape(name) for pk, name in names.items()}


@lru_cache(maxsize=16)
def _form(code: str, may_assign: bool) -> str:
    """A row with its labels, which make a card of it on phones; by language."""
    form = '<tr data-row id="row-{{pk}}">' + (_CHECK if may_assign else "") + _ROW
    named = {column.key: column.title for column in columns(QueryDict(), listing.DEFAULT_SORT)}
    named["choose"] = _("Choose")
    return form.format(**{key: escape(title).replace("{", "{{").replace("}", "}}") for key, title in named.items()})


# Scores change once a day, and the list is opened all day.
@lru_cache(maxsize=4096)
def _sparkline(code: str, scores: tuple[Any, ...], band: str) -> str:
    known = sum(score is not None for score in scores)
    return sparkline(scores, tone=band, width=64, height=20) if known > 1 else ""


def whole(value: Decimal | None) -> Decimal | None:
    """As scores are shown: without decimals, half up."""
    return None if value is None else value.quantize(Decimal(1), ROUND_HALF_UP)
