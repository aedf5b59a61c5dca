"""Steps that tick themselves (O4): what people do in the product, counted once each, whatever order it arrives in.

Usage itself is kept elsewhere. Here stands what a running checklist waits for, from the moment it waits; what was
before is asked for when a checklist starts, when a step is opened again, and once a day, should anything be missed.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection, transaction

from accounts.domain import prepared
from accounts.registry import UsageEvent, usage_histories
from onboarding.domain.checklists.course import Course
from onboarding.domain.checklists.loading import held, keep
from onboarding.domain.ticking import Event, Rule, completed_at
from onboarding.enums import ChecklistStatus, StepState
from onboarding.models import ChecklistStep, ProductEvent

Pair = tuple[int, str]  # an account's id, and the key of an action

# Few rows, and one look into an index for each version: there is nothing that could be out of date.
WANTED = """
select distinct t.auto_action from onboarding_templatestep t
where t.auto_action <> '' and exists (
    select from onboarding_checklist c where c.version_id = t.version_id and c.status = 'running'
)
"""
WAITING = """
from onboarding_checklist c
join onboarding_checkliststep s on s.checklist_id = c.id and s.state in ('open', 'blocked')
join onboarding_templatestep t on t.id = s.step_id and t.auto_action <> ''
"""
KEEP = f"""
insert into onboarding_productevent (account_id, action, event_id, occurred_at, "user", properties)
select distinct on (e.account_id, e.action, e.event_id)
    e.account_id, e.action, e.event_id, e.occurred_at, e.who, '{{}}'::jsonb
from json_to_recordset(%s::json) as e (
    account_id bigint, action text, event_id text, occurred_at timestamptz, who text
)
where exists (
    select {WAITING} where c.account_id = e.account_id and c.status = 'running' and t.auto_action = e.action
)
order by e.account_id, e.action, e.event_id
on conflict do nothing
"""  # noqa: S608 - constants
# As many as it takes: whether they really are, in their order, is for domain/ticking.py to say.
READY = f"""
select distinct c.id {WAITING}
where c.status = 'running' and c.account_id = any(%s) and t.auto_count <= (
    select count(distinct case when t.auto_distinct = '' then e.event_id
                               when t.auto_distinct = 'user' then nullif(e."user", '')
                               else e.properties ->> t.auto_distinct end)
    from onboarding_productevent e
    where e.account_id = c.account_id and e.action = t.auto_action
      and (not t.auto_since_start or e.occurred_at >= c.started_at)
)
and (s.reopened_at is null or exists (
    select from onboarding_productevent e
    where e.account_id = c.account_id and e.action = t.auto_action and e.occurred_at > s.reopened_at
))
"""  # noqa: S608 - constants


def wanted() -> set[str]:
    """The actions that steps of running checklists are ticked by."""
    return {action for (action,) in prepared.ask(WANTED)}


@transaction.atomic
def take_events(rows: Sequence[UsageEvent]) -> int:
    """Keep what somebody waits for, and tick what is complete with it. Returns how many steps that were."""
    store(rows)
    with connection.cursor() as cursor:
        cursor.execute(READY, [sorted({row.account_id for row in rows})])
        ready = sorted(pk for (pk,) in cursor.fetchall())
    if not ready:
        return 0
    courses = held(ready)
    ticked = tick_all(courses)
    keep(courses, None)
    return ticked


def store(rows: Iterable[UsageEvent]) -> None:
    told = [
        {"account_id": row.account_id, "action": row.action, "event_id": row.event_id,
         "occurred_at": row.occurred_at.isoformat(), "who": row.user}
        for row in rows
    ]  # fmt: skip
    if told:
        with connection.cursor() as cursor:
            cursor.execute(KEEP, [json.dumps(told)])


def look_back(courses: Iterable[Course]) -> None:
    """What those who keep usage know of what these wait for."""
    pairs = sorted(
        {(course.checklist.account_id, step.step.auto_action) for course in courses for step in _waiting(course)}
    )
    if pairs:
        for source in usage_histories:
            store(source.load(pairs))


def tick_all(courses: Sequence[Course]) -> int:
    """Close the steps of these (held) whose events are complete."""
    steps = [(course, step) for course in courses for step in _waiting(course)]
    events = _events(_pairs(steps))
    ticked = 0
    for course, step in steps:
        found = events[course.checklist.account_id, step.step.auto_action]
        if found and (at := _complete(course, step, found)):
            course.close(step, StepState.DONE, at)
            ticked += 1
    return ticked


def _waiting(course: Course) -> list[ChecklistStep]:
    if course.checklist.status != ChecklistStatus.RUNNING:
        return []
    return [step for step in course.in_state(StepState.OPEN, StepState.BLOCKED) if step.step.auto_action]


def _pairs(steps: Iterable[tuple[Course, ChecklistStep]]) -> set[Pair]:
    return {(course.checklist.account_id, step.step.auto_action) for course, step in steps}


def _events(pairs: set[Pair]) -> dict[Pair, list[ProductEvent]]:
    found: dict[Pair, list[ProductEvent]] = defaultdict(list)
    if pairs:
        accounts, actions = {account for account, _a in pairs}, {action for _a, action in pairs}
        for event in ProductEvent.objects.filter(account__in=accounts, action__in=actions):
            found[event.account_id, event.action].append(event)
    return found


def _complete(course: Course, step: ChecklistStep, found: Iterable[ProductEvent]) -> datetime | None:
    rule = Rule(step.step.auto_count, step.step.auto_distinct, step.step.auto_since_start)
    events = [Event(event.event_id, event.occurred_at, _value(event, rule.distinct)) for event in found]
    return completed_at(rule, events, course.checklist.started_at, step.reopened_at)


def _value(event: ProductEvent, name: str) -> str | None:
    value = event.properties.get(name) or (event.user if name == "user" else None)
    return str(value) if value else None
