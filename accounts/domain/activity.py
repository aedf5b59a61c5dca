"""The spine: record() writes what happened, in the transaction of the change itself."""

import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from celery import current_app
from django.db import connection, transaction
from django.utils import timezone

from accounts.domain.listening import LISTENED
from accounts.domain.prepared import ask
from accounts.models import Account, Activity, User
from accounts.registry import activity_kinds, check_data, is_heard


@dataclass(frozen=True)
class Actor:
    """Who did it: one of the team, or a program or the product itself by name."""

    user: User | None = None
    label: str = ""

    @classmethod
    def of(cls, who: "User | Actor | str | None") -> "Actor":
        if isinstance(who, Actor):
            return who
        if isinstance(who, User):
            return cls(user=who, label=who.name or who.email)
        return cls(label=who or "Tenure")


SYSTEM = Actor(label="Tenure")
Who = User | Actor | str | None


@dataclass(slots=True)
class Fact:
    """One activity to be, for record_many()."""

    account_id: int
    kind: str
    data: dict[str, Any] = field(default_factory=dict)
    occurred_at: datetime | None = None
    cause_id: int | None = None


def record(
    account: Account | int,
    kind: str,
    *,
    by: Who = None,
    cause: Activity | None = None,
    occurred_at: datetime | None = None,
    **data: Any,
) -> Activity:
    """Write one activity and have it dispatched after the commit.

    LookupError for an unknown kind, TypeError for facts the kind does not declare, RuntimeError outside
    a transaction: an activity without its change, or the reverse, must not be possible.
    """
    account_id = account if isinstance(account, int) else account.pk
    return record_many([Fact(account_id, kind, data, occurred_at, cause.pk if cause else None)], by=by)[0]


def record_many(facts: Iterable[Fact], *, by: Who = None) -> list[Activity]:
    """record() for many at once, in one insert."""
    actor, now = Actor.of(by), timezone.now()
    activities = [
        Activity(
            account_id=fact.account_id,
            kind=fact.kind,
            occurred_at=fact.occurred_at or now,
            recorded_at=now,
            actor=actor.user,
            actor_label=actor.label,
            cause_id=fact.cause_id,
            data=check_data(activity_kinds[fact.kind], fact.data),
        )
        for fact in facts
    ]
    _insert([_row(a.account_id, a.kind, a.occurred_at, a.cause_id, a.data) for a in activities], actor, now, activities)
    return activities


def record_facts(facts: Iterable[Fact], *, by: Who = None) -> int:
    """record_many() where nobody looks at the rows: thousands at once. Returns how many."""
    rows = [
        _row(f.account_id, f.kind, f.occurred_at, f.cause_id, check_data(activity_kinds[f.kind], f.data)) for f in facts
    ]
    _insert(rows, Actor.of(by), timezone.now())
    return len(rows)


def _row(account_id: int, kind: str, occurred_at: datetime | None, cause_id: int | None, data: dict) -> dict[str, Any]:
    return {
        "account_id": account_id,
        "kind": kind,
        "occurred_at": occurred_at.isoformat() if occurred_at else None,
        "cause_id": cause_id,
        "data": data,
    }


# What nobody waits for, no webhook either, is born dispatched: it is on the timeline, and that was all.
INSERT = f"""
insert into accounts_activity (
    account_id, kind, occurred_at, recorded_at, actor_id, actor_label, cause_id, data, dispatched_at
)
select account_id, kind, coalesce(occurred_at, %(now)s), %(now)s, %(actor)s::bigint, %(label)s, cause_id, data,
    case when kind = any(%(heard)s) or kind = any({LISTENED}) then null else %(now)s::timestamptz end
from rows from (json_to_recordset(%(rows)s::json) as (
    account_id bigint, kind text, occurred_at timestamptz, cause_id bigint, data jsonb
)) with ordinality as r (account_id, kind, occurred_at, cause_id, data, position)
order by position
returning id, dispatched_at is null
"""  # noqa: S608 - put together from constants


def _insert(rows: list[dict[str, Any]], actor: Actor, now: datetime, activities: Sequence[Activity] = ()) -> None:
    if not connection.in_atomic_block:
        raise RuntimeError("record() belongs in the transaction of the change it tells of")
    if not rows:
        return
    params: dict[str, Any] = {
        "rows": json.dumps(rows),
        "heard": [kind for kind in {row["kind"] for row in rows} if is_heard(kind)],
        "now": now,
        "actor": actor.user and actor.user.pk,
        "label": actor.label,
    }
    written = ask(INSERT, params)
    for activity, (pk, waits) in zip(activities, written, strict=bool(activities)):
        activity.pk, activity.dispatched_at = pk, None if waits else now
        activity._state.adding, activity._state.db = False, connection.alias
    if any(waits for _pk, waits in written):
        announce()


def announce() -> None:
    """Tell the dispatcher, once the transaction is through, that activities wait. Only a hint: the sweep finds
    them anyway when the broker is away. A thousand records in one transaction send one message."""
    if not any(hook[1] is _hint for hook in connection.run_on_commit):
        transaction.on_commit(_hint, robust=True)


def _hint() -> None:
    with suppress(Exception):
        current_app.send_task("accounts.tasks.dispatch_activities")
