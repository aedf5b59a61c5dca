"""Is the ledger sound? Everything that the database promises and the verbs keep, looked at from outside."""

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils.translation import gettext_noop

# Each asks for the rows that should not be. %(n)s of a sentence is how many there are.
CHECKS: dict[str, tuple[str, str]] = {
    "trial_balance": (
        gettext_noop("The trial balance is not zero in %(n)s currencies."),
        "select currency from referrals_ledgerline group by currency having sum(amount) <> 0",
    ),
    "entries_balance": (
        gettext_noop("%(n)s entries have no two lines that add up to zero and to the entry."),
        """
        select e.id from referrals_ledgerentry e left join referrals_ledgerline l on l.entry_id = e.id
        group by e.id
        having count(l.id) <> 2 or sum(l.amount) <> 0 or count(*) filter (where l.currency <> e.currency) > 0
            or sum(l.amount) filter (where l.book = 'payable') is distinct from -e.amount
        """,
    ),
    "payable": (
        gettext_noop("What the books owe differs from the partners' balances in %(n)s currencies."),
        """
        select currency from (
            select currency, -sum(amount) filter (where book = 'payable') as owed, null::numeric as kept
            from referrals_ledgerline group by currency
            union all
            select currency, null, sum(total) from referrals_balance group by currency
        ) s group by currency having coalesce(sum(owed), 0) <> coalesce(sum(kept), 0)
        """,
    ),
    "balances": (
        gettext_noop("%(n)s partners' balances are not the sum of their entries."),
        """
        select coalesce(b.partner_id, s.partner_id)
        from referrals_balance b full join (
            select partner_id, count(*) as entries,
                coalesce(sum(amount) filter (where kind = 'accrual'), 0) as earned,
                coalesce(sum(amount) filter (where kind = 'reversal'), 0) as reversed,
                coalesce(sum(amount) filter (where kind in ('payout', 'payout_failed')), 0) as paid,
                coalesce(sum(amount) filter (where kind = 'adjustment'), 0) as adjusted
            from referrals_ledgerentry group by partner_id
        ) s on s.partner_id = b.partner_id
        where (b.entries, b.earned, b.reversed, b.paid, b.adjusted)
            is distinct from (s.entries, s.earned, s.reversed, s.paid, s.adjusted)
        """,
    ),
    "in_two_payouts": (
        gettext_noop("%(n)s entries are in more than one payout."),
        "select entry_id from referrals_payoutitem group by entry_id having count(*) > 1",
    ),
    "payouts_add_up": (
        gettext_noop("%(n)s payouts are not the sum of their entries, or are not booked once."),
        """
        select p.id
        from referrals_payout p
        left join (
            select i.payout_id, sum(e.amount) as amount from referrals_payoutitem i
            join referrals_ledgerentry e on e.id = i.entry_id group by i.payout_id
        ) i on i.payout_id = p.id
        left join (
            select payout_id, sum(-amount) filter (where kind = 'payout') as amount,
                count(*) filter (where kind = 'payout') as times,
                count(*) filter (where kind = 'payout_failed') as failed
            from referrals_ledgerentry where payout_id is not null group by payout_id
        ) e on e.payout_id = p.id
        where i.amount is distinct from p.amount or e.amount is distinct from p.amount or e.times <> 1
            or e.failed <> (p.status = 'failed')::int
        """,
    ),
    "not_theirs": (
        gettext_noop("%(n)s payouts have entries of another partner or currency, or entries that are no earnings."),
        """
        select distinct p.id from referrals_payout p join referrals_payoutitem i on i.payout_id = p.id
        join referrals_ledgerentry e on e.id = i.entry_id
        where e.partner_id <> p.partner_id or e.currency <> p.currency or e.kind = 'payout'
        """,
    ),
    "reversals": (
        gettext_noop("%(n)s accruals are reversed by more than they accrued."),
        """
        select a.id from referrals_ledgerentry a join referrals_ledgerentry r on r.reverses_id = a.id
        group by a.id
        having a.amount + sum(r.amount) < 0 or a.kind <> 'accrual' or bool_or(r.kind <> 'reversal')
            or bool_or(r.partner_id <> a.partner_id)
        """,
    ),
    "refunds": (
        gettext_noop("%(n)s payments are refunded by more or less than their refunds say."),
        """
        select c.id from referrals_conversion c
        left join (
            select conversion_id, sum(amount) as amount from referrals_refund where status = 'applied'
            group by conversion_id
        ) f on f.conversion_id = c.id
        where c.refunded <> coalesce(f.amount, 0) or c.refunded > c.net
        """,
    ),
    "refunded_whole": (
        gettext_noop("%(n)s payments are refunded as a whole and have still earned something."),
        """
        select c.id from referrals_conversion c join referrals_ledgerentry e on e.conversion_id = c.id
        where c.refunded = c.net and c.net > 0 and e.kind in ('accrual', 'reversal')
        group by c.id having sum(e.amount) <> 0
        """,
    ),
    "commissions": (
        gettext_noop("%(n)s conversions have a commission that is not in the ledger."),
        """
        select c.id from referrals_conversion c left join referrals_ledgerentry e
            on e.conversion_id = c.id and e.kind = 'accrual' and e.cause = 'commission'
        where c.commission <> coalesce(e.amount, 0) or e.partner_id <> c.partner_id
        """,
    ),
}


@dataclass(frozen=True)
class Finding:
    key: str
    sentence: str
    count: int
    examples: list[Any]

    def __str__(self) -> str:
        some = ", ".join(map(str, self.examples))
        return f"{self.sentence % {'n': self.count}} ({some}{', …' if self.count > len(self.examples) else ''})"


def check_ledger() -> list[Finding]:
    """Everything that is wrong; empty where nothing is."""
    found = []
    for key, (sentence, statement) in CHECKS.items():
        with connection.cursor() as cursor:
            cursor.execute(f"select count(*) over (), wrong.* from ({statement}) wrong limit 5")  # noqa: S608 - constants
            if rows := cursor.fetchall():
                found.append(Finding(key, sentence, rows[0][0], [row[1] for row in rows]))
    return found


def totals() -> tuple[int, int]:
    """How many entries there are, of how many partners."""
    with connection.cursor() as cursor:
        cursor.execute("select count(*), count(distinct partner_id) from referrals_ledgerentry")
        return cursor.fetchone()
