"""Time passes over checklists: steps become late, nothing moves, mails are due. One indexed look, then in sets."""

from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from onboarding.domain.checklists import events, mails
from onboarding.domain.checklists.loading import held, write
from onboarding.domain.checklists.settling import look_later, settle
from onboarding.enums import ChecklistStatus
from onboarding.models import Checklist

BATCH = 500
# Plain: nothing is due most of the time, and an ORM query would take longer to write down than to run.
DUE = "select id from onboarding_checklist where attention_at <= %s order by attention_at limit %s"


def sweep_checklists(limit: int = 10_000) -> int:
    """How many were looked at. Safe at any time, twice, and by several at once: who holds a checklist sees what
    others have done, and each look moves the next one ahead."""
    now, swept = timezone.now(), 0
    while swept < limit and (found := _due(now)):
        with transaction.atomic():
            swept += _sweep(found)
    return swept


def _due(now: datetime) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(DUE, [now, BATCH])
        return [pk for (pk,) in cursor.fetchall()]


def look_again(_keys: object = None) -> None:
    """At all that run, with the next sweep: a rule has changed."""
    Checklist.objects.filter(status=ChecklistStatus.RUNNING).update(attention_at=timezone.now())


def _sweep(ids: list[int]) -> int:
    courses = held(ids)
    events.look_back(courses)
    events.tick_all(courses)
    told = [fact for course in courses for fact in settle(course)]
    mails.welcome(courses)
    mails.remind(courses)
    for course in courses:
        look_later(course)
    write(courses, told, None)
    return len(ids)
