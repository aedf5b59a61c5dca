"""Writing into the ledger. Whoever writes holds the partner's row: what was read before still holds then."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Sum
from django.utils import timezone

from accounts.domain.activity import Actor, Who
from referrals.domain.arithmetic import available_from, reversal_available_from, to_reverse
from referrals.enums import EntryCause, EntryKind
from referrals.models import Conversion, LedgerEntry, Partner, Refund


def lock_partners(ids: Iterable[int]) -> list[int]:
    """In the order of their ids, so that two who want some of the same never wait for each other."""
    rows = Partner.objects.filter(pk__in=set(ids)).order_by("pk").select_for_update(no_key=True)
    return list(rows.values_list("pk", flat=True))


def accrual(conversion: Conversion, amount: int, cause: str, at: datetime | None = None, by: Who = None) -> LedgerEntry:
    """Not saved yet: what a payment earned its partner."""
    program, at = conversion.program, at or conversion.occurred_at
    return LedgerEntry(
        partner_id=conversion.partner_id,
        kind=EntryKind.ACCRUAL,
        cause=cause,
        amount=amount,
        currency=program.currency,
        occurred_at=at,
        available_at=available_from(at, program.hold_days),
        referral_id=conversion.referral_id,
        conversion=conversion,
        **signed(by),
    )


def reversal(
    accrued: LedgerEntry, amount: int, cause: str, at: datetime, *, refund: Refund | None = None, by: Who = None
) -> LedgerEntry:
    """Not saved yet: so much of an accrual is taken back."""
    return LedgerEntry(
        partner_id=accrued.partner_id,
        kind=EntryKind.REVERSAL,
        cause=cause,
        amount=-amount,
        currency=accrued.currency,
        occurred_at=at,
        available_at=reversal_available_from(at, accrued.available_at),
        referral_id=accrued.referral_id,
        conversion_id=accrued.conversion_id,
        refund=refund,
        reverses=accrued,
        **signed(by),
    )


def signed(by: Who) -> dict[str, Any]:
    actor = Actor.of(by)
    return {"by": actor.user, "actor": actor.label[:120], "recorded_at": timezone.now()}


def accruals(**which: Any) -> Sequence[tuple[LedgerEntry, int]]:
    """Each with what was taken back of it so far, positive."""
    rows = LedgerEntry.objects.filter(kind=EntryKind.ACCRUAL, **which).order_by("pk")
    return [(row, -row.taken_back) for row in rows.annotate(taken_back=Sum("reversals__amount", default=0))]


def reverse_for(refund: Refund, conversion: Conversion, by: Who) -> list[LedgerEntry]:
    """R3, for everything that the payment earned: what all its refunds so far take back, less what they took before."""
    entries = []
    for row, before in accruals(conversion=conversion):
        amount = to_reverse(row.amount, conversion.net, conversion.refunded, before)
        if amount:
            entries.append(reversal(row, amount, EntryCause.REFUND, refund.occurred_at, refund=refund, by=by))
    return LedgerEntry.objects.bulk_create(entries)


def reverse_all(referral_ids: Iterable[int], cause: str, at: datetime, *, by: Who = None) -> list[LedgerEntry]:
    """Whatever these referrals have earned and still have."""
    entries = [
        reversal(row, left, cause, max(at, row.occurred_at), by=by)
        for row, before in accruals(referral__in=list(referral_ids))
        if (left := row.amount - before) > 0
    ]
    return LedgerEntry.objects.bulk_create(entries)
