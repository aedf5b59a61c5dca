"""A page of the queue, its outline, and how many there are, in one statement each.

Plain rows instead of model instances, and each group read only while the page has room: at 100,000 open
follow-ups the page reads a few hundred of them. A statement that names all groups takes PostgreSQL longer to plan than
to run, so a first page is counted first and asks for the groups it reaches into.
"""

# ruff: noqa: S608 - statements are put together from constants of this package; values travel as parameters

import json
from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Any

from django.db import connection

from accounts.domain.order import Nearness, kept_until
from accounts.domain.queue.asked import Cursor, QueueFilters, QueuePage
from accounts.domain.queue.groups import CLOSED, PARTS, SNOOZED, STAKE, Group, Part
from accounts.domain.queue.where import conditions
from accounts.enums import FollowUpStatus

PAGE = 50


COUNTED = 100  # from there on a group says "99+": nobody works a list by its length


COLUMNS = {
    "id": "f.id",
    "title": "f.title",
    "reason": "f.reason",
    "priority": "f.priority",
    "promise": "f.promise",
    "status": "f.status",
    "due_at": "f.due_at",
    "occurrences": "f.occurrences",
    "snoozed_until": "f.snoozed_until",
    "snooze_reason": "f.snooze_reason",
    "closed_at": "f.closed_at",
    "outcome": "f.outcome",
    "assignee_id": "f.assignee_id",
    "assignee__name": "u.name",
    "account_id": "f.account_id",
    "account__name": "a.name",
    "account__band": "a.band",
    "account__mrr": "a.mrr",
    "account__csm_id": "a.csm_id",
    "activity__kind": "t.kind",
    "activity__data": "t.data",
}


# Nearness moves with the clock, so no index holds the order. But it never exceeds what it is at the start of
# the part: once a page's worth of rows is known, whoever has less at stake than the last of them cannot overtake.
BOUND = """ and f.expected_loss >= coalesce((
    select (min(seen.score) / {most} * 0.999999)::numeric from (
        select {score} as score from accounts_followup f where {where}
        order by f.expected_loss desc, f.id limit %(limit)s
    ) seen having count(*) = %(limit)s
), 0)"""


SQL = """
with page as materialized (select * from ({parts}) parts limit %(limit)s)
select page.part, page.score, {columns}
from page
join accounts_followup f on f.id = page.id
"""


JOINS = """
join accounts_account a on a.id = f.account_id
left join accounts_user u on u.id = f.assignee_id
left join accounts_activity t on t.id = f.activity_id
"""


def queue_page(
    filters: QueueFilters,
    *,
    now: datetime,
    tz: tzinfo,
    after: Cursor | None = None,
    limit: int = PAGE,
    count: bool = True,
) -> QueuePage:
    """Two queries, however many groups the page spans: (on a first page) how many each group has, and the rows.
    A search needs one more."""
    now = after.as_of if after else now
    parts = _parts_of(filters)
    where, params = conditions(filters)
    params |= _bounds(now, tz) | {"limit": limit + 1}
    counted = _counted(parts, where, params) if count and after is None else None
    rows = _fetch(parts, where, params, after, counted=counted)
    if counted and len(rows) < min(limit + 1, sum(counted)):  # somebody was quicker: now all groups are asked
        rows = _fetch(parts, where, params, after)
    last = rows[limit - 1] if len(rows) > limit else None
    following = Cursor(now, last["part"], last["score"], last["id"]) if last else None
    return QueuePage(rows[:limit], now, following, _by_group(parts, counted) if counted else {})


def queue_outline(filters: QueueFilters, *, now: datetime, tz: tzinfo, limit: int = PAGE) -> list[dict[str, Any]]:
    """Which rows a first page has: id, group, assignee_id. One query, for whoever asks every few seconds."""
    parts = _parts_of(filters)
    where, params = conditions(filters)
    return _fetch(parts, where, params | _bounds(now, tz) | {"limit": limit}, None, names=("id", "assignee_id"))


def _parts_of(filters: QueueFilters) -> Sequence[Part]:
    return SNOOZED if filters.snoozed else CLOSED if filters.closed else PARTS


