"""A referral that was refused and is approved after all earns what it would have earned, once (RULES 6, R8): what the
refusal took comes back, and what was paid meanwhile is booked. Refunds and an early leave since then count."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.domain.activity import Who
from referrals.domain import incentives
from referrals.domain.clawback import claw_back_again
from referrals.domain.conversions import base_of, earned, remember_commission, take_back_refunded, welcome
from referrals.domain.entries import accrual
from referrals.enums import EntryCause, EntryKind, Side, WhyNothing
from referrals.models import Conversion, LedgerEntry, Referral


def reinstate(referral: Referral, refused_at: datetime | None, *, by: Who = None) -> None:
    """Of one that has just been approved, by who holds its partner. `refused_at`: None where a rule refused it."""
    _give_back(referral, by)
    if refused_at:
        incentives.restore(referral.pk, refused_at)
    incentives.grant(referral, Side.FRIEND, first_payment=None, by=by)
    unpaid = list(referral.conversions.filter(why=WhyNothing.DENIED).order_by("occurred_at", "pk"))
    for conversion in unpaid:
        _book(referral, conversion, by)
    first = _first_payment(referral)
    if first in unpaid:
        welcome(referral, first, by=by)
    claw_back_again(referral, by=by)


def _give_back(referral: Referral, by: Who) -> None:
    """As much as the refusal took, in full: what was refunded is taken back from it at once, so that a later refund
    finds what it needs to come out at zero (R3)."""
    now, entries = timezone.now(), []
    for taken in _taken(referral):
        accrued = taken.reverses
        if accrued and taken.conversion:
            entry = accrual(taken.conversion, accrued.amount, EntryCause.RESTORED, now, by)
            entry.available_at = max(now, accrued.available_at)
            entries.append(entry)
    for entry in LedgerEntry.objects.bulk_create(entries):
        take_back_refunded(entry, by)


def _taken(referral: Referral) -> Sequence[LedgerEntry]:
    """By the latest refusal: what an earlier one took has come back before."""
    restored = LedgerEntry.objects.filter(
        conversion=OuterRef("conversion"), kind=EntryKind.ACCRUAL, cause=EntryCause.RESTORED, pk__gt=OuterRef("pk")
    )
    rows = referral.entries.filter(kind=EntryKind.REVERSAL, cause=EntryCause.DENIED).filter(~Exists(restored))
    return list(rows.select_related("reverses", "conversion__program").order_by("pk"))


def _book(referral: Referral, conversion: Conversion, by: Who) -> None:
    """What a payment while it was refused would have earned."""
    conversion.referral, conversion.program = referral, referral.program
    found = earned(referral, base_of(conversion), conversion.occurred_at)
    conversion.commission, conversion.why = found.amount, found.why
    conversion.save(update_fields=["commission", "why"])
    if conversion.commission:
        entry = accrual(conversion, conversion.commission, EntryCause.COMMISSION, by=by)
        LedgerEntry.objects.bulk_create([entry])
        take_back_refunded(entry, by)
    remember_commission(referral, conversion)


def _first_payment(referral: Referral) -> Conversion | None:
    """The one that made them a customer."""
    paid = referral.conversions.filter(net__gt=0, occurred_at=referral.paid_at) if referral.paid_at else None
    return paid.select_related("program", "referral").order_by("pk").first() if paid is not None else None
