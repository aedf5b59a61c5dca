"""What partners have: pending, held, available, paid. In sets: one statement for one partner or ten thousand."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection
from django.utils import timezone

# Of an entry e and its referral r. What a refusal takes back of money that was paid before is held no longer: nothing
# would ever free it. Said with "not exists" alone, which the planner joins: beside an "or" it would ask for each entry.
TAKEN = "exists (select from referrals_payoutitem i where i.entry_id = e.id)"
HELD = """r.held and not exists (
    select from referrals_payoutitem i where i.entry_id = e.reverses_id and r.review = 'denied')"""
# Entries that no payout has taken.
OPEN = f"""
    referrals_ledgerentry e left join referrals_referral r on r.id = e.referral_id and {HELD}
    where e.kind <> 'payout' and not {TAKEN}
"""
AVAILABLE = "r.id is null and e.available_at <= %(at)s"
# The few of them that stay, each found by an index. All that is open adds up to the kept total (what a payout took adds
# up to zero with the payout itself), so what is available needs no look at a million entries.
STAYING = f"""
    select e.partner_id, e.amount, e.available_at, false as held from {OPEN}
        and r.id is null and e.available_at > %(at)s {{which}}
    union all
    select e.partner_id, e.amount, null, true
    from referrals_referral r join referrals_ledgerentry e on e.referral_id = r.id
    where {HELD} and not {TAKEN} {{which}}
"""  # noqa: S608 - constants
STAYING_OF_ALL = STAYING.format(which="")
THEIRS = "and e.partner_id = any(%(ids)s)"
SUMS = """
select p.id, coalesce(b.total, 0), coalesce(b.earned + b.reversed, 0), coalesce(-b.paid, 0),
    coalesce(b.total, 0) - coalesce(s.pending, 0) - coalesce(s.held, 0),
    coalesce(s.pending, 0), coalesce(s.held, 0), s.next_at
from referrals_partner p
left join referrals_balance b on b.partner_id = p.id
left join (
    select partner_id, sum(amount) filter (where not held) as pending, sum(amount) filter (where held) as held,
        min(available_at) as next_at
    from ({staying}) staying group by partner_id
) s on s.partner_id = p.id
where {which}
"""


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
    statement = SUMS.format(staying=STAYING.format(which=THEIRS), which="p.id = any(%(ids)s)")
    return _ask(statement, {"ids": ids, "at": at or timezone.now()}) if ids else {}


def balance_of(partner_id: int, at: datetime | None = None) -> Balances:
    return balances_of([partner_id], at)[partner_id]


def balances_in(program_id: int, at: datetime | None = None) -> dict[int, Balances]:
    """Of all partners of a program. Summed for everybody: asked for some, the planner visits each entry's partner."""
    statement = SUMS.format(staying=STAYING_OF_ALL, which="p.program_id = %(program)s")
    return _ask(statement, {"program": program_id, "at": at or timezone.now()})


def _ask(statement: str, params: dict[str, Any]) -> dict[int, Balances]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return {row[0]: Balances._make([*map(int, row[1:7]), row[7]]) for row in cursor.fetchall()}
