"""What both sides get besides commission: a credit or a discount for billing to honour, or money for the partner.

A discount counts from the sign-up on, so that the first invoice has it. All else comes with the first payment: who gave
it at sign-up would be paying for invented accounts."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.domain.activity import Fact, Who, record_many
from accounts.formats import money
from referrals.domain.amounts import in_percent, major
from referrals.domain.entries import accrual
from referrals.domain.telling import told
from referrals.enums import EntryCause, IncentiveKind, IncentiveStatus, Side
from referrals.models import Conversion, Incentive, LedgerEntry, Referral


def grant(referral: Referral, side: str, *, first_payment: Conversion | None, by: Who = None) -> Incentive | None:
    """What this side of the referral gets at this point, once."""
    due = promised(referral, side, first_payment=first_payment)
    if due is None:
        return None
    values = {name: getattr(due, name) for name in ("kind", "account_id", "amount", "currency", "percent", "months")}
    row, made = Incentive.objects.get_or_create(referral=referral, side=side, defaults=values)
    if made:
        LedgerEntry.objects.bulk_create(bonus(row, first_payment, by))
        record_many(news_of(row, referral), by=by)
    return row if made else None


def promised(referral: Referral, side: str, *, first_payment: Conversion | None) -> Incentive | None:
    """By the program, at this point. Not saved yet."""
    program, partner = referral.program, referral.partner
    kind = program.friend_gets if side == Side.FRIEND else program.referrer_gets
    due_now = (side == Side.FRIEND and kind == IncentiveKind.PERCENT) == (first_payment is None)
    if kind == IncentiveKind.NONE or not due_now:
        return None
    amount, rate, months = (getattr(program, f"{side}_{name}") for name in ("amount", "percent", "months"))
    discount = kind == IncentiveKind.PERCENT
    return Incentive(
        referral=referral,
        side=side,
        kind=kind,
        account_id=referral.account_id if side == Side.FRIEND else partner.account_id,
        amount=0 if discount else amount,
        currency=program.currency,
        percent=rate if discount else 0,
        months=months if discount else 0,
    )


def bonus(row: Incentive, first_payment: Conversion | None, by: Who) -> list[LedgerEntry]:
    """Money for who refers is in the ledger. Not saved yet."""
    if row.kind == IncentiveKind.CASH and row.side == Side.REFERRER and first_payment and row.amount:
        return [accrual(first_payment, row.amount, EntryCause.BONUS, by=by)]
    return []


def news_of(row: Incentive, referral: Referral) -> list[Fact]:
    return (
        [Fact(row.account_id, "referral.rewarded", {"reward": worded(row), **told(referral)})] if row.account_id else []
    )


def worded(row: Incentive) -> str:
    """ "−20 % × 3", by the month, or "$20.00", in the language that is active."""
    if row.kind == IncentiveKind.PERCENT:
        return f"−{in_percent(row.percent)} × {row.months}"
    return money(major(row.amount, row.currency), row.currency, exact=True)


@transaction.atomic
def revoke(referral_ids: Iterable[int]) -> int:
    """What was not used yet is taken back. Held in the order of their ids first, as who marks them does: else each
    could wait for the other."""
    rows = Incentive.objects.filter(referral__in=list(referral_ids), status=IncentiveStatus.GRANTED)
    held = list(rows.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))
    return Incentive.objects.filter(pk__in=held).update(status=IncentiveStatus.REVOKED, revoked_at=timezone.now())


def restore(referral_id: int, since: datetime) -> int:
    """What was taken back since then, by a refusal that did not last, stands again."""
    rows = Incentive.objects.filter(referral=referral_id, status=IncentiveStatus.REVOKED, revoked_at__gte=since)
    return rows.update(status=IncentiveStatus.GRANTED, revoked_at=None)
