"""Rows as a file that spreadsheets open and run nothing of."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from accounts.domain.exports import BOM, neutral


class _Line:
    """A file that hands back what is written to it, for csv.writer."""

    def write(self, text: str) -> str:
        return text


def csv_lines(header: Sequence[str], rows: Iterable[Iterable[Any]], *, bom: bool = False) -> Iterator[str]:
    """The file, line by line."""
    write = csv.writer(_Line()).writerow
    yield (BOM if bom else "") + write(header)
    for row in rows:
        yield write([cell(value) for value in row])


def cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, float | Fraction):
        return f"{float(value):.6g}"
    if isinstance(value, int | Decimal):
        return str(value)
    return value.isoformat() if hasattr(value, "isoformat") else neutral(str(value))
