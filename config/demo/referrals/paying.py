"""What those who were brought paid, and what it earned."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

import numpy as np

from accounts.models import User
from config.demo.referrals.common import DAY, Bound, noon
from health.enums import InvoiceStatus
from health.models import Invoice
from referrals.domain import commission, payouts
from referrals.domain.arithmetic import available_from
from referrals.domain.entries import reverse_all, reverse_for
from referrals.enums import (
    EntryCause,
    EntryKind,
    IncentiveKind,
    IncentiveStatus,
    ReferralStatus,
    RefundStatus,
    Side,
)
from referrals.models import (
    Conversion,
    Incentive,
    LedgerEntry,
    Program,
    Referral,
    Refund,
)

REFUNDED = 0.015  # of payments, in part or as a whole


def pay(bound: Sequence[Bound], rng: np.random.Generator, now: datetime) -> None:
    """A conversion for each paid invoice, its commission, some refunds, and what both sides got besides."""
    paid = _payments([b.customer.pk for b in bound], now)
    nth: dict[int, int] = {}
    conversions: list[Conversion] = []
    for row in sorted(bound, key=lambda b: b.referral.signed_up_at):
        theirs = paid.get(row.customer.pk, [])
        if theirs:
            nth[row.referral.partner_id] = nth.get(row.referral.partner_id, 0) + 1
        conversions += _conversions(row, theirs, nth.get(row.referral.partner_id, 1))
    changed = [b.referral for b in bound if b.referral.paid_at]
    Referral.objects.bulk_update(changed, ["paid_at", "status", "first_commission_on"], batch_size=2000)
    Conversion.objects.bulk_create(conversions, batch_size=5000)
    earned = [_accrual(row) for row in conversions if row.commission]
    LedgerEntry.objects.bulk_create(earned, batch_size=5000)
    _refund([row for row in conversions if rng.random() < REFUNDED], rng, now)
    _reward([b.referral for b in bound], now)


def _payments(accounts: Sequence[int], now: datetime) -> dict[int, list[tuple[str, date, int]]]:
    rows = Invoice.objects.filter(
        account__in=accounts, status=InvoiceStatus.PAID, currency="USD", paid_on__lt=now.date()
    )
    found: dict[int, list[tuple[str, date, int]]] = {}
    columns = ("account", "external_id", "paid_on", "amount")
    for account, number, day, amount in rows.order_by("account", "paid_on").values_list(*columns):
        if day:
            found.setdefault(account, []).append((number, day, int(amount * 100)))
    return found


def _conversions(row: Bound, paid: Sequence[tuple[str, date, int]], nth: int) -> Iterator[Conversion]:
    referral, program = row.referral, row.referral.program
    rate = commission.rate_of(commission.Tier.read(program.tiers), nth, program.rate)
    earned = 0
    for external_id, day, amount in paid:
        if not amount or noon(day) < referral.signed_up_at:
            continue
        if referral.paid_at is None:
            referral.paid_at, referral.status, referral.first_commission_on = noon(day), ReferralStatus.CUSTOMER, day
        share = commission.rounded(commission.share(amount, rate))
        share = commission.capped(share, earned, program.cap_customer)
        late = not commission.still_earns(day, referral.first_commission_on, program.months)
        share, why = (0, "period_over") if late else (share, "" if share else "cap_customer")
        earned += share
        yield Conversion(
            program=program, source="demo", external_id=external_id, referral=referral, partner=referral.partner,
            occurred_at=noon(day), recorded_at=noon(day), currency="USD", gross=amount, net=amount, base=amount,
            commission=share, why=why,
        )  # fmt: skip


def _accrual(row: Conversion) -> LedgerEntry:
    return LedgerEntry(
        partner_id=row.partner_id, kind=EntryKind.ACCRUAL, cause=EntryCause.COMMISSION, amount=row.commission, currency="USD",
        occurred_at=row.occurred_at, available_at=available_from(row.occurred_at, row.program.hold_days), recorded_at=row.occurred_at,
        referral_id=row.referral_id, conversion=row, actor="API: shop",
    )  # fmt: skip


def _refund(rows: Sequence[Conversion], rng: np.random.Generator, now: datetime) -> None:
    for row in rows[:200]:
        at = row.occurred_at + int(rng.integers(2, 25)) * DAY
        if at > now:
            continue
        amount = row.net if rng.random() < 0.5 else row.net // 3 or 1
        refund = Refund.objects.create(
            program=row.program, source="demo", external_id=f"refund-{row.pk}", conversion_external_id=row.external_id, conversion=row,
            occurred_at=at, recorded_at=at, amount=amount, status=RefundStatus.APPLIED,
        )  # fmt: skip
        row.refunded = amount
        row.save(update_fields=["refunded"])
        reverse_for(refund, row, "API: shop")


def _reward(referrals: Sequence[Referral], now: datetime) -> None:
    """Who is referred pays less from the start; who refers gets a credit with the first payment."""
    rows = []
    for r in referrals:
        program = r.program
        if program.friend_gets == IncentiveKind.PERCENT:
            rows.append(Incentive(
                referral=r, side=Side.FRIEND, kind=IncentiveKind.PERCENT, account_id=r.account_id, currency="USD",
                percent=program.friend_percent, months=program.friend_months, granted_at=r.signed_up_at,
            ))  # fmt: skip
        if program.referrer_gets == IncentiveKind.CREDIT and r.paid_at:
            rows.append(Incentive(
                referral=r, side=Side.REFERRER, kind=IncentiveKind.CREDIT, account_id=r.partner.account_id, currency="USD",
                amount=program.referrer_amount, granted_at=r.paid_at, **({"status": "used", "used_at": r.paid_at + 30 * DAY} if r.paid_at < now - 60 * DAY else {}),
            ))  # fmt: skip
    Incentive.objects.bulk_create(rows, batch_size=5000)


def claw_back(bound: Sequence[Bound]) -> None:
    """Who left within the first weeks: on that day what they had brought was taken back."""
    early = [(row.referral, at) for row in bound if (at := left_early_at(row))]
    for referral, at in early:
        reverse_all([referral.pk], EntryCause.CLAWBACK, at, by="Demo")
        referral.status, referral.churned_on, referral.clawed_back_at = ReferralStatus.CHURNED, at.date(), at
        Incentive.objects.filter(referral=referral).update(status=IncentiveStatus.REVOKED, used_at=None, revoked_at=at)
    Referral.objects.bulk_update([row for row, _at in early], ["status", "churned_on", "clawed_back_at"])


def left_early_at(row: Bound) -> datetime | None:
    left, referral = row.customer.ended_on, row.referral
    if referral.paid_at and commission.left_early(referral.signed_up_at.date(), left, referral.program.clawback_days):
        return max(noon(left), referral.paid_at) if left else None
    return None


def pay_out(programs: Sequence[Program], admin: User, since: datetime, now: datetime) -> None:
    """Once in thirty days; of the last batches some still wait, and of the largest one came back."""
    days = [now - timedelta(days=30 * age) for age in range(int((now - since).days / 30), -1, -1)]
    for program in programs:
        batches = [batch for day in days if (batch := payouts.make_batch(program, by=admin, at=day))]
        for batch in batches[:-1]:
            payouts.mark_paid(
                batch.payouts.all(), reference=f"SEPA {batch.as_of:%Y-%m}", by=admin, at=batch.as_of + 2 * DAY
            )
        for batch in batches:
            type(batch).objects.filter(pk=batch.pk).update(created_at=batch.as_of)
        if batches and len(due := batches[-1].payouts.order_by("amount")) > 1:
            payouts.mark_failed(due[0], "The account does not exist.", by=admin)
