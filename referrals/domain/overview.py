"""Referrals at a glance: what is due by currency, and what waits for somebody."""

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils import timezone

from referrals.domain.balances import STAYING_OF_ALL

# One row for each program.
DUE = f"""
select g.id, coalesce(b.earned, 0), coalesce(b.paid, 0),
    coalesce(b.total, 0) - coalesce(s.pending, 0) - coalesce(s.held, 0), coalesce(s.pending, 0), coalesce(s.held, 0)
from referrals_program g
left join (
    select p.program_id, sum(b.earned + b.reversed) as earned, -sum(b.paid) as paid, sum(b.total) as total
    from referrals_balance b join referrals_partner p on p.id = b.partner_id group by 1
) b on b.program_id = g.id
left join (
    select p.program_id, sum(s.amount) filter (where not s.held) as pending, sum(s.amount) filter (where s.held) as held
    from ({STAYING_OF_ALL}) s join referrals_partner p on p.id = s.partner_id group by 1
) s on s.program_id = g.id
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
