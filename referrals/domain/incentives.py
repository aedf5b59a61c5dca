"""What both sides get besides commission: a credit or a discount for billing to honour, or money for the partner.

A discount counts from the sign-up on, so that the first invoice has it. All else comes with the first payment: who gave
it at sign-up would be paying for invented accounts."""

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.domain.activity import Who, record
from accounts.exceptions import Conflict
from accounts.formats import money, percent
from referrals.domain.amounts import major
from referrals.domain.entries import accrual
from referrals.domain.telling import told
from referrals.enums import EntryCause, IncentiveKind, IncentiveStatus, Side
from referrals.models import Conversion, Incentive, LedgerEntry, Referral


def grant(referral: Referral, side: str, *, first_payment: Conversion | None, by: Who = None) -> Incentive | None:
    """What this side of the referral gets at this point, once."""
    program, partner = referral.program, referral.partner
    kind = program.friend_gets if side == Side.FRIEND else program.referrer_gets
    due_now = (side == Side.FRIEND and kind == IncentiveKind.PERCENT) == (first_payment is None)
    if kind == IncentiveKind.NONE or not due_now:
        return None
    amount, rate, months = (getattr(program, f"{side}_{name}") for name in ("amount", "percent", "months"))
    discount = kind == IncentiveKind.PERCENT
    row, made = Incentive.objects.get_or_create(
        referral=referral,
        side=side,
        defaults={
            "kind": kind,
            "account_id": referral.account_id if side == Side.FRIEND else partner.account_id,
            "amount": 0 if discount else amount,
            "currency": program.currency,
            "percent": rate if discount else 0,
            "months": months if discount else 0,
        },
    )
    if made:
        _book(row, referral, first_payment, by)
    return row if made else None


def _book(row: Incentive, referral: Referral, first_payment: Conversion | None, by: Who) -> None:
    if row.kind == IncentiveKind.CASH and row.side == Side.REFERRER and first_payment and row.amount:
        LedgerEntry.objects.bulk_create([accrual(first_payment, row.amount, EntryCause.BONUS, by=by)])
    if row.account_id:
        record(row.account_id, "referral.rewarded", by=by, reward=worded(row), **told(referral))


def worded(row: Incentive) -> str:
    """ "20 % off for 3 months" or "$20.00", in the language that is active."""
    if row.kind == IncentiveKind.PERCENT:
        return f"−{percent(row.percent, 100)} × {row.months}"
    return money(major(row.amount, row.currency), row.currency, exact=True)


def revoke(referral_ids: Iterable[int]) -> int:
    """What was not used yet is taken back."""
    rows = Incentive.objects.filter(referral__in=list(referral_ids), status=IncentiveStatus.GRANTED)
    return rows.update(status=IncentiveStatus.REVOKED, revoked_at=timezone.now())


def restore(referral_id: int, since: datetime) -> int:
    """What was taken back since then, by a refusal that did not last, stands again."""
    rows = Incentive.objects.filter(referral=referral_id, status=IncentiveStatus.REVOKED, revoked_at__gte=since)
    return rows.update(status=IncentiveStatus.GRANTED, revoked_at=None)


def mark_used(row: Incentive, *, by: Who = None) -> None:
    """Billing has honoured it."""
    changed = Incentive.objects.filter(pk=row.pk, status=IncentiveStatus.GRANTED)
    if not changed.update(status=IncentiveStatus.USED, used_at=timezone.now()):
        raise Conflict(_("It has been used, or taken back."))
    row.status = IncentiveStatus.USED
