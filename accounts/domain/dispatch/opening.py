"""Opening follow-ups, thousands in one statement, each at most once.

The database decides: one open row for each (account, playbook, subject), and none within the cool-down. What it
refuses is counted on the row that is open, or held back until the cool-down ends: a state is looked at again then
(retrying.py), and what may have passed by itself, without a sign of it, is skipped.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

import structlog
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from accounts.domain.activity import Fact, record_facts
from accounts.domain.dispatch.matching import Opening, moment
from accounts.domain.prepared import ask
from accounts.enums import DeliveryStatus
from accounts.models import Playbook

log = structlog.get_logger(__name__)

COUNTED = gettext_noop("Counted on the follow-up that was open already.")
COOL_DOWN = gettext_noop("Cool-down until %(until)s.")
HELD = gettext_noop("Cool-down until %(until)s: opens then, unless it has cleared.")
ROUNDS = 3


@dataclass
class Result:
    """How it ended for one opening."""

    opening: Opening
    status: DeliveryStatus = DeliveryStatus.DONE
    note: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    follow_up_id: int | None = None
    again_at: datetime | None = None


Group = list[Opening]  # of one key, oldest activity first


def open_all(openings: Iterable[Opening]) -> list[Result]:
    """In one go; if anything in it cannot be written, each by itself, so that one does not hold up the others."""
    # Everybody inserts in the same order: two batches never wait for each other in a circle.
    ordered = sorted(openings, key=lambda o: (o.key, o.activity.occurred_at, o.activity.id))
    groups = [list(group) for _key, group in groupby(ordered, key=lambda o: o.key)]
    if not groups:
        return []
    try:
        with transaction.atomic():
            return _open(groups)
    except Exception:
        if len(groups) == 1:
            raise
        log.exception("opening together failed, trying one by one", count=len(ordered))
    return [result for group in groups for result in _open_alone(group)]


def _open_alone(group: Group) -> list[Result]:
    try:
        with transaction.atomic():
            return _open([group])
    except Exception as error:
        log.exception("a follow-up could not be opened", key=group[0].key)
        return [Result(o, DeliveryStatus.FAILED, f"{type(error).__name__}: {error}"[:2000]) for o in group]


def _open(groups: list[Group]) -> list[Result]:
    results: list[Result] = []
    left = groups
    for _round in range(ROUNDS):
        left = _take(left, _insert, _opened, results)
        left = _take(left, _lock_open, _counted, results)
        left = _take(left, _cooling, _held_back, results)
        if not left:
            return results
        # Between two looks the open one was closed, or a cool-down ended: look again.
    raise RuntimeError(f"{left[0][0].key} neither opens nor is open")


def _take(
    groups: list[Group],
    find: Callable[[list[Group]], dict[tuple, Any]],
    end: Callable[[list[tuple[Group, Any]]], list[Result]],
    results: list[Result],
) -> list[Group]:
    """End the groups that `find` has something for; the others are left."""
    if not groups:
        return []
    found = find(groups)
    results += end([(group, found[group[0].key]) for group in groups if group[0].key in found])
    return [group for group in groups if group[0].key not in found]


# New ones ---------------------------------------------------------------------------------------------

INSERT = """
insert into accounts_followup (
    account_id, playbook_id, subject, kind, title, reason, instructions, steps, texts, activity_id, priority, promise,
    assignee_id, due_at, expected_loss, status, opened_at, occurrences, snooze_reason, outcome, outcome_note, holds
)
select r.*, 'open', %(now)s, 1, '', '', '', tstzrange(%(now)s, null)
from json_to_recordset(%(rows)s::json) as r (
    account_id bigint, playbook_id bigint, subject text, kind text, title text, reason text, instructions text,
    steps jsonb, texts jsonb, activity_id bigint, priority smallint, promise boolean, assignee_id bigint,
    due_at timestamptz, expected_loss numeric
)
on conflict do nothing
returning id, account_id, playbook_id, subject
"""


def _insert(groups: list[Group]) -> dict[tuple, int]:
    rows = [_row(group[0], min(opening.due_at for opening in group)) for group in groups]
    return {tuple(key): pk for pk, *key in ask(INSERT, {"now": timezone.now(), "rows": json.dumps(rows)})}


def _row(opening: Opening, due_at: datetime) -> dict[str, Any]:
    playbook, (account_id, playbook_id, subject) = opening.prepared.playbook, opening.key
    return {
        "account_id": account_id,
        "playbook_id": playbook_id,
        "subject": subject,
        "kind": playbook.key,
        "title": opening.title,
        "reason": opening.reason,
        "instructions": opening.instructions,
        "steps": opening.steps,
        "texts": opening.texts,
        "activity_id": opening.activity.id,
        "priority": playbook.priority,
        "promise": playbook.promise,
        "assignee_id": opening.assignee_id,
        "due_at": due_at.isoformat(),
        "expected_loss": str(opening.expected_loss),
    }


def _opened(found: list[tuple[Group, int]]) -> list[Result]:
    record_facts(
        Fact(
            group[0].activity.account_id,
            "followup.opened",
            {"follow_up": pk, "title": group[0].title},
            cause_id=group[0].activity.id,
        )
        for group, pk in found
    )
    again = _counted([(group[1:], pk) for group, pk in found if group[1:]])
    return [Result(group[0], follow_up_id=pk) for group, pk in found] + again


# Repeats ----------------------------------------------------------------------------------------------

REPEATS = """
with given as (
    select * from unnest(%s::bigint[], %s::bigint[], %s::timestamptz[], %s::timestamptz[])
        as g (follow_up_id, activity_id, occurred_at, due_at)
),
repeats as (
    insert into accounts_occurrence (follow_up_id, activity_id, occurred_at)
    select g.follow_up_id, g.activity_id, g.occurred_at from given g
    join accounts_followup f on f.id = g.follow_up_id
    where f.activity_id is distinct from g.activity_id
    on conflict do nothing
    returning follow_up_id, activity_id
),
told as (
    select follow_up_id, count(*) as number, max(occurred_at) as last, min(due_at) as due_at
    from repeats join given using (follow_up_id, activity_id)
    group by follow_up_id
)
update accounts_followup f set
    occurrences = f.occurrences + told.number,
    last_occurrence_at = greatest(f.last_occurrence_at, told.last),
    -- Only ever earlier. What sleeps and is no promise is not due before it wakes.
    due_at = least(f.due_at, case when f.status = 'snoozed' and not f.promise
        then greatest(told.due_at, f.snoozed_until) else told.due_at end)
