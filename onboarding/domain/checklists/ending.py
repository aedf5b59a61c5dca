"""A checklist that is given up, by hand or because its customer has left."""

from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.domain.activity import Who
from accounts.domain.text import one_line
from accounts.exceptions import Conflict, DomainError
from onboarding.domain.checklists import facts
from onboarding.domain.checklists.course import Course
from onboarding.domain.checklists.loading import held, running_of, write
from onboarding.domain.checklists.settling import rest
from onboarding.enums import ChecklistStatus
from onboarding.models import Checklist

REASON_LENGTH = 400


@transaction.atomic
def cancel(checklist: Checklist, reason: str, *, by: Who) -> Checklist:
    """With a reason; what is done stays as it is. Twice, the first reason stays."""
    if not (reason := one_line(reason, REASON_LENGTH, field="reason")):
        sentence = _("Say why it is canceled.")
        raise DomainError(sentence, code="reason_missing", errors={"reason": [sentence]})
    (course,) = held([checklist.pk])
    if course.checklist.status == ChecklistStatus.FINISHED:
        raise Conflict(_("This onboarding is finished."), code="finished")
    if course.running:
        _cancel([course], reason, by)
    return course.checklist


@transaction.atomic
def cancel_of(account_ids: Iterable[int]) -> int:
    """Of customers who have left. Returns how many there were."""
    courses = [course for course in held(running_of(account_ids).values()) if course.running]
    with translation.override(settings.LANGUAGE_CODE):
        _cancel(courses, facts.canceled_in_words({"left": True}), None, left=True)
    return len(courses)


def _cancel(courses: list[Course], reason: str, by: Who, *, left: bool = False) -> None:
    told = []
    for course in courses:
        told += [*rest(course), facts.canceled(course, reason, left=left)]
        course.checklist.status = ChecklistStatus.CANCELED
    write(courses, told, by)
