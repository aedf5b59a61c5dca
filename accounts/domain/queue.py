"""One page of the queue: follow-ups in their order, grouped, by keyset, in one statement.

Plain rows instead of model instances, and each group read only while the page has room: at 100,000 open
follow-ups the page reads a few hundred of them.
"""

# ruff: noqa: S608 - statements are put together from constants of this module; values travel as parameters

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Any, NamedTuple

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _, pgettext_lazy

from accounts.domain.order import Nearness, kept_until
from accounts.enums import FollowUpStatus
from accounts.exceptions import DomainError

PAGE = 50
COUNTED = 100  # from there on a group says "99+": nobody works a list by its length


class Group(StrEnum):
    PROMISED = "promised"
    OVERDUE = "overdue"
    TODAY = "today"
    WEEK = "week"
    LATER = "later"
    SNOOZED = "snoozed"
    CLOSED = "closed"


GROUP_LABELS = {
    Group.PROMISED: pgettext_lazy("queue", "Promises"),
    Group.OVERDUE: pgettext_lazy("queue", "Overdue"),
    Group.TODAY: pgettext_lazy("queue", "Today"),
    Group.WEEK: pgettext_lazy("queue", "Next 7 days"),
    Group.LATER: pgettext_lazy("queue", "Later"),
    Group.SNOOZED: pgettext_lazy("queue", "Snoozed"),
    Group.CLOSED: pgettext_lazy("queue", "Done in the last 14 days"),
}


@dataclass(frozen=True)
class QueueFilters:
    """What the reader asked for. Empty means no restriction."""

    assignee: int | None = None
    team_of: int | None = None  # a manager's people, and the manager
    unassigned: bool = False
    kinds: Sequence[str] = ()
    playbooks: Sequence[int | None] = ()  # the same by id, as an index has it; None: written by hand
    bands: Sequence[str] = ()
    segments: Sequence[int] = ()
    priorities: Sequence[int] = ()
    account: int | None = None
    ids: Sequence[int] = ()
    text: str = ""  # in the title, or the account's name
    snoozed: bool = False  # the sleeping ones instead of those to do
    closed: bool = False  # what was done or canceled lately instead

    def of(self, ids: Sequence[int]) -> "QueueFilters":
        """The same question about these rows only. No ids: nothing, not everything."""
        return replace(self, ids=list(ids) or [0])


class Cursor(NamedTuple):
    """Where a page ended. `as_of` keeps the order of the first page while the clock moves on."""

    as_of: datetime
    part: int
    score: float
    id: int

    def __str__(self) -> str:
        values = [self.as_of.isoformat(), self.part, self.score, self.id]
        return urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """DomainError for what no page of ours has given out."""
        try:
            as_of, part, score, pk = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            cursor = cls(datetime.fromisoformat(as_of), int(part), float(score), int(pk))
        except (ValueError, TypeError, OverflowError):
            cursor = None
        if cursor is None or not cursor.plausible():
            raise DomainError(_("This page does not exist any more."), code="cursor_wrong", status=400)
        return cursor

    def plausible(self) -> bool:
        recent = self.as_of.tzinfo is not None and abs(timezone.now() - self.as_of) < timedelta(days=30)
        return recent and 0 <= self.part < len(PARTS) and abs(self.id) < 2**63


@dataclass
class QueuePage:
    rows: list[dict[str, Any]]
    now: datetime
    next: Cursor | None = None
    counts: dict[Group, int] = field(default_factory=dict)

    @property
    def groups(self) -> list[tuple[Group, list[dict[str, Any]]]]:
        """The rows under their headings, in order; a group without rows on this page is left out."""
        found: dict[Group, list[dict[str, Any]]] = {}
        for row in self.rows:
            found.setdefault(row["group"], []).append(row)
        return list(found.items())

    @property
    def total(self) -> int:
        return sum(self.counts.values())


class Part(NamedTuple):
    """A stretch of the queue with one order. Promises have two: those that are broken, and those to keep by tomorrow. A
    promise further ahead waits for its day among the others."""

    group: Group
    where: str
    score: str
    starts: str = ""  # the parameter that says when its first row is due, where nearness counts


