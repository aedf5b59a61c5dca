"""The accounts behind a figure: exactly those that its sum is made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from accounts.domain.anniversaries import anniversary
from accounts.domain.mrr import ZERO
from accounts.domain.numbers.asking import SIX, last_full_month
from accounts.domain.numbers.contributions import CUSTOMERS, KINDS, MOVES, contributions
from accounts.domain.numbers.sums import Filters, params_of, rows_where

EACH, FIRST, LAST = "true", "month = %(first)s", "month = %(until)s"
NET = '"end" - start - fx'
# Those whom CAC knows: it heeds only months that have costs.
BOUGHT = CUSTOMERS["customers_new"] + " and month in (select month from accounts_cost where kind = 'winning')"  # noqa: S608 - constants
# Those whose staying and leaving the churn of a lifetime value is the mean of, and who pay at the end.
LIVED = '(month >= %(lived)s and (start > 0 or "end" > 0))'
PAID = f'case when {LAST} then "end" else 0 end'


@dataclass(frozen=True)
class Figure:
    """Which months of an account count, when, and with how much; `before`: from when it is looked at."""

    months: str
    condition: str
    amount: str
    before: str = "start"


FIGURES = {
    "start": Figure(FIRST, "start > 0", "start"),
    "end": Figure(LAST, '"end" > 0', '"end"'),
    **{kind: Figure(EACH, f"{kind} <> 0", kind) for kind in KINDS},
    **{f"net_{kind}": Figure(EACH, f"net = '{kind}'", NET) for kind in MOVES},
    # What key figures are made of that weigh one kind of movement against another.
    "net_lost": Figure(EACH, "net in ('churn', 'contraction')", NET),
    "net_kept": Figure(EACH, "net in ('expansion', 'churn', 'contraction')", NET),
    "net_moved": Figure(EACH, "net <> ''", NET),
    "customers_new": Figure(EACH, CUSTOMERS["customers_new"], '"end"'),
    "customers_back": Figure(EACH, CUSTOMERS["customers_back"], '"end"'),
    "customers_lost": Figure(EACH, CUSTOMERS["customers_lost"], "-start"),
    "year": Figure(LAST, "year_start > 0", '"end" - year_start', "year_start"),
    "life": Figure(EACH, LIVED, PAID),
    "bought": Figure(EACH, BOUGHT, '"end"'),
    "ltv_cac": Figure(EACH, f"({BOUGHT}) or {LIVED}", PAID),
    "payback": Figure(EACH, f'({BOUGHT}) or ({LAST} and "end" > 0)', PAID),
    "year_lost": Figure(LAST, CUSTOMERS["year_lost"], "-year_start", "year_start"),
}
FOUND = """
    with rows as ({rows}), {contributions}, found as (
        select account_id, (array_agg({before} order by month))[1] as before,
            (array_agg("end" order by month desc))[1] as after, sum({amount}) as amount
        from contributions where {months} and ({condition}) {only} group by 1
    )
"""
PAGE = """
    select f.account_id, f.before, f.after, f.amount, count(*) over (), sum(f.before) over (), sum(f.after) over (),
        sum(f.amount) over ()
    from found f order by abs(f.amount) desc, f.account_id limit %(size)s offset %(offset)s
"""


@dataclass(frozen=True)
class Line:
    account_id: int
    before: Decimal
    after: Decimal
    amount: Decimal


@dataclass(frozen=True)
class Behind:
    """A page of them, the largest first, and what all of them come to."""

    lines: Sequence[Line]
    count: int = 0
    before: Decimal = ZERO
    after: Decimal = ZERO
    amount: Decimal = ZERO


def behind(
    key: str, first: date, last: date, filters: Filters, *, cohort: date | None = None, size: int = 50, offset: int = 0
) -> Behind:
    """LookupError for a figure nobody keeps."""
    figure = FIGURES[key]
    query = FOUND.format(
        rows=rows_where(filters.chosen()),
        contributions=contributions("rows"),
        only="and cohort = %(cohort)s" if cohort else "",
        **vars(figure),
    )
    params: dict[str, Any] = {
        **params_of(first, last, filters.chosen()),
        "first": first.replace(day=1),
        "lived": lived(last),
        "cohort": cohort,
        "size": size,
        "offset": offset,
    }
    with connection.cursor() as cursor:
        cursor.execute(query + PAGE, params)
        rows = cursor.fetchall()
    if not rows:
        return Behind([])
    return Behind([Line(*row[:4]) for row in rows], *rows[0][4:])


def lived(last: date) -> date:
    """The first of the six full months to this one."""
    return anniversary(min(last.replace(day=1), last_full_month()), 1 - SIX)
