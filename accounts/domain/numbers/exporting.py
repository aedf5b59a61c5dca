"""Figures as CSV: exactly those of the page, unrounded."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from accounts.domain.exports import BOM, neutral


@dataclass(frozen=True)
class Sheet:
    head: Sequence[str]
    rows: Iterable[Sequence[Any]]


class _Line:
    @staticmethod
    def write(text: str) -> str:
        return text


def lines(sheet: Sheet, *, bom: bool = False) -> Iterator[str]:
    writer = csv.writer(_Line())
    if bom:
        yield BOM
    yield writer.writerow(sheet.head)
    for row in sheet.rows:
        yield writer.writerow([_cell(value) for value in row])


def _cell(value: Any) -> str:
    """Numbers plainly, however small; what people wrote, made harmless for spreadsheets."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value else "0"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float | date):
        return str(value)
    return neutral(str(value))
