"""A ledger of ten entries an account (a million, at a hundred thousand): balances, one page of them, a batch of payouts."""

from functools import cache

from django.db import connection, transaction
from django.utils import timezone

from referrals.domain import payouts
from referrals.domain.balances import balances_in, balances_of
from referrals.domain.checking import check_ledger
from referrals.domain.overview import due_by_program
from referrals.models import (
    Balance,
    Conversion,
    LedgerEntry,
    LedgerLine,
    Partner,
    Payout,
    PayoutBatch,
    PayoutItem,
    Program,
    Referral,
)
from tests.bench.filling import ask, execute, fill
from tests.bench.measuring import Bench, Result, at_most, in_turns, measure, said
from tests.bench.recompute import timed

EACH, OPEN = 100, 10  # entries a partner, and how many of them no payout has taken yet
PAGE = 50
SUM = """
select partner_id, sum(amount), sum(amount) filter (where available_at <= now()), sum(amount) filter (where kind = 'accrual')
from referrals_ledgerentry group by partner_id
"""


@cache
def ledger(scale: int) -> Program:
    """One program: partners by the hundred entries, most of which an earlier batch has paid."""
    partners = max(1, min(10_000, scale // 10))
    with said(f"a ledger of {partners * EACH} entries"):
        with transaction.atomic():
            program = Program.objects.create(
                slug="ledger", name="Bench", status="running", currency="USD", needs_onboarding=False, min_payout=100
            )
            _people(program, partners)
            _entries(program, partners)
        for name in ("partner", "referral", "conversion", "payout", "ledgerentry"):
            table = f"referrals_{name}"
            execute(f"select setval(pg_get_serial_sequence('{table}', 'id'), (select max(id) from {table}))")
        execute("vacuum analyze")
    assert check_ledger() == []
    return program


def _people(program: Program, partners: int) -> None:
    people = f"generate_series(1, {partners}) n"
    fill(
        Partner, people, id="n", program_id=str(program.pk), key="'k' || n", name="'Partner ' || n", status="'approved'",
        email="'p' || n || '@bench.example'", email_key="'p' || n || '@bench.example'", payout_method="'bank'",
    )  # fmt: skip
    fill(
        Referral, people, id="n", program_id=str(program.pk), partner_id="n", customer="'c' || n",
        signed_up_at="now() - interval '400 days'", held="n % 50 = 0",
    )  # fmt: skip


def _entries(program: Program, partners: int) -> None:
    """Without the triggers, and then what they would have written, as a set."""
    who, rows = f"n % {partners} + 1", f"generate_series(0, {partners * EACH - 1}) n"
    sold = f"now() - make_interval(days => 400 - (n / {partners})::int * 3)"
    paid, worth = partners * (EACH - OPEN), 2000 * (EACH - OPEN)
    execute("set local session_replication_role = replica")
    fill(
        Conversion, rows, id="n + 1", program_id=str(program.pk), source="'bench'", external_id="'i' || n", referral_id=who, partner_id=who,
        occurred_at=sold, currency="'USD'", gross="10000", net="10000", base="10000", commission="2000",
    )  # fmt: skip
    fill(
        LedgerEntry, rows, id="n + 1", partner_id=who, kind="'accrual'", cause="'commission'", amount="2000", currency="'USD'",
        occurred_at=sold, available_at=f"{sold} + interval '30 days'", referral_id=who, conversion_id="n + 1",
    )  # fmt: skip
    batch = PayoutBatch.objects.create(
        program=program, number=1, as_of=timezone.now(), currency="USD", minimum=100, status="closed"
    )
    fill(
        Payout, f"generate_series(1, {partners}) n", id="n", batch_id=str(batch.pk), partner_id="n", amount=str(worth), currency="'USD'",
        name="'Partner ' || n", method="'bank'", status="'paid'",
    )  # fmt: skip
    fill(PayoutItem, f"generate_series(0, {paid - 1}) n", payout_id=who, entry_id="n + 1")
    then = "now() - interval '60 days'"
    fill(
        LedgerEntry, f"generate_series(1, {partners}) n", id=f"n + {partners * EACH}", partner_id="n", kind="'payout'", cause="'payout'",
        amount=str(-worth), currency="'USD'", occurred_at=then, available_at=then, payout_id="n",
    )  # fmt: skip
    fill(
        LedgerLine, "referrals_ledgerentry e cross join (values ('payable', -1), ('other', 1)) l (book, sign)", entry_id="e.id",
        book="case when l.sign < 0 then 'payable' when e.kind = 'payout' then 'cash' else 'expense' end",
        currency="'USD'", amount="e.amount * l.sign",
    )  # fmt: skip
    fill(
        Balance, f"generate_series(1, {partners}) n", partner_id="n", currency="'USD'", earned=str(2000 * EACH), reversed="0",
        paid=str(-worth), adjusted="0", entries=str(EACH + 1),
    )  # fmt: skip
    execute("set local session_replication_role = origin")


@measure("ledger_balances")
def balances(bench: Bench) -> Result:
    """Of every partner, beside one bare sum over all entries."""
    program = ledger(bench.scale)
    series = in_turns({"ours": lambda: balances_in(program.pk), "bare sum": lambda: ask(SUM)})
    entries = LedgerEntry.objects.count()
    return at_most(series.ratio("ours", "bare sum"), 1.5, entries=entries, milliseconds=series.milliseconds("ours"))


@measure("ledger_due")
def due(bench: Bench) -> Result:
    """Of every program, as the overview shows it, beside one bare sum over all entries."""
    ledger(bench.scale)
    series = in_turns({"ours": due_by_program, "bare sum": lambda: ask(SUM)})
    return at_most(series.ratio("ours", "bare sum"), 1.5, milliseconds=series.milliseconds("ours"))


@measure("ledger_page")
def page(bench: Bench) -> Result:
    """Of fifty partners, as a page shows them, beside an indexed sum of theirs."""
    ledger(bench.scale)
    ids = list(range(1, min(PAGE, max(1, bench.scale // 10)) + 1))
    bare = "select partner_id, sum(amount) from referrals_ledgerentry where partner_id = any(%s) group by partner_id"
    series = in_turns({"ours": lambda: balances_of(ids), "bare sum": lambda: ask(bare, [ids])}, rounds=15)
    return at_most(series.ratio("ours", "bare sum"), 10, partners=len(ids), milliseconds=series.milliseconds("ours"))


# The least there is to write: payouts, and which entries are in them. No booking, no lines, no checks of ours.
BARE = """
with open as materialized (
    select e.id, e.partner_id, e.amount from referrals_ledgerentry e
    where e.kind <> 'payout' and not exists (select from referrals_payoutitem i where i.entry_id = e.id)
), paid as (
    insert into referrals_payout (batch_id, partner_id, amount, currency, name, method, details, status, reference, failure)
    select %(batch)s, partner_id, sum(amount), 'USD', 'x', 'bank', '{}', 'due', '', '' from open group by partner_id
    returning id, partner_id, amount
)
insert into referrals_payoutitem (payout_id, entry_id) select paid.id, open.id from open join paid using (partner_id)
"""


@measure("payout_batch")
def batch(bench: Bench) -> Result:
    """Everybody is paid: claimed, booked with both lines, checked by the database. Both sides are taken back."""
    program = ledger(bench.scale)

    def ours() -> float:
        with transaction.atomic():
            seconds = timed(lambda: (payouts.make_batch(program), connection.check_constraints()))
            transaction.set_rollback(True)
        return seconds

    def bare() -> float:
        with transaction.atomic():
            row = PayoutBatch.objects.create(
                program=program, number=99, as_of=timezone.now(), currency="USD", minimum=0
            )
            seconds = timed(lambda: (execute(BARE, {"batch": row.pk}), connection.check_constraints()))
            transaction.set_rollback(True)
        return seconds

    series = in_turns({"ours": ours, "bare": bare}, rounds=5)
    partners = Partner.objects.filter(program=program).count()
    return at_most(series.ratio("ours", "bare"), 5, partners=partners, milliseconds=series.milliseconds("ours"))
