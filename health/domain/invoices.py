"""Invoices, as far as health needs them: what is open, and since when."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.domain.bulk import Counts
from health.domain.upsert import Table, check_choice, check_text, one, refuse, upsert
from health.enums import InvoiceStatus

MOST = Decimal(10) ** 15


class InvoiceRow(NamedTuple):
    account_id: int
    external_id: str
    amount: Decimal
    currency: str
    issued_on: date
    due_on: date
    status: str = InvoiceStatus.OPEN.value
    paid_on: date | None = None


INVOICES = Table(
    "health_invoice",
    {
        "account_id": "bigint",
        "external_id": "text",
        "amount": "numeric(20, 4)",
        "currency": "text",
        "issued_on": "date",
        "due_on": "date",
        "status": "text",
        "paid_on": "date",
    },
)


def upsert_invoices(rows: Sequence[InvoiceRow], *, told: Collection[str] | None = None) -> Counts:
    return upsert(INVOICES, rows, check=check_invoice, kind="invoice", day=lambda row: row.issued_on, told=told)


def save_invoice(row: InvoiceRow) -> str:
    return one(upsert_invoices([row]))


def check_invoice(row: InvoiceRow) -> InvoiceRow:
    currency = check_text("currency", row.currency, 3, needed=True).upper()
    if len(currency) != 3 or not (currency.isascii() and currency.isalpha()):
        raise refuse("currency", _("Three letters, such as EUR."))
    if not row.amount.is_finite() or abs(row.amount) >= MOST:
        raise refuse("amount", _("This amount is too large."))
    status = check_choice("status", row.status, InvoiceStatus.values)
    return _check_days(row._replace(status=status))._replace(
        external_id=check_text("external_id", row.external_id, 200, needed=True),
        currency=currency,
        amount=round(row.amount, 4),
    )


def _check_days(row: InvoiceRow) -> InvoiceRow:
    if row.issued_on.year < 1970 or row.due_on.year > 9000:
        raise refuse("issued_on" if row.issued_on.year < 1970 else "due_on", _("This day is out of range."))
    if row.due_on < row.issued_on:
        raise refuse("due_on", _("Due before it was issued."))
    if row.status == InvoiceStatus.PAID and row.paid_on is None:
        raise refuse("paid_on", _("A paid invoice needs the day it was paid."))
    if row.paid_on and row.paid_on > timezone.now().date() + timedelta(days=1):
        raise refuse("paid_on", _("This day is in the future."))
    # A day of payment on an open invoice means that it has been paid; on a void one it means nothing.
    if row.paid_on and row.status == InvoiceStatus.OPEN:
        return row._replace(status=InvoiceStatus.PAID.value)
    return row._replace(paid_on=None) if row.status == InvoiceStatus.VOID else row
