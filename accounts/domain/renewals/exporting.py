"""Renewals as CSV: those a page shows, in its order, however many there are."""

import csv
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts.domain.exports import BOM, CHUNK, neutral
from accounts.domain.mrr import displayed
from accounts.domain.renewals.listing import Filters, figures

COLUMNS: dict[str, str] = {
    "account": "account__external_id",
    "account_name": "account__name",
    "subscription": "subscription__external_id",
    "plan": "subscription__plan__key",
    "segment": "account__segment__key",
    "csm": "account__csm__email",
    "starts_on": "starts_on",
    "ends_on": "ends_on",
    "notice_days": "notice_days",
    "auto_renew": "auto_renew",
    "decision_date": "decision_date",
    "stage": "stage",
    "mrr": "worth",
    "outcome_mrr": "outcome_mrr",
    "band": "band",
    "probability": "probability",
    "probability_from": "source",
    "call": "call_probability",
    "call_reason": "call_reason",
    "intent": "intent_probability",
    "reason": "reason",
    "comment": "comment",
    "decided_at": "decided_at",
    "decided_by": "decided_by__email",
}


class _Line:
    """A file that hands back what is written to it, for csv.writer."""

    def write(self, text: str) -> str:
        return text


def csv_lines(filters: Filters, first: date | None, until: date | None, *, bom: bool = False) -> Iterator[str]:
    """The file, piece by piece; decision dates in [first, until) where those are given."""
    write = csv.writer(_Line()).writerow
    yield (BOM if bom else "") + write([*COLUMNS, "currency"])
    rows = figures(filters)
    if first and until:
        rows = rows.filter(decision_date__gte=first, decision_date__lt=until)
    # A cursor on the server lives as long as its transaction.
    with transaction.atomic():
        found = rows.order_by("decision_date", "pk").values_list(*COLUMNS.values())
        for row in found.iterator(chunk_size=CHUNK):
            yield write([*_cells(row), settings.REPORTING_CURRENCY])


def _cells(row: tuple[Any, ...]) -> Iterable[str]:
    return (_cell(name, value) for name, value in zip(COLUMNS, row, strict=True))


def _cell(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return str(displayed(value)) if "mrr" in name else f"{value.normalize():f}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int) else neutral(str(value))
