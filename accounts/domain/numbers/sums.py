"""Sums of MRR by month: kept for everybody and for one choice of one dimension, added up on the spot for several."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from accounts.domain.metrics.months import following
from accounts.domain.metrics.ratios import ratio
from accounts.domain.metrics.retention import Waterfall
from accounts.domain.mrr import ZERO
from accounts.domain.numbers.contributions import COLUMNS, DIMENSIONS, KEPT, KINDS, MOVES, contributions, names, sums

EARLIEST = date(1990, 1, 1)


@dataclass(frozen=True)
class Filters:
    """Of each dimension the chosen member; None is all, "" those that have none."""

    segment: str | None = None
    csm: str | None = None
    touch: str | None = None
    plan: str | None = None
    channel: str | None = None
    currency: str | None = None

    def chosen(self) -> dict[str, str]:
        return {name: value for name in DIMENSIONS if (value := getattr(self, name)) is not None}


@dataclass(frozen=True)
class Sum:
    """A month, or several added up by `over`: in the reporting currency, moves signed."""

    month: date
    start: Decimal = ZERO
    end: Decimal = ZERO
    fx: Decimal = ZERO
    new: Decimal = ZERO
    reactivation: Decimal = ZERO
    expansion: Decimal = ZERO
    contraction: Decimal = ZERO
    churn: Decimal = ZERO
    net_new: Decimal = ZERO
    net_reactivation: Decimal = ZERO
    net_expansion: Decimal = ZERO
    net_contraction: Decimal = ZERO
    net_churn: Decimal = ZERO
    customers_start: int = 0
    customers_new: int = 0
    customers_back: int = 0
    customers_lost: int = 0
    customers_end: int = 0
    kept: Decimal = ZERO
    kept_capped: Decimal = ZERO
    year_start: Decimal = ZERO
    year_kept: Decimal = ZERO
    year_capped: Decimal = ZERO
    year_customers: int = 0
    year_lost: int = 0

    def moves(self, *, net: bool = False) -> dict[str, Decimal]:
        """By kind, signed, in the order of MovementKind."""
        return {kind: getattr(self, f"net_{kind}" if net and kind != "fx" else kind) for kind in KINDS}

    def waterfall(self) -> Waterfall:
        """The month as a whole for each customer, with all that is figured from it."""
        return Waterfall(
            self.start, self.net_new, self.net_reactivation, self.net_expansion, -self.net_contraction,
            -self.net_churn, self.fx, self.end, self.customers_start, self.customers_lost, self.customers_end,
            self.kept, self.kept_capped,
        )  # fmt: skip

    @property
    def year_nrr(self) -> Decimal | None:
        return ratio(self.year_kept, self.year_start)

    @property
    def year_grr(self) -> Decimal | None:
        return ratio(self.year_capped, self.year_start)

    @property
    def year_churn(self) -> Decimal | None:
        return ratio(self.year_lost, self.year_customers)


MOVED = (
    *KINDS,
    *(f"net_{kind}" for kind in MOVES),
    "customers_new",
    "customers_back",
    "customers_lost",
)


def over(months: Sequence[Sum]) -> Sum:
    """Several months as one: what moved is added up, start and end are those of the first and the last. What is kept
    of a start, and of a year's, is the last month's own: it does not add up."""
    if not months:
        return Sum(EARLIEST)
    first, last = months[0], months[-1]
    added = {name: sum((getattr(month, name) for month in months), type(getattr(first, name))(0)) for name in MOVED}
    return replace(last, month=first.month, start=first.start, customers_start=first.customers_start, **added)


def month_sums(first: date, last: date, filters: Filters | None = None) -> list[Sum]:
    """From the month of `first` to that of `last`, each of them, also those without anything."""
    chosen = (filters or Filters()).chosen()
    if len(chosen) > 1:
        found = _added_up(first, last, chosen)
    else:
        dimension, member = next(iter(chosen.items()), ("", ""))
        found = {sum_.month: sum_ for _member, sum_ in _kept(dimension, first, last, [member])}
    return [found.get(month, Sum(month)) for month in months_between(first, last)]


def sums_by(dimension: str, first: date, last: date, filters: Filters | None = None) -> dict[str, list[Sum]]:
    """By member of a dimension (or "cohort"), in the order of their months; those without anything are left out, and
    those that the filters leave out."""
    chosen = (filters or Filters()).chosen()
    if set(chosen) == {dimension}:
        rows: Iterable[tuple[str, Sum]] = _kept(dimension, first, last, [chosen[dimension]])
    elif chosen:
        rows = _added_up_by(dimension, first, last, chosen)
    else:
        rows = _kept(dimension, first, last)
    found: dict[str, dict[date, Sum]] = {}
    for member, sum_ in rows:
        found.setdefault(member, {})[sum_.month] = sum_
    months = months_between(first, last)
    return {member: [by_month.get(month, Sum(month)) for month in months] for member, by_month in found.items()}


def months_between(first: date, last: date) -> list[date]:
    months, month = [], first.replace(day=1)
    while month <= last:
        months.append(month)
        month = following(month)
    return months


def members(dimension: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("select distinct member from accounts_monthsum where dimension = %s order by 1", [dimension])
        return [row[0] for row in cursor.fetchall()]


# How they are read --------------------------------------------------------------------------------

KEPT_SUMS = f"""
    select member, month, {names(COLUMNS)} from accounts_monthsum
    where dimension = %s and (%s::text[] is null or member = any(%s)) and month between %s and %s order by member, month
