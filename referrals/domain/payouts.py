"""Payouts: everything available of each partner in one batch, claimed and paid as one sum (RULES 6, R4 and R6)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.domain.activity import Actor, Fact, Who, record_facts, record_many
from accounts.domain.bulk import in_sets
from accounts.domain.exports import neutral
from accounts.domain.text import one_line
from accounts.exceptions import Conflict, DomainError
from referrals.domain.amounts import major
from referrals.domain.balances import AVAILABLE, OPEN, STAYING_OF_ALL
from referrals.domain.entries import lock_partners, signed
from referrals.enums import BatchStatus, EntryCause, EntryKind, PayoutStatus
from referrals.models import CarriedOver, LedgerEntry, Payout, PayoutBatch, Program

# By partner: what is available, and why it stays for the next batch ("": it does not).
SUMS = """
    select p.id as partner_id, s.amount, case
        when s.amount < 0 then 'negative'
        when p.status = 'paused' then 'paused'
        when s.amount < %(minimum)s or s.amount = 0 then 'below_minimum'
        when p.payout_method = '' then 'no_method'
        else '' end as reason
    from ({available}) s
    join referrals_partner p on p.id = s.partner_id
    where s.amount <> 0 and p.program_id = %(program)s
"""
CLAIMED = f"select e.partner_id, sum(e.amount)::bigint as amount from {OPEN} and {AVAILABLE} group by e.partner_id"  # noqa: S608 - constants
KEPT = f"""
    select b.partner_id, (b.total - coalesce(s.amount, 0))::bigint as amount
    from referrals_balance b
    left join (
        select partner_id, sum(amount) as amount from ({STAYING_OF_ALL}) staying group by partner_id
    ) s on s.partner_id = b.partner_id
"""  # noqa: S608 - constants
PREVIEW = f"select * from ({SUMS.format(available=KEPT)}) sums order by reason <> '', amount desc, partner_id"  # noqa: S608 - constants

# One statement, hence one look at the ledger: what is claimed is what is summed is what is paid. An entry that another
# batch has claimed meanwhile breaks the unique key, and with it this batch.
PAY = f"""
with open as materialized (
    select e.id, e.partner_id, e.amount from {OPEN} and {AVAILABLE}
), sums as materialized ({SUMS.format(available=CLAIMED)}),
paid as (
    insert into referrals_payout (batch_id, partner_id, amount, currency, name, method, details, status, reference,
        failure)
    select %(batch)s, p.id, s.amount, %(currency)s, p.name, p.payout_method, p.payout_details, 'due', '', ''
    from sums s join referrals_partner p on p.id = s.partner_id where s.reason = '' order by p.id
    returning id, partner_id, amount
), claimed as (
    insert into referrals_payoutitem (payout_id, entry_id)
    select paid.id, open.id from open join paid using (partner_id) order by open.id
), booked as (
    insert into referrals_ledgerentry (partner_id, kind, cause, amount, currency, occurred_at, available_at,
        recorded_at, payout_id, note, by_id, actor)
    select partner_id, 'payout', 'payout', -amount, %(currency)s, %(at)s, %(at)s, %(now)s, id, '', %(by)s, %(actor)s
    from paid order by partner_id
), carried as (
    insert into referrals_carriedover (batch_id, partner_id, amount, reason)
    select %(batch)s, partner_id, amount, reason from sums where reason <> '' order by partner_id
)
select (select count(*) from paid), (select coalesce(sum(amount), 0) from paid),
    (select count(*) from sums where reason <> ''), (select coalesce(sum(amount), 0) from sums where reason <> '')
