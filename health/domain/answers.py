"""Answers that were given elsewhere: in the product itself, by telephone, to another survey tool."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from accounts.domain.activity import Who
from accounts.domain.bulk import Counts
from accounts.enums import ChurnReason
from health.domain.events import AHEAD
from health.domain.surveys.figures.arithmetic import parse_score
from health.domain.surveys.telling import tell_untold
from health.domain.upsert import Table, check_choice, check_moment, check_text, upsert
from health.enums import ReadingKind, SurveyKind

SCALES = {SurveyKind.NPS: (0, 10), SurveyKind.CSAT: (1, 5)}


class AnswerRow(NamedTuple):
    account_id: int
    external_id: str
    score: int | None
    answered_at: datetime
    comment: str = ""
    contact_id: int | None = None
    source: str = ""
    kind: str = SurveyKind.NPS
    survey_id: int | None = None
    reason: str = ""


GROUP = "CASE WHEN {0}.score >= 9 THEN 2 WHEN {0}.score >= 7 THEN 1 ELSE 0 END"
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
        "kind": "text",
        "survey_id": "bigint",
        "reason": "text",
    },
    # A promoter who has become a detractor is told again.
    also=f"told_at = CASE WHEN {GROUP.format('kept')} = {GROUP.format('excluded')} THEN kept.told_at END",
)


@transaction.atomic
def upsert_answers(rows: Sequence[AnswerRow], *, told: Collection[str] | None = None, by: Who = None) -> Counts:
    """Written, and told: what is news opens its follow-ups, what is older stands on the timeline."""
    counts = Counts()
    for kind, places in _by_kind(rows).items():
        received = ReadingKind.ANSWER if kind == SurveyKind.NPS else ""
        found = upsert(
            ANSWERS,
            [rows[place] for place in places],
            check=check_answer,
            kind=received,
            day=lambda row: row.answered_at,
            told=told,
        )
        found.refused = [(places[place], error) for place, error in found.refused]
        counts.add(found)
    tell_untold(sorted({row.account_id for row in rows}), by=by)
    return counts


def _by_kind(rows: Sequence[AnswerRow]) -> dict[str, list[int]]:
    """Places of the rows of each kind: only NPS is a reading of health."""
    places: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        places.setdefault(row.kind, []).append(place)
    return places


def check_answer(row: AnswerRow) -> AnswerRow:
    row = row._replace(
        external_id=check_text("external_id", row.external_id, 200, needed=True),
        answered_at=check_moment("answered_at", row.answered_at, timezone.now() + AHEAD),
        comment=check_text("comment", row.comment, 10_000),
        source=check_text("source", row.source, 40),
        kind=SurveyKind(check_choice("kind", row.kind, SurveyKind.values)).value,
    )
    if row.kind == SurveyKind.CHURN:
        return row._replace(score=None, reason=check_choice("reason", row.reason, ChurnReason.values))
    return row._replace(score=_whole(row), reason="")


def _whole(row: AnswerRow) -> int:
    """Programs send numbers: here "9" is a text."""
    return parse_score(None if isinstance(row.score, str) else row.score, *SCALES[SurveyKind(row.kind)])
