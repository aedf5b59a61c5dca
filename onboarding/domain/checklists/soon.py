"""Steps of the customer's that are due soon, and when they are to be reminded of them."""

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from accounts.domain import rules
from onboarding.enums import StepOwner, StepState
from onboarding.models import ChecklistStep

if TYPE_CHECKING:
    from onboarding.domain.checklists.course import Course

APART = timedelta(days=2)  # at the least, from one mail to the next
TOO_LATE = 14  # days: by then somebody calls
MORNING = time(9)


def theirs(course: "Course") -> list[ChecklistStep]:
    found = [step for step in course.in_state(StepState.OPEN) if step.step.owner == StepOwner.CUSTOMER]
    return sorted(found, key=lambda step: (step.due_on or date.max, step.step.position))


def due_soon(course: "Course") -> list[ChecklistStep]:
    today = course.now.astimezone(course.zone).date()
    ahead = rules.number("onboarding.remind_days")
    return [
        step
        for step in theirs(course)
        if step.due_on and step.reminded_at is None and -TOO_LATE <= (step.due_on - today).days <= ahead
    ]


def may_write(course: "Course") -> bool:
    last = course.checklist.mailed_at
    return course.running and (last is None or course.now - last >= APART)


def next_mail_at(course: "Course") -> datetime | None:
    """When the first of their steps is to be reminded of: in the morning, as their clocks tell it."""
    ahead = timedelta(days=rules.number("onboarding.remind_days"))
    days = [s.due_on - ahead for s in theirs(course) if s.due_on and s.reminded_at is None]
    if not days:
        return None
    morning = datetime.combine(min(days), MORNING, course.zone)
    last = course.checklist.mailed_at
    return max(morning, last + APART) if last else morning