"""  # noqa: S608 - constants


@dataclass(frozen=True)
class Due:
    """What a batch would do about one partner; `reason` (a CarryReason) says why it carries over."""

    partner_id: int
    amount: int
    reason: str = ""


def preview(program: Program, at: datetime | None = None) -> list[Due]:
    """Who gets how much, and what carries over: first those who are paid, the largest first."""
    with connection.cursor() as cursor:
        cursor.execute(PREVIEW, _params(program, at or timezone.now()))
        return [Due(*row) for row in cursor.fetchall()]


def _params(program: Program, at: datetime) -> dict[str, Any]:
    return {"program": program.pk, "minimum": program.min_payout, "at": at}


@transaction.atomic
def make_batch(program: Program, *, by: Who = None, at: datetime | None = None) -> PayoutBatch | None:
    """Pays everything that is available by `at` (now). None where nobody is due anything: who asks twice gets one.

    The program's row is the lock: of two who make a batch at once, the second finds nothing left."""
    now = timezone.now()
    at = at or now
    if at > now:
        raise DomainError(_("A batch pays what is available now, not what will be."), code="invalid")
    program = Program.objects.select_for_update(no_key=True).get(pk=program.pk)
    paid = sum(due.reason == "" for due in preview(program, at))
    if not paid:
        return None
    actor = Actor.of(by)
    number = (program.batches.aggregate(last=Max("number"))["last"] or 0) + 1
    batch = PayoutBatch.objects.create(
        program=program, number=number, as_of=at, currency=program.currency,
        minimum=program.min_payout, created_by=actor.user,
    )  # fmt: skip
    params = _params(program, at)
    params |= {"batch": batch.pk, "currency": program.currency, "now": now}
    params |= {"by": actor.user.pk if actor.user else None, "actor": actor.label[:120]}
    # Joined by hash: the planner believes that next to no entry is open, and would compare each with every payout.
    with connection.cursor() as cursor, in_sets(cursor, paid):
        cursor.execute(PAY, params)
        counted = cursor.fetchone()
    names = ("payouts_count", "total", "carried_count", "carried_total")
    for name, value in zip(names, counted, strict=True):
        setattr(batch, name, int(value))
    batch.save(update_fields=names)
    record_facts(_made(batch), by=by)
    return batch


def _made(batch: PayoutBatch) -> Iterator[Fact]:
    rows = batch.payouts.filter(partner__account__isnull=False).select_related("partner", "batch__program")
    return (Fact(row.partner.account_id or 0, "payout.made", _told(row), batch.as_of) for row in rows.order_by("pk"))


def _told(payout: Payout) -> dict[str, Any]:
    return {
        "partner": payout.name,
        "program": payout.batch.program.name,
        "partner_id": payout.partner_id,
        "amount": str(major(payout.amount, payout.currency)),
        "currency": payout.currency,
        "payout": payout.pk,
    }


# What became of them ----------------------------------------------------------------------------------------------


@transaction.atomic
def mark_paid(payouts: Iterable[Payout], *, reference: str = "", by: Who = None, at: datetime | None = None) -> int:
    """Those of them that are due are paid. One that has failed stays failed: its money is in the next batch."""
    ids, at = [payout.pk for payout in payouts], at or timezone.now()
    rows = Payout.objects.filter(pk__in=ids, status=PayoutStatus.DUE).select_related("partner", "batch__program")
    due = list(rows.order_by("pk").select_for_update(no_key=True, of=("self",)))
    paid = Payout.objects.filter(pk__in=[row.pk for row in due])
    paid.update(status=PayoutStatus.PAID, paid_at=at)
    if text := one_line(reference, 140, field="reference"):
        paid.update(reference=text)
    theirs = (row for row in due if row.partner.account_id)
    record_facts((Fact(row.partner.account_id or 0, "payout.paid", _told(row), at) for row in theirs), by=by)
    close_finished({row.batch_id for row in due})
    return len(due)


