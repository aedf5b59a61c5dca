"""Steps of the customer's that are due soon, and when they are to be reminded of them."""

from datetime import date, datetime, time, timedelta

from accounts.domain import rules
from onboarding.domain.checklists.course import Course
from onboarding.enums import StepOwner, StepState
from onboarding.models import ChecklistStep

APART = timedelta(days=2)  # at the least, from one mail to the next
TOO_LATE = 14  # days: by then somebody calls
MORNING = time(9)


def theirs(course: Course) -> list[ChecklistStep]:
    found = [step for step in course.in_state(StepState.OPEN) if step.step.owner == StepOwner.CUSTOMER]
    return sorted(found, key=lambda step: (step.due_on or date.max, step.step.position))


def due_soon(course: Course) -> list[ChecklistStep]:
    """Those whose time to be reminded of has come, and is not long past."""
    today = course.now.astimezone(course.zone).date()
    return [step for step, day, at in _to_remind(course) if at <= course.now and (today - day).days <= TOO_LATE]


def _to_remind(course: Course) -> list[tuple[ChecklistStep, date, datetime]]:
    """Each with its due date and when: in the morning, as their clocks tell it."""
    ahead = timedelta(days=rules.number("onboarding.remind_days"))
    return [
        (step, step.due_on, datetime.combine(step.due_on - ahead, MORNING, course.zone))
        for step in theirs(course)
        if step.due_on and step.reminded_at is None
    ]


def may_write(course: Course) -> bool:
    last = course.checklist.mailed_at
    return course.running and (last is None or course.now - last >= APART)


def next_mail_at(course: Course) -> datetime | None:
    last = course.checklist.mailed_at
    times = [at for step, day, at in _to_remind(course) if (course.now.date() - day).days <= TOO_LATE]
    first = min(times, default=None)
    return max(first, last + APART) if first and last else first
