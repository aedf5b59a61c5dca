"""How it ended with each who wanted to know: the deliveries of one batch, written in one statement."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from accounts.domain.dispatch.pacing import wait_after
from accounts.domain.prepared import ask
from accounts.domain.text import prose
from accounts.enums import DeliveryStatus
from accounts.models import Activity

UNDECIDED = {DeliveryStatus.PENDING, DeliveryStatus.FAILED}


@dataclass(slots=True)
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
    def alike(self) -> tuple[Any, ...]:
        """The same for many: of thousands that a playbook skips, most miss the same condition with the same value, and
        share their facts (Prepared.unmet())."""
        facts = id(self.facts) if self.facts else 0
        return self.subscriber, self.status, self.note, facts, self.attempts, self.again_at, self.now

    @property
    def row(self) -> dict[str, Any]:
        """What it shares with those alike."""
        now, ended = self.now.isoformat(), self.status not in UNDECIDED
        return {
            "subscriber": self.subscriber,
            "status": str(self.status),
            "note": self.note,
            "facts": self.facts,
            "attempts": self.attempts,
            "next_attempt_at": self.again_at.isoformat() if self.again_at else None,
            "created_at": now,
            "ended_at": now if ended else None,
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
select one.activity_id, subscriber, status, note, facts, attempts, next_attempt_at, created_at, ended_at,
    one.follow_up_id
from json_to_recordset(%(rows)s::json) as r (
    subscriber text, status text, note text, facts jsonb, attempts smallint, next_attempt_at timestamptz,
    created_at timestamptz, ended_at timestamptz, activities bigint[], follow_ups bigint[]
), unnest(activities, follow_ups) as one (activity_id, follow_up_id)
"""
STORE_AGAIN = f"""
{STORE}
on conflict (activity_id, subscriber) do update set
    status = excluded.status, note = excluded.note, facts = excluded.facts, follow_up_id = excluded.follow_up_id,
    ended_at = excluded.ended_at, next_attempt_at = excluded.next_attempt_at
"""


def store(endings: list[Ending], *, again: bool = True) -> None:
    """`again`: some of them may have been told before. Where nobody was, nothing is looked up for each row."""
    alike: dict[tuple[Any, ...], list[Ending]] = {}
    for ending in endings:
        alike.setdefault(ending.alike, []).append(ending)
    rows = [
        group[0].row | {"activities": [e.activity.id for e in group], "follow_ups": [e.follow_up_id for e in group]}
        for group in alike.values()
    ]
    if rows:
        ask(STORE_AGAIN if again else STORE, {"rows": json.dumps(rows)})
