"""What those who were brought paid, and what both sides got for it besides commission (that is in books.py)."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from config.demo.referrals.common import DAY, Bound, noon
from health.enums import InvoiceStatus
from health.models import Invoice
from referrals.domain import commission
from referrals.enums import (
    IncentiveKind,
    IncentiveStatus,
    ReferralStatus,
    Side,
)
from referrals.models import (
    Conversion,
    Incentive,
    Referral,
)


def pay(bound: Sequence[Bound], now: datetime) -> list[Conversion]:
    """A conversion for each paid invoice."""
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
    _reward([b.referral for b in bound], now)
    return conversions


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


def _reward(referrals: Sequence[Referral], now: datetime) -> None:
    """Who is referred pays less from the start; who refers gets a credit with the first payment."""
    rows = []
    for r in referrals:
        program = r.program
        if program.friend_gets == IncentiveKind.PERCENT:
            rows.append(Incentive(
                referral=r, side=Side.FRIEND, kind=IncentiveKind.PERCENT, account_id=r.account_id, currency="USD",
                percent=program.friend_percent, months=program.friend_months, granted_at=r.signed_up_at,
                **_honoured(r.signed_up_at, 7, now),
            ))  # fmt: skip
        if program.referrer_gets == IncentiveKind.CREDIT and r.paid_at:
            rows.append(Incentive(
                referral=r, side=Side.REFERRER, kind=IncentiveKind.CREDIT, account_id=r.partner.account_id, currency="USD",
                amount=program.referrer_amount, granted_at=r.paid_at, **_honoured(r.paid_at, 30, now),
            ))  # fmt: skip
    Incentive.objects.bulk_create(rows, batch_size=5000)


def _honoured(granted_at: datetime, days: int, now: datetime) -> dict[str, Any]:
    """By billing so many days later, in its monthly run; what was granted in the last two months still waits."""
    if granted_at > now - 60 * DAY:
        return {}
    return {"status": IncentiveStatus.USED, "used_at": granted_at + days * DAY, "used_by": "API: billing"}


def left_early_at(row: Bound) -> datetime | None:
    left, referral = row.customer.ended_on, row.referral
    if referral.paid_at and commission.left_early(referral.signed_up_at.date(), left, referral.program.clawback_days):
        return max(noon(left), referral.paid_at) if left else None
    return None
