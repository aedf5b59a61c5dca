"""MRR month by month: where it began, what moved it, where it ended. It adds up to the cent, always (M3)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from django.db import connection

from accounts.domain.mrr import ZERO, apportioned, displayed
from accounts.enums import MovementKind

KINDS = tuple(MovementKind.values)


@dataclass(frozen=True)
class Month:
    month: date  # its first day
    start: Decimal
    moves: dict[str, Decimal] = field(default_factory=dict)  # by kind, signed: contraction and churn are below 0

    @property
    def end(self) -> Decimal:
        return self.start + sum(self.moves.values(), ZERO)

    def rounded(self) -> "Month":
        """To the cent, still adding up: each month ends where the next one starts."""
        start, end = displayed(self.start), displayed(self.end)
        parts = apportioned(end - start, [self.moves[kind] for kind in KINDS])
        return Month(self.month, start, dict(zip(KINDS, parts, strict=True)))


# As it happened: every movement under its own kind.
GROSS = """
    select date_trunc('month', occurred_on)::date as month, kind, sum(amount) as amount
    from accounts_movement where occurred_on >= %(first)s and occurred_on < %(until)s group by 1, 2
"""
# Per customer: what the month as a whole was for each; what the market did stays apart. On one day the market comes
# first, whenever its rate became known.
NET = """
    with customers as (
        select account_id, date_trunc('month', occurred_on)::date as month,
               (array_agg(mrr_after - amount order by occurred_on, kind <> 'fx', change_id))[1] as at_start,
               (array_agg(mrr_after order by occurred_on desc, kind = 'fx', change_id desc))[1] as at_end,
               sum(amount) filter (where kind <> 'fx') as moved,
               coalesce(sum(amount) filter (where kind = 'fx'), 0) as fx,
               bool_or(kind = 'new') as new
        from accounts_movement where occurred_on >= %(first)s and occurred_on < %(until)s group by 1, 2
    ), parts as (
        select month, 'fx' as kind, fx as amount from customers where fx <> 0
        union all
        select month, case when at_start = 0 then case when new then 'new' else 'reactivation' end
                           when at_end = 0 then 'churn'
                           when moved > 0 then 'expansion' else 'contraction' end, moved
        from customers where moved <> 0
    )
    select month, kind, sum(amount) from parts group by 1, 2
"""


def mrr_by_month(first: date, last: date, *, net: bool = False) -> list[Month]:
    """The months from that of `first` to that of `last`. `net`: per customer and month instead of as it happened."""
    first, until = first.replace(day=1), following(last)
    with connection.cursor() as cursor:
        cursor.execute("select coalesce(sum(amount), 0) from accounts_movement where occurred_on < %s", [first])
        start = cursor.fetchone()[0]
        cursor.execute(NET if net else GROSS, {"first": first, "until": until})
        found: dict[date, dict[str, Decimal]] = {}
        for month, kind, amount in cursor.fetchall():
            found.setdefault(month, {})[kind] = amount
    months = []
    for day in _months(first, until):
        month = Month(day, start, {kind: found.get(day, {}).get(kind, ZERO) for kind in KINDS})
        months.append(month)
        start = month.end
    return months


def following(day: date) -> date:
    """The first day of the next month."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _months(first: date, until: date) -> Iterator[date]:
    while first < until:
        yield first
        first = following(first)
