"""Accounts as CSV: exactly those the list shows, in its order, however many there are."""

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet, Value

from accounts.domain.listing import Filters, Sort, open_follow_ups
from accounts.enums import Stage

BOM = "\ufeff"
# A spreadsheet takes a cell that begins so for a formula, and would run it.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# Where a comma is the decimal point, spreadsheets divide a line at each ; (others at each tab), and a line's end ends
# it, whatever the quotes around a cell say: they count only where what is divided begins with them.
_WITHIN = "(?=['\"]*[=+@＝＋－＠-])"
_DIVIDED = re.compile(f"[;\t\r\n]{_WITHIN}")
_MARKED = re.compile(f"([;\t\r\n])'{_WITHIN}")
CHUNK = 2000

# The names a program knows these facts by: the file can be imported again as it is.
COLUMNS: dict[str, str] = {
    "external_id": "external_id",
    "name": "name",
    "domain": "domain",
    "segment": "segment__key",
    "csm": "csm__email",
    "stage": "stage",
    "band": "band",
    "score": "score",
    "trend": "trend",
    "mrr": "mrr",
    "mrr_currency": "mrr_currency",
    "currency": "currency",
    "plan": "plan__key",
    "seats": "seats",
    "decision_date": "decision_date",
    "open_follow_ups": "open_follow_ups",
    "last_contact_at": "last_contact_at",
    "started_on": "started_on",
    "country": "country",
    "industry": "industry",
    "channel": "channel",
}


def neutral(cell: str) -> str:
    """Text that came from outside, made harmless for spreadsheets: a leading ' says "this is text".

    So does one within, where a spreadsheet of another country would begin another cell.
    """
    if _DIVIDED.search(cell):
        cell = _DIVIDED.sub(r"\g<0>'", cell)
    return f"'{cell}" if _is_formula(cell) or is_neutral(cell) else cell


def is_neutral(cell: str) -> bool:
    return cell.startswith("'") and _is_formula(cell.lstrip("'"))


def as_it_was(cell: str) -> str:
    """What neutral() has made harmless, when it comes back in a file."""
    return _MARKED.sub(r"\1", cell[1:] if is_neutral(cell) else cell)


def _is_formula(cell: str) -> bool:
    return cell.startswith(FORMULA)


def _number(places: int) -> Callable[[Any], str]:
    step = Decimal(1).scaleb(-places)
    return lambda value: str(Decimal(value).quantize(step))


WRITERS: dict[str, Callable[[Any], str]] = {
    "score": _number(1),
    "trend": _number(1),
    "mrr": _number(2),
    "seats": str,
    "open_follow_ups": str,
    "decision_date": lambda value: value.isoformat(),
    "started_on": lambda value: value.isoformat(),
    "last_contact_at": lambda value: datetime.isoformat(value, timespec="seconds"),
}


class _Line:
    """A file that hands back what is written to it, for csv.writer."""

    def write(self, text: str) -> str:
        return text


def csv_lines(filters: Filters, sort: Sort, *, bom: bool = False) -> Iterator[str]:
    """The file, piece by piece; in memory there are never more than CHUNK rows."""
    write = csv.writer(_Line()).writerow
    yield (BOM if bom else "") + write(COLUMNS)
    # A cursor on the server lives as long as its transaction.
    with transaction.atomic():
        for row in _rows(filters, sort).iterator(chunk_size=CHUNK):
            yield write(_cells(row))


def _cells(row: tuple[Any, ...]) -> Iterable[str]:
    facts = dict(zip(COLUMNS, row, strict=True))
    if facts["stage"] == Stage.CHURNED:
        facts["band"] = ""
    for name, value in facts.items():
        if value is None:
            yield ""
        else:
            yield WRITERS[name](value) if name in WRITERS else neutral(str(value))


def _rows(filters: Filters, sort: Sort) -> QuerySet:
    column = F(sort.order.column)
    by_value = column.desc(nulls_last=True) if sort.descending else column.asc(nulls_last=True)
    accounts = filters.apply().annotate(
        open_follow_ups=open_follow_ups(),
        mrr_currency=Value(settings.REPORTING_CURRENCY),
    )
    return accounts.order_by(by_value, "-pk" if sort.descending else "pk").values_list(*COLUMNS.values())
