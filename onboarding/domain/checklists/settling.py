"""A checklist worked out anew: what opens, what is due when, how far it is, and what there is to tell of it."""

from collections.abc import Container, Iterator
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from accounts.domain import rules
from accounts.domain.activity import Fact
from accounts.domain.holidays import holidays_of
from onboarding.domain.checklists import facts
from onboarding.domain.checklists.course import Course
from onboarding.domain.checklists.soon import next_mail_at
from onboarding.domain.planning import Task, is_open, windows
from onboarding.domain.progress import Part, engagement, progress, quiet_since
from onboarding.domain.workdays import due
from onboarding.enums import ChecklistStatus, OffsetUnit, StepState
from onboarding.models import ChecklistStep

HUNDREDTH = Decimal("0.01")
LOOK_AGAIN = timedelta(days=1)  # at the latest: what was missed is found
MOMENT = timedelta(minutes=1)


def settle(course: Course) -> list[Fact]:
    """Everything that follows from where the steps stand. Safe to repeat: nothing follows twice."""
    checklist = course.checklist
    if course.running or course.reopened:
        _unlock(course)
        _plan(course)
    _count(course)
    told = [*facts.of_steps(course), *_activation(course)]
    if course.closed:
        checklist.last_progress_at = course.now
    if course.running and _is_through(course):
        told += [*_all_clear(course), _finish(course)]
    elif course.running:
        told += [*_lateness(course), *_stillness(course)]
    look_later(course)
    return told


def rest(course: Course) -> list[Fact]:
    """A checklist that runs no more is neither late nor stuck, and waits for nothing."""
    told = list(_all_clear(course))
    course.checklist.attention_at = course.checklist.next_due_on = None
    return told


# Order and dates --------------------------------------------------------------------------------------


def _unlock(course: Course) -> None:
    closed = {step.step.key for step in course.in_state(*StepState.closed())}
    for step in course.in_state(StepState.BLOCKED):
        if is_open(_task(step, course.by_key), closed):
            step.state, step.opened_at = StepState.OPEN, step.opened_at or course.now


def _task(step: ChecklistStep, known: Container[str]) -> Task:
    return Task(step.step.key, step.step.duration, tuple(key for key in step.step.after if key in known))


def _plan(course: Course) -> None:
    """O1: so many days after the anchor. O2: what comes after others is not due before its turn has come."""
    anchor, closed_days = course.checklist.anchor, holidays_of(course.checklist.account.country)
    tasks = [_task(step, course.by_key) for step in course.steps]
    own = {
        step.step.key: due(
            anchor, step.step.offset, business=step.step.offset_unit == OffsetUnit.BUSINESS, holidays=closed_days
        )
        for step in course.steps
    }
    done = {
        step.step.key: step.closed_at.astimezone(course.zone).date()
        for step in course.in_state(*StepState.closed())
        if step.closed_at
    }
    planned = windows(tasks, anchor, done, closed_days, at_least=own)
    for step, task in zip(course.steps, tasks, strict=True):
        if step.state not in StepState.closed():
            step.due_on = planned[task.key][1] if task.after else own[task.key]


# How far ----------------------------------------------------------------------------------------------


def _count(course: Course) -> None:
    checklist, steps = course.checklist, course.steps
    found = progress((step.step.required, step.state) for step in steps)
    checklist.required_steps, checklist.required_done = found.of, found.done
    share = engagement(
        [
            Part(step.step.weight, int(step.state == StepState.DONE))
            for step in steps
            if step.state != StepState.NOT_APPLICABLE
        ]
    )
    checklist.engagement = None
    if share is not None:
        exact = Decimal(share.numerator) / share.denominator
        checklist.engagement = exact.quantize(HUNDREDTH, ROUND_HALF_UP)
    dues = [step.due_on for step in course.in_state(StepState.OPEN) if step.due_on]
    checklist.next_due_on = min(dues, default=None) if course.running else None


def _activation(course: Course) -> Iterator[Fact]:
    """O6: to the moment at which it happened, not the one at which we heard of it."""
    checklist = course.checklist
    aha = next((step for step in course.steps if step.step.activation), None)
    reached = aha.closed_at if aha and aha.state == StepState.DONE else None
    if aha and reached and checklist.activated_at is None:
        yield facts.activated(course, aha, reached)
    checklist.activated_at = reached


def _is_through(course: Course) -> bool:
    """Every required step is done, skipped or does not apply; where none is required, every step."""
    needed = [step for step in course.steps if step.step.required] or course.steps
    return bool(needed) and all(step.state in StepState.closed() for step in needed)


def _finish(course: Course) -> Fact:
    checklist = course.checklist
    ends = [step.closed_at for step in course.steps if step.step.required and step.closed_at]
    checklist.status = ChecklistStatus.FINISHED
    checklist.finished_at = max([*ends, checklist.started_at]) if ends else course.now
    checklist.next_due_on = None
    return facts.finished(course)


# Behind and stuck -------------------------------------------------------------------------------------


def _lateness(course: Course) -> Iterator[Fact]:
    """Told of one step at a time: the one that is late longest; of the next when that one is done."""
    checklist, late = course.checklist, course.late()
    if checklist.behind_key and checklist.behind_key not in {step.step.key for step in late}:
        yield facts.caught_up(course)
        checklist.behind_key = ""
    if not late:
        checklist.behind_since = None
    elif not checklist.behind_key:
        checklist.behind_since = checklist.behind_since or course.now
        checklist.behind_key = late[0].step.key
        yield facts.behind(course, late[0])


def _stillness(course: Course) -> Iterator[Fact]:
    checklist, stuck = course.checklist, rules.number("onboarding.stuck_days")
    still = quiet_since(checklist.last_progress_at, course.now, stuck)
    if checklist.stuck_since and (course.closed or not still):
        checklist.stuck_since = None
        yield facts.unstuck(course)
    elif still and not checklist.stuck_since:
        checklist.stuck_since = course.now
        yield facts.stuck(course, course.next_step())


def _all_clear(course: Course) -> Iterator[Fact]:
    checklist = course.checklist
    if checklist.behind_key:
        yield facts.caught_up(course)
    if checklist.stuck_since:
        yield facts.unstuck(course)
    checklist.behind_key, checklist.behind_since, checklist.stuck_since = "", None, None


def look_later(course: Course) -> None:
    """Keep when the clock alone will say something."""
    course.checklist.attention_at = _attention(course)


def _attention(course: Course) -> datetime | None:
    checklist = course.checklist
    if not course.running:
        return None
    moments = [course.now + LOOK_AGAIN]
    if not checklist.behind_key:
        waiting = [step for step in course.in_state(StepState.OPEN) if step.step.required]
        moments += [_after(step.due_on, course.zone) for step in waiting if step.due_on]
    if not checklist.stuck_since:
        moments.append(checklist.last_progress_at + rules.days("onboarding.stuck_days"))
    if mail := next_mail_at(course):
        moments.append(mail)
    # What is past has been looked at just now.
    return min(moment if moment > course.now else course.now + MOMENT for moment in moments)


def _after(day: date, zone: Any) -> datetime:
    """O7: the first instant of the day after."""
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), zone)
