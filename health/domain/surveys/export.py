"""Answers as CSV: the columns that an import of answers knows go by the same names."""

import csv
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from accounts.domain.exports import BOM, CHUNK, neutral
from health.domain.surveys.figures import group_of
from health.enums import SurveyKind
from health.models import Answer

COLUMNS: dict[str, str] = {
    "external_id": "external_id",
    "account": "account__external_id",
    "account_name": "account__name",
    "segment": "account__segment__key",
    "csm": "account__csm__email",
    "contact": "contact__email",
    "contact_name": "contact__name",
    "language": "contact__language",
    "survey": "survey__slug",
    "source": "source",
    "kind": "kind",
    "score": "score",
    "reason": "reason",
    "comment": "comment",
    "answered_at": "answered_at",
    "revised_at": "revised_at",
}


class _Line:
    """A file that hands back what is written to it, for csv.writer."""

    def write(self, text: str) -> str:
        return text


def csv_lines(answers: QuerySet[Answer], *, bom: bool = False) -> Iterator[str]:
    """The file, piece by piece, newest first; in memory there are never more than CHUNK rows."""
    write = csv.writer(_Line()).writerow
    yield (BOM if bom else "") + write([*COLUMNS, "group"])
    rows = answers.select_related(None).order_by("-answered_at", "-pk").values_list(*COLUMNS.values())
    # A cursor on the server lives as long as its transaction.
    with transaction.atomic():
        for row in rows.iterator(chunk_size=CHUNK):
            yield write(_cells(dict(zip(COLUMNS, row, strict=True))))


def _cells(facts: dict[str, Any]) -> Iterable[str]:
    yield from map(_cell, facts.values())
    yield group_of(facts["score"]).value if facts["kind"] == SurveyKind.NPS else ""


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value.isoformat(timespec="seconds") if hasattr(value, "isoformat") else neutral(str(value))
