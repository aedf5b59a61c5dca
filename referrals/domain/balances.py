"""What partners have: pending, held, available, paid. In sets: one statement for one partner or ten thousand."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection
from django.utils import timezone

# Entries that no payout has taken. What a payout took adds up to zero with the payout itself. What a refusal takes back
# of money that was paid before is held no longer: nothing would ever free it.
OPEN = """
    referrals_ledgerentry e
    left join referrals_referral r on r.id = e.referral_id and r.held and (r.review <> 'denied'
        or not exists (select from referrals_payoutitem i where i.entry_id = e.reverses_id))
    where e.kind <> 'payout' and not exists (select from referrals_payoutitem i where i.entry_id = e.id)
"""
AVAILABLE = "r.id is null and e.available_at <= %(at)s"
SUMS = f"""
select p.id, coalesce(b.total, 0), coalesce(b.earned + b.reversed, 0), coalesce(-b.paid, 0),
    coalesce(o.available, 0), coalesce(o.pending, 0), coalesce(o.held, 0), o.next_at
from referrals_partner p
left join referrals_balance b on b.partner_id = p.id
left join (
    select e.partner_id,
        sum(e.amount) filter (where {AVAILABLE}) as available,
        sum(e.amount) filter (where r.id is null and e.available_at > %(at)s) as pending,
        sum(e.amount) filter (where r.id is not null) as held,
        min(e.available_at) filter (where r.id is null and e.available_at > %(at)s) as next_at
    from {OPEN} {{which_entries}}
    group by e.partner_id
) o on o.partner_id = p.id
where {{which_partners}}
"""  # noqa: S608 - constants


class Balances(NamedTuple):
    """In minor units of the program's currency. total = available + pending + held."""

    total: int = 0
    earned: int = 0  # net of what was taken back
    paid: int = 0  # positive: payouts less those that failed
    available: int = 0
    pending: int = 0
    held: int = 0
    next_at: datetime | None = None  # when more of it becomes available


def balances_of(partner_ids: Iterable[int], at: datetime | None = None) -> dict[int, Balances]:
    """By partner; those who never earned have zeros."""
    ids = list(partner_ids)
    statement = SUMS.format(which_entries="and e.partner_id = any(%(ids)s)", which_partners="p.id = any(%(ids)s)")
    return _ask(statement, {"ids": ids, "at": at or timezone.now()}) if ids else {}


def balance_of(partner_id: int, at: datetime | None = None) -> Balances:
    return balances_of([partner_id], at)[partner_id]


def balances_in(program_id: int, at: datetime | None = None) -> dict[int, Balances]:
    """Of all partners of a program. Summed for everybody: asked for some, the planner visits each entry's partner."""
    statement = SUMS.format(which_entries="", which_partners="p.program_id = %(program)s")
    return _ask(statement, {"program": program_id, "at": at or timezone.now()})


def _ask(statement: str, params: dict[str, Any]) -> dict[int, Balances]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return {row[0]: Balances._make([*map(int, row[1:7]), row[7]]) for row in cursor.fetchall()}
