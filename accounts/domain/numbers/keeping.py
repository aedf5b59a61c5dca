"""Who the cost of keeping customers is made of: those kept over the year, and those whom calls were logged with, each
with the hours that took."""

from decimal import Decimal
from typing import Any

from accounts.domain.numbers.asking import Asked
from accounts.domain.numbers.behind import LIVED, PAID, lived
from accounts.domain.numbers.contributions import contributions
from accounts.domain.numbers.paging import Page, page_of
from accounts.domain.numbers.spending import MEMBERS, MINUTES, minutes_params
from accounts.domain.numbers.sums import params_of, rows_where

# Kept (1) or not (0), minutes logged, MRR a year before, MRR at the end.
KEPT = """
    with rows as ({rows}), {contributions}, year as (
        select account_id, year_start as before, "end" as after from contributions
        where month = %(until)s and year_start > 0
    ), logged (account_id, minutes) as ({minutes}), kept as (
        select account_id, coalesce(y.after > 0, false)::int as kept, coalesce(l.minutes, 0) as minutes,
            coalesce(y.before, 0) as before, coalesce(y.after, 0) as after
        from year y full join logged l using (account_id) where y.after > 0 or l.account_id is not null
    ), {found}
    select account_id, kept, minutes, before, after from found
"""
ALONE = "found as (select * from kept)"
# With those whom the lifetime value is made of.
WITH_LIFE = f"""life as (
        select account_id, sum({PAID}) as amount from contributions where {LIVED} group by 1
    ), found as (
        select * from kept
        union all
        select account_id, 0, 0, 0, amount from life where account_id not in (select account_id from kept)
    )"""  # noqa: S608 - constants


def who_was_kept(asked: Asked, size: int, offset: int) -> Page:
    """Kept, hours, MRR a year before, MRR at the end; how many, and what all of them come to."""
    return _page(ALONE, asked, size, offset)


def who_lived_and_was_kept(asked: Asked, size: int, offset: int) -> Page:
    return _page(WITH_LIFE, asked, size, offset)


def _page(found: str, asked: Asked, size: int, offset: int) -> Page:
    chosen = asked.filters.chosen()
    query = KEPT.format(
        rows=rows_where(chosen), contributions=contributions("rows"), found=found,
        minutes=MINUTES.format(by=MEMBERS["account"]),
    )  # fmt: skip
    params = {
        **params_of(asked.first, asked.last, chosen),
        **minutes_params(asked.first, asked.last, asked.accounts()),
        "lived": lived(asked.last),
    }  # fmt: skip
    rows, count, sums = page_of(query, ("kept", "minutes", "before", "after"), params, size, offset)
    return [(pk, _values(row)) for pk, row in rows], count, _values(sums)


def _values(row: tuple[Any, ...]) -> tuple[Any, ...]:
    kept, minutes, before, after = row
    return int(kept), Decimal(minutes) / 60, before, after
