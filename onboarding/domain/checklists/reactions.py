"""What checklists do about what happens elsewhere: accounts that are new or have left, sessions that took place."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from django.utils import timezone

from accounts.enums import Stage
from accounts.models import Activity
from onboarding.domain.checklists import mails
from onboarding.domain.checklists.course import Course
from onboarding.domain.checklists.ending import cancel_of
from onboarding.domain.checklists.loading import held, keep, running_of, write
from onboarding.domain.checklists.starting import start_new
from onboarding.enums import ChecklistStatus, StepState
from onboarding.models import Checklist, Session

Attended = dict[int, dict[int, Activity]]  # by account: the session types that took place, each with what says so


def account_is_new(activities: Sequence[Activity]) -> None:
    start_new(sorted({activity.account_id for activity in activities}))


def accounts_came_in(account_ids: Sequence[int]) -> None:
    """By a file: nobody expects a mail to everybody who stands in one."""
    start_new(account_ids, greet=False)


def customer_left(activities: Sequence[Activity]) -> None:
    """They pay nothing any more, or somebody says that they are gone."""
    gone = {a.account_id for a in activities if a.kind == "account.churned" or a.data["after"] == Stage.CHURNED}
    cancel_of(sorted(gone))


def somebody_to_write_to(activities: Sequence[Activity]) -> None:
    """A checklist that began before anybody there was known is told of now."""
    accounts = {activity.account_id for activity in activities}
    waiting = Checklist.objects.filter(account__in=accounts, status=ChecklistStatus.RUNNING, mailed_at=None)
    if ids := list(waiting.values_list("pk", flat=True)):
        courses = held(ids)
        mails.welcome(courses)
        write(courses, [], None)


# Sessions ---------------------------------------------------------------------------------------------


def session_took_place(activities: Sequence[Activity]) -> None:
    """It ticks the steps that it was booked from; a session that is taken back opens them again."""
    attended = _by_type([a for a in activities if a.kind == "session.attended"])
    unmarked = _by_type([a for a in activities if a.kind == "session.unmarked"])
    courses = held(running_of({*attended, *unmarked}).values())
    for course in courses:
        _tick(course, attended.get(course.checklist.account_id, {}))
        _take_back(course, unmarked.get(course.checklist.account_id, {}))
    keep([course for course in courses if course.closed or course.reopened], None)


def _by_type(activities: Iterable[Activity]) -> Attended:
    sessions = Session.objects.filter(pk__in={activity.data["session"] for activity in activities})
    types = dict(sessions.values_list("pk", "session_type_id"))
    found: Attended = defaultdict(dict)
    for activity in activities:
        if (kind := types.get(activity.data["session"])) is not None:
            found[activity.account_id].setdefault(kind, activity)
    return found


def _tick(course: Course, types: Mapping[int, Activity]) -> None:
    for step in course.in_state(StepState.OPEN, StepState.BLOCKED):
        if (activity := types.get(step.step.session_type_id or 0)) is not None:
            course.close(step, StepState.DONE, min(activity.occurred_at, timezone.now()))


def _take_back(course: Course, types: Mapping[int, Activity]) -> None:
    """Only what ticked itself: somebody's own tick is their word."""
    for step in course.in_state(StepState.DONE):
        if (step.step.session_type_id or 0) in types and not (step.closed_by_id or step.closed_by_contact_id):
            course.open_again(step)