AHEAD = "extract(epoch from f.due_at - %(now)s)::float8 / %(far)s::float8"
NEARNESS = f"least(1, greatest(%(least)s::float8, 1 - (1 - %(least)s::float8) * {AHEAD}))"
STAKE = "f.expected_loss::float8"
WEIGHED = f"{STAKE} * {NEARNESS}"

OTHER = "not (f.promise and f.due_at < %(promised)s)"
PARTS = (
    Part(Group.PROMISED, "f.status = 'open' and f.promise and f.due_at < %(now)s", STAKE),
    Part(
        Group.PROMISED,
        "f.status = 'open' and f.promise and f.due_at >= %(now)s and f.due_at < %(promised)s",
        WEIGHED,
        "now",
    ),
    Part(Group.OVERDUE, "f.status = 'open' and not f.promise and f.due_at < %(now)s", STAKE),
    Part(
        Group.TODAY,
        "f.status = 'open' and not f.promise and f.due_at >= %(now)s and f.due_at < %(tomorrow)s",
        WEIGHED,
        "now",
    ),
    Part(
        Group.WEEK,
        f"f.status = 'open' and f.due_at >= %(tomorrow)s and f.due_at < %(later)s and {OTHER}",
        WEIGHED,
        "tomorrow",
    ),
    Part(Group.LATER, "f.status = 'open' and f.due_at >= %(later)s", WEIGHED, "later"),
)
SNOOZED = (Part(Group.SNOOZED, "f.status = 'snoozed'", "-extract(epoch from f.snoozed_until)::float8"),)
CLOSED = (
    Part(
        Group.CLOSED,
        "f.status in ('done', 'canceled') and f.closed_at >= %(now)s - interval '14 days'",
        "extract(epoch from f.closed_at)::float8",
    ),
)

COLUMNS = {
    "id": "f.id",
    "title": "f.title",
    "kind": "f.kind",
    "reason": "f.reason",
    "priority": "f.priority",
    "promise": "f.promise",
    "status": "f.status",
    "opened_at": "f.opened_at",
    "due_at": "f.due_at",
    "occurrences": "f.occurrences",
    "snoozed_until": "f.snoozed_until",
    "snooze_reason": "f.snooze_reason",
    "escalated_at": "f.escalated_at",
    "contacted_at": "f.contacted_at",
    "closed_at": "f.closed_at",
    "outcome": "f.outcome",
    "expected_loss": "f.expected_loss",
    "subject": "f.subject",
    "playbook_id": "f.playbook_id",
    "assignee_id": "f.assignee_id",
    "assignee__name": "u.name",
    "account_id": "f.account_id",
    "account__name": "a.name",
    "account__band": "a.band",
    "account__score": "a.score",
    "account__mrr": "a.mrr",
    "account__csm_id": "a.csm_id",
    "account__segment_id": "a.segment_id",
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

# The patterns are matched as the account list does it: both have their trigram index.
TEXT = """(upper(f.title) like upper(%(text)s)
    or f.account_id in (select id from accounts_account where upper(name) like upper(%(text)s)))"""

# Few rows have it: their ids are looked up once, by index. Many have it: walking the order finds a page soon.
FEW = 1000
HITS = f"""
(select f.id from accounts_followup f where f.status = any(%(states)s) and upper(f.title) like upper(%(text)s)
    limit {FEW + 1})
union all
(select f.id from accounts_account a join accounts_followup f on f.account_id = a.id
    where f.status = any(%(states)s) and upper(a.name) like upper(%(text)s) limit {FEW + 1})
"""

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
    """Two queries, however many groups the page spans: the rows, and (on a first page) how many each group has.
    A search needs one more."""
    now = after.as_of if after else now
    parts = _parts_of(filters)
    where, params = _conditions(filters)
    params |= _bounds(now, tz) | {"limit": limit + 1}
    rows = _fetch(parts, where, params, after)
    last = rows[limit - 1] if len(rows) > limit else None
    following = Cursor(now, last["part"], last["score"], last["id"]) if last else None
    counts = _counts(parts, where, params) if count and after is None else {}
    return QueuePage(rows[:limit], now, following, counts)


def queue_outline(filters: QueueFilters, *, now: datetime, tz: tzinfo, limit: int = PAGE) -> list[dict[str, Any]]:
    """Which rows a first page has: id, group, assignee_id. One query, for whoever asks every few seconds."""
    parts = _parts_of(filters)
    where, params = _conditions(filters)
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
    names: Sequence[str] = tuple(COLUMNS),
) -> list[dict[str, Any]]:
    pieces, values = [], dict(params)
    for number, part in enumerate(parts):
        if after and number < after.part:
            continue
        condition = f"{part.where} {where}"
        if after and number == after.part:
            condition += f" and {_key(part)} <= %(score)s and ({_key(part)} < %(score)s or f.id > %(last)s)"
            values |= {"score": after.score, "last": after.id}
        if part.starts:
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


