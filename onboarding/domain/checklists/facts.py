"""What happens to checklists, as activities. Titles stand there as the team reads them: in our own language."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.domain.activity import Fact
from onboarding.domain.checklists.course import Course
from onboarding.domain.wording import in_language
from onboarding.enums import StepState
from onboarding.models import Checklist, ChecklistStep

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def title_of(step: ChecklistStep) -> str:
    with translation.override(settings.LANGUAGE_CODE):
        return in_language(step.step.texts, "title") or step.step.key


def about(checklist: Checklist) -> dict[str, Any]:
    return {"checklist": checklist.pk, "template": str(checklist.version.template)}


def about_step(course: Course, step: ChecklistStep) -> dict[str, Any]:
    return {**about(course.checklist), "step": title_of(step), "key": step.step.key}


def _fact(course: Course, kind: str, data: dict[str, Any], at: datetime | None = None) -> Fact:
    return Fact(course.checklist.account_id, f"checklist.{kind}", data, at or course.now)


def started(course: Course) -> Fact:
    checklist = course.checklist
    return _fact(course, "started", {**about(checklist), "started_at": checklist.started_at.isoformat()})


def of_steps(course: Course) -> Iterator[Fact]:
    """All with the engagement that they end at."""
    score = course.checklist.engagement
    for step in course.closed:
        told = {**about_step(course, step), "engagement": score, "note": step.note}
        if step.state == StepState.DONE:
            itself = not (step.closed_by or step.closed_by_contact)
            told |= {"owner": step.step.owner, "by_itself": "yes" if itself else "no"}
            yield _fact(course, "step_done", told, step.closed_at)
        else:
            yield _fact(course, "step_skipped", {**told, "how": step.state}, step.closed_at)
    for step in course.reopened:
        yield _fact(course, "step_reopened", {**about_step(course, step), "engagement": score, "note": step.note})


def activated(course: Course, step: ChecklistStep, at: datetime) -> Fact:
    """What was reached before the start took no time."""
    hours = max(at - course.checklist.started_at, timedelta(0)) // HOUR
    return _fact(course, "activated", {**about_step(course, step), "hours": hours}, at)


def finished(course: Course) -> Fact:
    checklist = course.checklist
    days = (checklist.finished_at - checklist.started_at) // DAY if checklist.finished_at else 0
    return _fact(course, "finished", {**about(checklist), "days": days})


def canceled(course: Course, reason: str, *, left: bool = False) -> Fact:
    return _fact(course, "canceled", {**about(course.checklist), "reason": reason, "left": left})


def canceled_in_words(data: Mapping[str, Any]) -> str:
    """The product's own reason, in the reader's language; what somebody wrote stays as written."""
    return _("The customer has left.") if data.get("left") else ""


def behind(course: Course, step: ChecklistStep) -> Fact:
    due = step.due_on.isoformat() if step.due_on else ""
    return _fact(course, "behind", {**about_step(course, step), "due": due, "owner": step.step.owner})


def caught_up(course: Course) -> Fact:
    """Of the step that was told of; a change of the template may have dropped it since."""
    key = course.checklist.behind_key
    step = course.by_key.get(key)
    told = about_step(course, step) if step else {**about(course.checklist), "step": key, "key": key}
    return _fact(course, "caught_up", told)


def stuck(course: Course, step: ChecklistStep | None) -> Fact:
    days = (course.now - course.checklist.last_progress_at) // DAY
    named = about_step(course, step) if step else {**about(course.checklist), "step": "", "key": ""}
    return _fact(course, "stuck", {**named, "days": days, "owner": step.step.owner if step else ""})


def unstuck(course: Course) -> Fact:
    return _fact(course, "unstuck", about(course.checklist))
