"""What people wrote, newest first: of everybody, or of one account."""

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.domain import keyset
from accounts.models import Account
from health.domain.surveys.figures.voice import Filters, Period
from health.enums import NpsGroup, SurveyKind
from health.models import Answer

PAGE_SIZE = 25
NEWEST_FIRST = keyset.Order("answered_at", descending=True)
RANGES = {NpsGroup.DETRACTOR: (0, 6), NpsGroup.PASSIVE: (7, 8), NpsGroup.PROMOTER: (9, 10)}
# What may be shown: those with words, or every answer.
WORDS, ALL = "words", "all"
SHOWN = ((WORDS, _("With a comment")), (ALL, _("All answers")))


def page(
    period: Period,
    filters: Filters | None = None,
    *,
    kind: str = SurveyKind.NPS,
    group: str = "",
    language: str = "",
    q: str = "",
    shown: str = WORDS,
    after: str = "",
    before: str = "",
    size: int = PAGE_SIZE,
) -> keyset.Page:
    """Answers with account, segment, contact and survey, in one query. BadPositionError where `after` or `before`
    is not one of ours."""
    rows = answers(period, filters, kind=kind, group=group, language=language, q=q)
    if shown == WORDS:
        rows = rows.exclude(comment="")
    column = Answer._meta.get_field("answered_at")
    return keyset.page(
        rows,
        NEWEST_FIRST,
        after=keyset.read_position(after, column) if after else None,
        before=keyset.read_position(before, column) if before else None,
        size=size,
        at=lambda row: (row.answered_at, row.pk),
    )


def answers(
    period: Period,
    filters: Filters | None = None,
    *,
    kind: str = SurveyKind.NPS,
    group: str = "",
    language: str = "",
    q: str = "",
) -> QuerySet[Answer]:
    rows = _with_names(Answer.objects.filter(kind=kind)).filter(
        _of(filters or Filters()), answered_at__gte=period.starts, answered_at__lt=period.ends
    )
    if group in RANGES:
        rows = rows.filter(score__range=RANGES[NpsGroup(group)])
    if language:
        rows = rows.filter(contact__language=language)
    if q := q.replace("\0", "").strip():
        rows = rows.filter(pk__in=_saying(q, period))
    return rows


def _saying(q: str, period: Period) -> QuerySet[Answer, Any]:
    """Words and names of companies are found by their trigrams, each by its own index: with "or" none would be used."""
    within = Answer.objects.filter(answered_at__gte=period.starts, answered_at__lt=period.ends)
    return (
        Answer.objects.filter(comment__icontains=q)
        .values("pk")
        .union(
            Answer.objects.filter(account__in=Account.objects.filter(name__icontains=q)).values("pk"),
            within.filter(contact__name__icontains=q).values("pk"),
        )
    )


def of_account(account: Account, count: int = 20) -> list[Answer]:
    """All that its people answered, of every kind, newest first."""
    return list(_with_names(account.answers.all()).order_by("-answered_at", "-pk")[:count])


def _with_names(rows: QuerySet[Answer]) -> QuerySet[Answer]:
    return rows.select_related("account__segment", "contact", "survey")


def _of(filters: Filters) -> Q:
    q = Q()
    if filters.segment:
        q &= Q(account__segment__key=filters.segment)
    if filters.plan:
        q &= Q(account__plan__key=filters.plan)
    if filters.csm is not None:
        q &= Q(account__csm=filters.csm)
    if filters.survey is not None:
        q &= Q(survey=filters.survey)
    return q