def _counts(parts: Sequence[Part], where: str, params: dict[str, Any]) -> dict[Group, int]:
    capped = (
        f"(select count(*) from (select 1 from accounts_followup f where {part.where} {where} limit {COUNTED}) c)"
        for part in parts
    )
    with connection.cursor() as cursor:
        cursor.execute(f"select {', '.join(capped)}", params)
        found = cursor.fetchone()
    counts: dict[Group, int] = {}
    for part, number in zip(parts, found, strict=True):
        counts[part.group] = min(COUNTED, counts.get(part.group, 0) + number)
    return counts


def _conditions(filters: QueueFilters) -> tuple[str, dict[str, Any]]:
    """The reader's filters as SQL; every value travels as a parameter."""
    chosen = [
        (filters.assignee, "f.assignee_id = %(assignee)s", "assignee"),
        (
            filters.team_of,
            "f.assignee_id in (select id from accounts_user where manager_id = %(team_of)s or id = %(team_of)s)",
            "team_of",
        ),
        (list(filters.kinds), "f.kind = any(%(kinds)s)", "kinds"),
        (list(filters.bands), "f.account_id in (select id from accounts_account where band = any(%(bands)s))", "bands"),
        (
            list(filters.segments),
            "f.account_id in (select id from accounts_account where segment_id = any(%(segments)s))",
            "segments",
        ),
        (list(filters.priorities), "f.priority = any(%(priorities)s)", "priorities"),
        (filters.account, "f.account_id = %(account)s", "account"),
        (list(filters.ids), "f.id = any(%(ids)s)", "ids"),
    ]
    used = [(value, sql, name) for value, sql, name in chosen if value]
    sql = "".join(f" and {fragment}" for _value, fragment, _name in used)
    params: dict[str, Any] = {name: value for value, _sql, name in used}
    if filters.unassigned:
        sql += " and f.assignee_id is null"
    if filters.playbooks:
        sql += _by_playbook(filters, params)
    if pattern := _pattern(filters.text):
        hits = _hits(pattern, filters)
        sql += " and f.id = any(%(hits)s)" if len(hits) <= FEW else f" and {TEXT}"
        params |= {"hits": hits} if len(hits) <= FEW else {"text": pattern}
    return sql, params


def _by_playbook(filters: QueueFilters, params: dict[str, Any]) -> str:
    """One that has little or nothing open is found by its index, where walking the order would look at all rows."""
    params["playbooks"] = [pk for pk in filters.playbooks if pk is not None]
    some = "f.playbook_id = any(%(playbooks)s)"
    by_hand = " or f.playbook_id is null" if None in filters.playbooks else ""
    return f" and ({some}{by_hand}){'' if filters.closed else ' and f.closed_at is null'}"


def _hits(pattern: str, filters: QueueFilters) -> list[int]:
    states = ["snoozed"] if filters.snoozed else ["done", "canceled"] if filters.closed else ["open"]
    with connection.cursor() as cursor:
        cursor.execute(HITS, {"text": pattern, "states": states})
        return list({pk for (pk,) in cursor.fetchall()})


def _pattern(text: str) -> str:
    text = text.replace("\x00", "").strip()
    for special in "\\%_":
        text = text.replace(special, f"\\{special}")
    return f"%{text}%" if text else ""


def open_count(filters: QueueFilters) -> int:
    """For the badge in the navigation, up to COUNTED."""
    where, params = _conditions(filters)
    state = FollowUpStatus.SNOOZED if filters.snoozed else FollowUpStatus.OPEN
    with connection.cursor() as cursor:
        cursor.execute(
            f"select count(*) from (select 1 from accounts_followup f where f.status = '{state.value}' {where}"
            f" limit {COUNTED}) c",
            params,
        )
        return cursor.fetchone()[0]
