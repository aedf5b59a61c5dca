"""Referrals as CSV: partners, incentives, a ledger, a batch, a report. Cells that a spreadsheet would run are made
harmless."""

import csv
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.domain.bulk import chunks
from accounts.domain.exports import CHUNK, neutral
from referrals.domain import owed, payouts
from referrals.domain.amounts import major
from referrals.domain.balances import balances_of
from referrals.domain.listing import Asked, brought_by
from referrals.models import Incentive, Partner, PayoutBatch

PARTNERS = (
    "id", "name", "email", "company", "account", "program", "status", "joined", "clicks", "sign_ups", "customers",
    "currency", "earned", "waiting", "available", "paid", "balance",
)  # fmt: skip
INCENTIVES = (
    "id", "account", "account_name", "side", "kind", "amount", "currency", "percent", "months", "program", "customer",
    "partner", "status", "held", "granted", "honoured", "honoured_by", "taken_back",
)  # fmt: skip
LEDGER = (
    "entry",
    "when",
    "available",
    "kind",
    "for",
    "amount",
    "currency",
    "balance",
    "customer",
    "payout",
    "note",
    "by",
)


class _Line:
    """A file that hands back what is written to it, for csv.writer."""

    def write(self, text: str) -> str:
        return text


def lines(header: Iterable[str], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    write = csv.writer(_Line()).writerow
    yield write(list(header))
    for row in rows:
        yield write(["" if cell is None else neutral(cell) if isinstance(cell, str) else str(cell) for cell in row])


def partner_lines(asked: Asked) -> Iterator[str]:
    """Those the list shows, in the order in which they came."""
    with transaction.atomic():
        yield from lines(PARTNERS, _partners(asked))


def _partners(asked: Asked) -> Iterator[tuple[Any, ...]]:
    for chunk in chunks(asked.rows().order_by("pk").iterator(chunk_size=CHUNK), CHUNK):
        money, brought = balances_of([one.pk for one in chunk]), brought_by(chunk)
        for one in chunk:
            yield _partner(one, money[one.pk], brought[one.pk])


def _partner(one: Partner, money: Any, brought: Any) -> tuple[Any, ...]:
    currency = one.program.currency
    sums = (money.earned, money.pending + money.held, money.available, money.paid, money.total)
    return (
        one.pk, one.name, one.email, one.company, one.account.external_id if one.account else "", one.program.slug,
        one.status, one.approved_at and one.approved_at.date(), brought.clicks, brought.sign_ups, brought.customers,
        currency, *(major(amount, currency) for amount in sums),
    )  # fmt: skip


def incentive_lines(asked: owed.Asked) -> Iterator[str]:
    """Those the list shows, in the order in which they came."""
    rows = asked.rows().with_whose().order_by("pk")
    with transaction.atomic():
        yield from lines(INCENTIVES, map(_incentive, rows.iterator(chunk_size=CHUNK)))


def _incentive(one: Incentive) -> tuple[Any, ...]:
    account, referral = one.account, one.referral
    whose = (account.external_id, account.name) if account else ("", "")
    return (
        one.pk, *whose, one.side, one.kind, major(one.amount, one.currency), one.currency,
        f"{one.percent.normalize():f}", one.months, referral.program.slug, referral.customer, referral.partner.name,
        one.status, "yes" if one.held else "no", _moment(one.granted_at), _moment(one.used_at), one.used_by,
        _moment(one.revoked_at),
    )  # fmt: skip


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def ledger_lines(partner: Partner) -> Iterator[str]:
    """Oldest first, with the balance that each entry left."""
    rows = partner.entries.select_related("referral", "by").order_by("pk")
    with transaction.atomic():
        yield from lines(LEDGER, _ledger(rows.iterator(chunk_size=CHUNK)))


def _ledger(entries: Iterable[Any]) -> Iterator[tuple[Any, ...]]:
    balance = 0
    for one in entries:
        balance += one.amount
        yield (
            one.pk, one.occurred_at.isoformat(), one.available_at.isoformat(), one.kind, one.cause,
            major(one.amount, one.currency), one.currency, major(balance, one.currency),
            str(one.referral) if one.referral else "", one.payout_id, one.note, one.actor,
        )  # fmt: skip


def batch_lines(batch: PayoutBatch) -> Iterator[str]:
    """What the bank or the payment provider takes."""
    write = csv.writer(_Line()).writerow
    with transaction.atomic():
        for row in payouts.export_rows(batch):
            yield write(row)
