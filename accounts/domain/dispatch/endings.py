"""How it ended with each who wanted to know: the deliveries of one batch, written in one statement."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from accounts.domain.dispatch.pacing import wait_after
from accounts.domain.text import prose
from accounts.enums import DeliveryStatus
from accounts.models import Activity

UNDECIDED = {DeliveryStatus.PENDING, DeliveryStatus.FAILED}


@dataclass(frozen=True)
class Ending:
    """A delivery to be written: how it ended for one activity with one subscriber."""

    activity: Activity
    subscriber: str
    status: str
    now: datetime
    note: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    follow_up_id: int | None = None
    attempts: int = 1
    again_at: datetime | None = None

    @property
    def row(self) -> dict[str, Any]:
        now, ended = self.now.isoformat(), self.status not in UNDECIDED
        return {
            "activity_id": self.activity.pk,
            "subscriber": self.subscriber,
            "status": str(self.status),
            "note": self.note,
            "facts": self.facts,
            "attempts": self.attempts,
            "next_attempt_at": self.again_at.isoformat() if self.again_at else None,
            "created_at": now,
            "ended_at": now if ended else None,
            "follow_up_id": self.follow_up_id,
        }


def failed(activity: Activity, subscriber: str, error: Exception | str, now: datetime) -> Ending:
    note = error if isinstance(error, str) else f"{type(error).__name__}: {error}"
    # What PostgreSQL cannot hold may be the very reason why it failed.
    return Ending(
        activity, subscriber, DeliveryStatus.FAILED, now, prose(note[:2000], 4000), again_at=now + wait_after(1)
    )


STORE = """
insert into accounts_delivery (
    activity_id, subscriber, status, note, facts, attempts, next_attempt_at, created_at, ended_at, follow_up_id
)
select * from json_to_recordset(%s::json) as r (
    activity_id bigint, subscriber text, status text, note text, facts jsonb, attempts smallint,
    next_attempt_at timestamptz, created_at timestamptz, ended_at timestamptz, follow_up_id bigint
)
on conflict (activity_id, subscriber) do update set
    status = excluded.status, note = excluded.note, facts = excluded.facts, follow_up_id = excluded.follow_up_id,
    ended_at = excluded.ended_at, next_attempt_at = excluded.next_attempt_at
"""


def store(endings: list[Ending]) -> None:
    if endings:
        with connection.cursor() as cursor:
            cursor.execute(STORE, [json.dumps([ending.row for ending in endings])])
