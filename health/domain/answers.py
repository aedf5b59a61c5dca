"""Answers to "how likely are you to recommend us?" that were given elsewhere."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.domain.bulk import Counts
from health.domain.events import AHEAD
from health.domain.upsert import Table, check_moment, check_text, one, refuse, upsert


class AnswerRow(NamedTuple):
    account_id: int
    external_id: str
    score: int
    answered_at: datetime
    comment: str = ""
    contact_id: int | None = None
    source: str = ""


ANSWERS = Table(
    "health_answer",
    {
        "account_id": "bigint",
        "external_id": "text",
        "score": "smallint",
        "answered_at": "timestamptz",
        "comment": "text",
        "contact_id": "bigint",
        "source": "text",
    },
)


def upsert_answers(rows: Sequence[AnswerRow], *, told: Collection[str] | None = None) -> Counts:
    return upsert(ANSWERS, rows, check=check_answer, kind="answer", day=lambda row: row.answered_at, told=told)


def save_answer(row: AnswerRow) -> str:
    return one(upsert_answers([row]))


def check_answer(row: AnswerRow) -> AnswerRow:
    if isinstance(row.score, bool) or not isinstance(row.score, int) or not 0 <= row.score <= 10:
        raise refuse("score", _("A whole number from 0 to 10."))
    return row._replace(
        external_id=check_text("external_id", row.external_id, 200, needed=True),
        answered_at=check_moment("answered_at", row.answered_at, timezone.now() + AHEAD),
        comment=check_text("comment", row.comment, 10_000),
        source=check_text("source", row.source, 40),
    )
