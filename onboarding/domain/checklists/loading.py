"""Checklists held, worked out anew and kept: in sets, with as many statements for a thousand as for one."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from accounts.domain.activity import Fact, Who, record_facts
from accounts.domain.bulk import chunks
from onboarding.domain.checklists import rows
from onboarding.domain.checklists.course import Course
from onboarding.domain.checklists.settling import settle
from onboarding.domain.checklists.standing import move_on
from onboarding.enums import ChecklistStatus
from onboarding.models import Checklist, ChecklistStep

AT_ONCE = 1000
# Everybody holds the account first and then its checklist, each in order of id: nobody waits in a circle.
HOLD = """
select id from accounts_account
where id in (select account_id from onboarding_checklist where id = any(%s)) order by id for no key update
"""
NEEDED = (
    *(field.attname for field in Checklist._meta.concrete_fields),
    "account__time_zone", "account__country", "account__stage", "version__template__name",
)  # fmt: skip


def refresh(checklist_ids: Iterable[int], *, by: Who = None) -> int:
    """Work them out anew: after their steps were changed, or a rule. Returns how many there are."""
    total = 0
    for chunk in chunks(checklist_ids, AT_ONCE):
        with transaction.atomic():
            courses = held(chunk)
            keep(courses, by)
            total += len(courses)
    return total


def held(checklist_ids: Iterable[int], now: datetime | None = None) -> list[Course]:
    """Nobody else changes them until the transaction is through."""
    ids = list(checklist_ids)
    with connection.cursor() as cursor:
        cursor.execute(HOLD, [ids])
    found = Checklist.objects.filter(pk__in=ids).order_by("pk").select_for_update(of=("self",), no_key=True)
    checklists = list(found.select_related("account", "version__template").only(*NEEDED))
    # Looked at after the wait for others: time goes on meanwhile.
    return courses_of(checklists, now or timezone.now())


def courses_of(checklists: Sequence[Checklist], now: datetime) -> list[Course]:
    steps: dict[int, list[ChecklistStep]] = {checklist.pk: [] for checklist in checklists}
    found = ChecklistStep.objects.filter(checklist__in=list(steps)).select_related("step")
    for step in found.order_by("checklist_id", "step__position", "pk"):
        steps[step.checklist_id].append(step)
    return [Course(checklist, steps[checklist.pk], now) for checklist in checklists]


def keep(courses: Sequence[Course], by: Who) -> None:
    """Settle them, write what has changed, tell what has happened, and move on the accounts whose way is over."""
    told: list[Fact] = []
    for course in courses:
        told += settle(course)
    write(courses, told, by)


def write(courses: Sequence[Course], told: Iterable[Fact], by: Who) -> None:
    rows.write(((c.checklist, c.steps) for c in courses), {k: v for c in courses for k, v in c.before.items()})
    record_facts(told, by=by)
    move_on({course.checklist.account_id: course.checklist.status for course in courses if course.turned}, by)


def running_of(account_ids: Iterable[int]) -> dict[int, int]:
    """The checklist that each of these accounts is on, by account."""
    rows = Checklist.objects.filter(account__in=list(account_ids), status=ChecklistStatus.RUNNING)
    return dict(rows.values_list("account_id", "pk"))
