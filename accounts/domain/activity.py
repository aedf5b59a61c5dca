"""The spine: record() writes what happened, in the transaction of the change itself."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from celery import current_app
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Account, Activity, User
from accounts.registry import activity_kinds, check_data


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


@dataclass(frozen=True)
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
    if not connection.in_atomic_block:
        raise RuntimeError("record() belongs in the transaction of the change it tells of")
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
    Activity.objects.bulk_create(activities, batch_size=2000)
    if activities:
        announce()
    return activities


def announce() -> None:
    """Tell the dispatcher, once the transaction is through, that activities wait. Only a hint: the sweep finds
    them anyway when the broker is away. A thousand records in one transaction send one message."""
    if not any(hook[1] is _hint for hook in connection.run_on_commit):
        transaction.on_commit(_hint, robust=True)


def _hint() -> None:
    with suppress(Exception):
        current_app.send_task("accounts.tasks.dispatch_activities")