def _bounds(now: datetime, tz: tzinfo) -> dict[str, Any]:
    """Where today and the seven days after it end for the reader. Not at the end of the calendar's week: on a Sunday
    what is due on Monday would be far away."""
    midnight = now.astimezone(tz).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    near = Nearness.now()
    return {
        "now": now,
        "promised": kept_until(now, tz),
        "tomorrow": midnight + timedelta(days=1),
        "later": midnight + timedelta(days=8),
        "far": near.seconds,
        "least": near.least,
    }


def _fetch(
    parts: Sequence[Part],
    where: str,
    params: dict[str, Any],
    after: Cursor | None,
    *,
    names: Sequence[str] = tuple(COLUMNS),
    counted: Sequence[int] | None = None,
) -> list[dict[str, Any]]:
    pieces, values = [], dict(params)
    reached = _reached(counted, params["limit"]) if counted else range(after.part if after else 0, len(parts))
    for number in reached:
        part = parts[number]
        condition = f"{part.where} {where}"
        if after and number == after.part:
            condition += f" and {_key(part)} <= %(score)s and ({_key(part)} < %(score)s or f.id > %(last)s)"
            values |= {"score": after.score, "last": after.id}
        if part.starts and not (counted and counted[number] < COUNTED):  # few are sorted as they are
            near = Nearness(values["far"], values["least"])
            values[f"most_{number}"] = near.of(values[part.starts], values["now"])
            condition += BOUND.format(where=condition, score=part.score, most=f"%(most_{number})s")
        pieces.append(
            f"(select f.id, {number} as part, {part.score} as score from accounts_followup f"
            f" where {condition} order by {_key(part)} desc, f.id limit %(limit)s)"
        )
    if not pieces:
        return []
    statement = SQL.format(parts=" union all ".join(pieces), columns=", ".join(COLUMNS[name] for name in names))
    statement += JOINS if len(names) == len(COLUMNS) else ""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows = [dict(zip(("part", "score", *names), row, strict=True)) for row in cursor.fetchall()]
    return _finished(rows, parts)


def _reached(counted: Sequence[int], limit: int) -> list[int]:
    """The parts that have rows, until the page is full."""
    reached, room = [], limit
    for number, count in enumerate(counted):
        if count and room > 0:
            reached.append(number)
            room -= count
    return reached


def _key(part: Part) -> str:
    # The stake alone is a column of an index; its cast to float is not.
    return "f.expected_loss" if part.score == STAKE else part.score


def _finished(rows: list[dict[str, Any]], parts: Sequence[Part]) -> list[dict[str, Any]]:
    rows.sort(key=lambda row: (row["part"], -row["score"], row["id"]))
    for row in rows:
        row["group"] = parts[row["part"]].group
        if isinstance(row.get("activity__data"), str):
            row["activity__data"] = json.loads(row["activity__data"])
    return rows


def _counted(parts: Sequence[Part], where: str, params: dict[str, Any]) -> Sequence[int]:
    """How many each part has, up to COUNTED."""
    capped = (
        f"(select count(*) from (select 1 from accounts_followup f where {part.where} {where} limit {COUNTED}) c)"
        for part in parts
    )
    with connection.cursor() as cursor:
        cursor.execute(f"select {', '.join(capped)}", params)
        return cursor.fetchone()


def _by_group(parts: Sequence[Part], counted: Sequence[int]) -> dict[Group, int]:
    counts: dict[Group, int] = {}
    for part, number in zip(parts, counted, strict=True):
        counts[part.group] = min(COUNTED, counts.get(part.group, 0) + number)
    return counts


def open_count(filters: QueueFilters) -> int:
    """For the badge in the navigation, up to COUNTED."""
    where, params = conditions(filters)
    state = FollowUpStatus.SNOOZED if filters.snoozed else FollowUpStatus.OPEN
    with connection.cursor() as cursor:
        cursor.execute(
            f"select count(*) from (select 1 from accounts_followup f where f.status = '{state.value}' {where}"
            f" limit {COUNTED}) c",
            params,
        )
        return cursor.fetchone()[0]
