"""The table of accounts: its columns with their sort links, its lines with what is looked up by id."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.domain import listing
from accounts.domain.listing import Row, Sort
from accounts.enums import Stage
from accounts.forms.account_filters import Choices
from accounts.registry import list_extras


@dataclass(frozen=True)
class Column:
    key: str
    title: str
    numeric: bool = False
    href: str = ""
    aria_sort: str = ""


@dataclass(frozen=True)
class Line:
    row: Row
    segment: str | None
    csm: str | None
    stage: Any
    band: str
    trend: Decimal | None
    sparkline: Sequence[Any]
    follow_ups: int | None


# Where people look first at the small end, or at the large one.
_LARGE_FIRST = {"mrr"}


def columns(query: QueryDict, sort: Sort) -> list[Column]:
    return [
        _sortable("name", _("Account"), query, sort),
        Column("segment", _("Segment")),
        Column("csm", _("CSM")),
        Column("stage", _("Stage")),
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


def whole(trend: Decimal | None) -> Decimal | None:
    """As scores are shown: without decimals."""
    return None if trend is None else trend.quantize(Decimal(1), ROUND_HALF_UP)


def lines(rows: Sequence[Row], choices: Choices) -> list[Line]:
    ids = [row.pk for row in rows]
    sparklines = list_extras["sparkline"].load(ids) if ids and "sparkline" in list_extras else {}
    follow_ups = listing.open_follow_ups(ids) if ids else {}
    stages = dict(Stage.choices)
    return [
        Line(
            row,
            segment=choices.segments.get(row.segment_id) if row.segment_id else None,
            csm=choices.people.get(row.csm_id) if row.csm_id else None,
            stage=stages.get(row.stage, row.stage),
            band="" if row.stage == Stage.CHURNED else row.band,
            trend=whole(row.trend),
            sparkline=sparklines.get(row.pk, ()),
            follow_ups=follow_ups.get(row.pk),
        )
        for row in rows
    ]
