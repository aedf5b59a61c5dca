"""The partners' ledger, written in the order in which it happened: earned, refunded, taken back, paid out."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

import numpy as np

from accounts.models import User
from config.demo.referrals.common import DAY, Bound
from config.demo.referrals.paying import left_early_at
from referrals.domain import payouts
from referrals.domain.arithmetic import available_from
from referrals.domain.entries import reverse_all, reverse_for
from referrals.enums import EntryCause, EntryKind, IncentiveStatus, ReferralStatus, RefundStatus
from referrals.models import Conversion, Incentive, LedgerEntry, PayoutBatch, Program, Referral, Refund

REFUNDED, MOST_REFUNDS = 0.015, 200  # of payments, in part or as a whole


class Event(NamedTuple):
    at: datetime
    write: Callable[[], None]


def keep_books(
    conversions: Sequence[Conversion], bound: Sequence[Bound], programs: Sequence[Program], admin: User,
    rng: np.random.Generator, since: datetime, now: datetime,
) -> None:  # fmt: skip
    earned = deque(sorted((_accrual(row) for row in conversions if row.commission), key=lambda row: row.occurred_at))
    batches: list[PayoutBatch] = []
    events = [*_refunds(conversions, rng, now), *_claw_backs(bound), *_payouts(programs, admin, since, now, batches)]
    for event in sorted(events, key=lambda event: event.at):
        _earn(earned, event.at)
        event.write()
    _earn(earned, now)
    _settle(batches, programs, admin)


def _earn(earned: deque[LedgerEntry], until: datetime) -> None:
    rows = []
    while earned and earned[0].occurred_at <= until:
        rows.append(earned.popleft())
    LedgerEntry.objects.bulk_create(rows, batch_size=5000)


def _accrual(row: Conversion) -> LedgerEntry:
    return LedgerEntry(
        partner_id=row.partner_id, kind=EntryKind.ACCRUAL, cause=EntryCause.COMMISSION, amount=row.commission, currency="USD",
        occurred_at=row.occurred_at, available_at=available_from(row.occurred_at, row.program.hold_days), recorded_at=row.occurred_at,
        referral_id=row.referral_id, conversion=row, actor="API: shop",
    )  # fmt: skip


def _refunds(conversions: Sequence[Conversion], rng: np.random.Generator, now: datetime) -> Iterator[Event]:
    for row in [row for row in conversions if rng.random() < REFUNDED][:MOST_REFUNDS]:
        at = row.occurred_at + int(rng.integers(2, 25)) * DAY
        amount = row.net if rng.random() < 0.5 else row.net // 3 or 1
        if at <= now:
            yield Event(at, partial(_refund, row, amount, at))


def _refund(row: Conversion, amount: int, at: datetime) -> None:
    refund = Refund.objects.create(
        program=row.program, source="demo", external_id=f"refund-{row.pk}", conversion_external_id=row.external_id, conversion=row,
        occurred_at=at, recorded_at=at, amount=amount, status=RefundStatus.APPLIED,
    )  # fmt: skip
    row.refunded = amount
    row.save(update_fields=["refunded"])
    reverse_for(refund, row, "API: shop")


def _claw_backs(bound: Sequence[Bound]) -> Iterator[Event]:
    """Who left within the first weeks: on that day what they had brought was taken back."""
    for row in bound:
        if at := left_early_at(row):
            yield Event(at, partial(_claw_back, row.referral, at))


def _claw_back(referral: Referral, at: datetime) -> None:
    reverse_all([referral.pk], EntryCause.CLAWBACK, at, by="Demo")
    referral.status, referral.churned_on, referral.clawed_back_at = ReferralStatus.CHURNED, at.date(), at
    referral.save(update_fields=["status", "churned_on", "clawed_back_at"])
    theirs = Incentive.objects.filter(referral=referral)
    theirs.update(status=IncentiveStatus.REVOKED, used_at=None, used_by="", revoked_at=at)


def _payouts(
    programs: Sequence[Program], admin: User, since: datetime, now: datetime, made: list[PayoutBatch]
) -> Iterator[Event]:
    """Once in thirty days."""
    for age in range(int((now - since).days / 30), -1, -1):
        day = now - timedelta(days=30 * age)
        for program in programs:
            yield Event(day, partial(_pay_out, program, admin, day, made))


def _pay_out(program: Program, admin: User, day: datetime, made: list[PayoutBatch]) -> None:
    if batch := payouts.make_batch(program, by=admin, at=day):
        made.append(batch)


def _settle(made: Sequence[PayoutBatch], programs: Sequence[Program], admin: User) -> None:
    """Of the last batches some still wait, and of the largest one came back."""
    for program in programs:
        batches = [batch for batch in made if batch.program_id == program.pk]
        for batch in batches[:-1]:
            payouts.mark_paid(
                batch.payouts.all(), reference=f"SEPA {batch.as_of:%Y-%m}", by=admin, at=batch.as_of + 2 * DAY
            )
        for batch in batches:
            type(batch).objects.filter(pk=batch.pk).update(created_at=batch.as_of)
        if batches and len(due := batches[-1].payouts.order_by("amount")) > 1:
            payouts.mark_failed(due[0], "The account does not exist.", by=admin)
