"""Referrals at a glance: what is due by currency, and what waits for somebody."""

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils import timezone

from referrals.domain.balances import OPEN

# One row for each program that has ever paid, or owes.
DUE = f"""
select g.id, coalesce(b.earned, 0), coalesce(b.paid, 0), coalesce(o.available, 0), coalesce(o.pending, 0),
    coalesce(o.held, 0)
from referrals_program g
left join (
    select p.program_id, sum(b.earned + b.reversed) as earned, -sum(b.paid) as paid
    from referrals_balance b join referrals_partner p on p.id = b.partner_id group by 1
) b on b.program_id = g.id
left join (
    select p.program_id,
        sum(o.amount) filter (where o.free and o.now) as available,
        sum(o.amount) filter (where o.free and not o.now) as pending,
        sum(o.amount) filter (where not o.free) as held
    from (select e.partner_id, e.amount, r.id is null as free, e.available_at <= %(at)s as now from {OPEN}) o
    join referrals_partner p on p.id = o.partner_id group by 1
) o on o.program_id = g.id
order by g.name, g.id
"""  # noqa: S608 - constants


@dataclass(frozen=True)
class Due:
    """In minor units of the program's currency."""

    earned: int = 0
    paid: int = 0
    available: int = 0
    pending: int = 0
    held: int = 0

    @property
    def waiting(self) -> int:
        return self.pending + self.held


def due_by_program() -> dict[int, Due]:
    with connection.cursor() as cursor:
        cursor.execute(DUE, {"at": timezone.now()})
        return {pk: Due(*map(int, sums)) for pk, *sums in cursor.fetchall()}


def sums_by_currency(programs: dict[int, str], due: dict[int, Due]) -> list[tuple[str, Due]]:
    """Money of two currencies is never added up."""
    found: dict[str, list[Any]] = {}
    for pk, one in due.items():
        if pk in programs:
            found.setdefault(programs[pk], []).append(one)
    return [(currency, _added(rows)) for currency, rows in sorted(found.items())]


def _added(rows: list[Due]) -> Due:
    names = ("earned", "paid", "available", "pending", "held")
    return Due(*(sum(getattr(row, name) for row in rows) for name in names))