from told where f.id = told.follow_up_id
"""


def _keys(groups: list[Group]) -> list[list[Any]]:
    return [list(column) for column in zip(*(group[0].key for group in groups), strict=True)]


def _lock_open(groups: list[Group]) -> dict[tuple, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select f.id, f.account_id, f.playbook_id, f.subject from accounts_followup f"
            " join unnest(%s::bigint[], %s::bigint[], %s::text[]) as k (account_id, playbook_id, subject)"
            " using (account_id, playbook_id, subject)"
            " where f.status in ('open', 'snoozed') order by f.id for no key update of f",
            _keys(groups),
        )
        return {tuple(key): pk for pk, *key in cursor.fetchall()}


def _counted(found: list[tuple[Group, int]]) -> list[Result]:
    repeats = [(pk, opening) for group, pk in found for opening in group]
    if not repeats:
        return []
    rows = [(pk, o.activity.id, o.activity.occurred_at, o.due_at) for pk, o in repeats]
    with connection.cursor() as cursor:
        cursor.execute(REPEATS, list(map(list, zip(*rows, strict=True))))
    return [Result(opening, note=COUNTED, follow_up_id=pk) for pk, opening in repeats]


# Within the cool-down ---------------------------------------------------------------------------------


def _cooling(groups: list[Group]) -> dict[tuple, datetime]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select f.account_id, f.playbook_id, f.subject, max(upper(f.holds)) from accounts_followup f"
            " join unnest(%s::bigint[], %s::bigint[], %s::text[]) as k (account_id, playbook_id, subject)"
            " using (account_id, playbook_id, subject)"
            " where f.status in ('done', 'canceled') and upper(f.holds) > %s group by 1, 2, 3",
            [*_keys(groups), timezone.now()],
        )
        return {tuple(key): until for *key, until in cursor.fetchall()}


def _held_back(found: list[tuple[Group, datetime]]) -> list[Result]:
    record_facts(
        Fact(
            group[0].activity.account_id,
            "followup.held_back",
            {"title": group[0].title, "playbook": group[0].prepared.playbook.name, "until": until},
            cause_id=group[0].activity.id,
        )
        for group, until in found
    )
    return [_after(opening, until) for group, until in found for opening in group]


def _after(opening: Opening, until: datetime) -> Result:
    note, told = held_back(opening.prepared.playbook), {"until": moment(until)}
    if note == HELD:
        return Result(opening, DeliveryStatus.PENDING, note, told, again_at=until)
    return Result(opening, DeliveryStatus.SKIPPED, note, told)


def held_back(playbook: Playbook) -> str:
    """What a cool-down does: only of what is known to close by itself is it known whether it still holds."""
    return HELD if playbook.closes_on else COOL_DOWN