"""  # noqa: S608 - names of columns


def _kept(dimension: str, first: date, last: date, only: list[str] | None = None) -> list[tuple[str, Sum]]:
    with connection.cursor() as cursor:
        cursor.execute(KEPT_SUMS, [dimension, only, only, first.replace(day=1), last])
        return [(member, _sum(row)) for member, *row in cursor.fetchall()]


def _sum(row: Sequence[Any]) -> Sum:
    return Sum(row[0], **dict(zip(COLUMNS, row[1:], strict=True)))


def rows_where(chosen: dict[str, str]) -> str:
    """The accounts' months of those who are under all of these members; parameters as `params_of` gives them."""
    where = " and ".join(f"c.{name} = %(chosen_{name})s" for name in chosen) or "true"
    keys = names(("account_id", "month", "start", "end", *KINDS, "cohort"), 'a."{}"')
    return f"""
        select 1 as sign, {keys}, {names(DIMENSIONS, "c.{}")}
        from accounts_accountmonth a join accounts_counted c on c.account_id = a.account_id where {where}
    """  # noqa: S608 - names of columns


def params_of(first: date, last: date, chosen: dict[str, str]) -> dict[str, Any]:
    """`after` is the month before the first: contributions() leaves it out."""
    before = (first.replace(day=1) - timedelta(days=1)).replace(day=1)
    named = {f"chosen_{name}": value for name, value in chosen.items()}
    return {"after": before, "until": last.replace(day=1), **named}


def _added_up(first: date, last: date, chosen: dict[str, str]) -> dict[date, Sum]:
    query = f"""
        with rows as ({rows_where(chosen)}), {contributions("rows")}
        select month, {sums()} from contributions group by 1
    """  # noqa: S608 - names of columns
    with connection.cursor() as cursor:
        cursor.execute(query, params_of(first, last, chosen))
        return {row[0]: _sum(row) for row in cursor.fetchall()}


def _added_up_by(dimension: str, first: date, last: date, chosen: dict[str, str]) -> list[tuple[str, Sum]]:
    if dimension not in KEPT:
        raise LookupError(dimension)
    query = f"""
        with rows as ({rows_where(chosen)}), {contributions("rows")}
        select {dimension}::text, month, {sums()} from contributions group by 1, 2 order by 1, 2
    """  # noqa: S608 - names of columns
    with connection.cursor() as cursor:
        cursor.execute(query, params_of(first, last, chosen))
        return [(member, _sum(row)) for member, *row in cursor.fetchall()]