@transaction.atomic
def mark_failed(payout: Payout, reason: str = "", *, by: Who = None, at: datetime | None = None) -> bool:
    """The money did not arrive: it is the partner's again, and in the next batch. Told twice, it comes back once.
    One that was paid may still fail: banks send money back."""
    lock_partners([payout.partner_id])
    rows = Payout.objects.select_related("partner", "batch__program")
    row = rows.select_for_update(no_key=True, of=("self",)).get(pk=payout.pk)
    if row.status == PayoutStatus.FAILED:
        return False
    at = max(at or timezone.now(), row.batch.as_of)
    row.status, row.failed_at, row.failure = PayoutStatus.FAILED, at, one_line(reason, 400, field="reason")
    row.save(update_fields=["status", "failed_at", "failure"])
    LedgerEntry.objects.create(
        partner_id=row.partner_id, kind=EntryKind.PAYOUT_FAILED, cause=EntryCause.PAYOUT, amount=row.amount,
        currency=row.currency, occurred_at=at, available_at=at, payout=row, note=row.failure, **signed(by),
    )  # fmt: skip
    if row.partner.account_id:
        record_many([Fact(row.partner.account_id, "payout.failed", {**_told(row), "reason": row.failure}, at)], by=by)
    close_finished([row.batch_id])
    payout.refresh_from_db()
    return True


def close_finished(batch_ids: Iterable[int]) -> None:
    """Batches of which nothing is due any more."""
    open_ = PayoutBatch.objects.filter(pk__in=list(batch_ids)).exclude(status=BatchStatus.CLOSED)
    open_.exclude(payouts__status=PayoutStatus.DUE).update(status=BatchStatus.CLOSED, closed_at=timezone.now())


@transaction.atomic
def adjust(
    partner_id: int, amount: int, note: str, *, seen: int | None = None, by: Who = None, at: datetime | None = None
) -> LedgerEntry:
    """By hand, up or down, with a reason: available at once. `seen`: the last entry that whoever adjusts has seen, so
    that a form that is sent twice adjusts once."""
    text = one_line(note, 400, field="note")
    if not text:
        raise DomainError(_("Say why."), code="invalid", errors={"note": [_("This cannot be empty.")]})
    if not 0 < abs(amount) <= 10**12:
        sentence = _("An adjustment is above or below zero, and not more than anybody would pay.")
        raise DomainError(sentence, code="invalid", errors={"amount": [sentence]})
    lock_partners([partner_id])
    if seen not in {None, last_entry(partner_id)}:
        raise Conflict(_("The balance has changed meanwhile. Look at it before you adjust it."))
    at = at or timezone.now()
    currency = Program.objects.values_list("currency", flat=True).get(partners=partner_id)
    return LedgerEntry.objects.create(
        partner_id=partner_id, kind=EntryKind.ADJUSTMENT, cause=EntryCause.BY_HAND, amount=amount, currency=currency,
        occurred_at=at, available_at=at, note=text, **signed(by),
    )  # fmt: skip


def last_entry(partner_id: int) -> int:
    """0 where there is none."""
    return LedgerEntry.objects.filter(partner=partner_id).aggregate(last=Max("pk", default=0))["last"]


# For the bank, or the payment provider ------------------------------------------------------------------------------

COLUMNS = ("payout", "partner", "method", "amount", "currency", "reference")


def export_rows(batch: PayoutBatch) -> Iterator[list[str]]:
    """A header, then a row for each payout that is due; details of the methods in columns of their own."""
    rows = batch.payouts.filter(status=PayoutStatus.DUE).order_by("pk")
    keys = sorted({key for details in rows.values_list("details", flat=True) for key in details})
    yield [*COLUMNS, *keys]
    for row in rows.iterator(chunk_size=2000):
        reference = f"{batch.program.slug}-{batch.number}-{row.pk}"
        cells = [str(row.pk), row.name, row.method, f"{major(row.amount, row.currency):f}", row.currency, reference]
        yield [neutral(cell) for cell in [*cells, *(str(row.details.get(key, "")) for key in keys)]]


def note_exported(batch: PayoutBatch) -> None:
    """It is with the bank now; what is still to be marked is whether it arrived."""
    rows = PayoutBatch.objects.filter(pk=batch.pk, status=BatchStatus.OPEN)
    if rows.update(status=BatchStatus.EXPORTED, exported_at=timezone.now()):
        batch.refresh_from_db()


def carried_over(batch: PayoutBatch) -> Sequence[CarriedOver]:
    return list(batch.carried.select_related("partner").order_by("reason", "-amount", "pk"))
