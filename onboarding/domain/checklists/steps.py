"""What people do to a step: done, left out, opened again. Twice is once."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.domain.activity import Who
from accounts.domain.plans.changing import customer
from accounts.domain.text import one_line
from accounts.exceptions import Conflict, Forbidden
from accounts.models import Contact, User
from onboarding.domain.checklists import events
from onboarding.domain.checklists.course import Course
from onboarding.domain.checklists.loading import held, keep, running_of
from onboarding.enums import ChecklistStatus, StepOwner, StepState
from onboarding.models import ChecklistStep

NOTE_LENGTH = 400


def tick(step: ChecklistStep, *, by: Who = None, contact: Contact | None = None, note: str = "") -> ChecklistStep:
    """Done, by one of the team or by the customer, whose own steps these must be."""
    return _close(step, StepState.DONE, by, contact, note)


def skip(step: ChecklistStep, *, by: Who, note: str = "") -> ChecklistStep:
    """Left out: what waits for it goes on, progress counts it as not done."""
    return _close(step, StepState.SKIPPED, by, None, note)


def not_applicable(step: ChecklistStep, *, by: Who, note: str = "") -> ChecklistStep:
    """Not for this account: progress does not count it at all."""
    return _close(step, StepState.NOT_APPLICABLE, by, None, note)


@transaction.atomic
def reopen(step: ChecklistStep, *, by: Who, contact: Contact | None = None, note: str = "") -> ChecklistStep:
    """Open again, and it stays so until something new happens (O4). A checklist that was finished by it runs again."""
    course, row = _held(step)
    _may(row, contact)
    if row.state not in StepState.closed():
        return row
    if course.checklist.status == ChecklistStatus.CANCELED:
        raise Conflict(_("This onboarding has been canceled."), code="canceled")
    if course.checklist.status == ChecklistStatus.FINISHED:
        _run_again(course)
    course.open_again(row, note=_note(note))
    keep([course], _who(by, contact))
    # While it was done nobody kept what happened: it counts again to how often something must have happened.
    events.look_back([course])
    return row


def _run_again(course: Course) -> None:
    checklist = course.checklist
    if running_of([checklist.account_id]):
        raise Conflict(_("Another onboarding of this account is running."), code="one_running")
    checklist.status, checklist.finished_at = ChecklistStatus.RUNNING, None
    checklist.last_progress_at = course.now


@transaction.atomic
def _close(step: ChecklistStep, state: str, by: Who, contact: Contact | None, note: str) -> ChecklistStep:
    course, row = _held(step)
    _may(row, contact)
    if row.state == state:
        return row
    _must_run(course)
    if row.state in StepState.closed():
        raise Conflict(_("This step is closed already. Open it again first."), code="closed")
    if row.state == StepState.BLOCKED and state == StepState.DONE:
        raise Conflict(_("This step waits for another one."), code="blocked")
    whose: dict[str, Any] = {"user": by if isinstance(by, User) else None, "contact": contact}
    course.close(row, state, course.now, note=_note(note), **whose)
    keep([course], _who(by, contact))
    return row


def _held(step: ChecklistStep) -> tuple[Course, ChecklistStep]:
    courses = held([step.checklist_id])
    row = next((row for course in courses for row in course.steps if row.pk == step.pk), None)
    if row is None:  # a change of the template has taken it out meanwhile
        raise Conflict(_("This step is not on the checklist any more."), code="gone")
    return courses[0], row


def _must_run(course: Course) -> None:
    sentences: dict[str, Callable[[], str]] = {
        ChecklistStatus.FINISHED: lambda: _("This onboarding is finished."),
        ChecklistStatus.CANCELED: lambda: _("This onboarding has been canceled."),
    }
    if sentence := sentences.get(course.checklist.status):
        raise Conflict(sentence(), code=course.checklist.status)


def _may(step: ChecklistStep, contact: Contact | None) -> None:
    if contact and step.step.owner != StepOwner.CUSTOMER:
        raise Forbidden(_("This step is ours to do. We tick it for you."), code="not_yours")


def _who(by: Who, contact: Contact | None) -> Who:
    return customer(contact) if contact else by


def _note(text: str) -> str:
    return one_line(text, NOTE_LENGTH, field="note")
