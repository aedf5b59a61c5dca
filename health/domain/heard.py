"""Apps that listen to usage hear of what they wait for, in the transaction that stores it; and what was stored before.

Where nobody waits for an action of a batch, all this costs is asking what is waited for.
"""

from collections.abc import Collection, Sequence
from typing import Any

from django.db import connection

from accounts.registry import UsageEvent, usage_listeners
from health.domain.arrays import array

AT_ONCE = 5000
EARLIEST, LATEST = 5000, 200  # events of one account and action

BATCH = """
SELECT a.id AS account_id, event_id FROM unnest(%s::text[], %s::text[]) AS b (account, event_id)
JOIN accounts_account a ON a.external_id = account
"""
# As they are stored: an id that came before is what it was then.
STORED = """
SELECT e.account_id, a.key, e.event_id, e.occurred_at, e."user"
FROM ({source}) i
JOIN health_usageevent e ON e.account_id = i.account_id AND e.event_id = i.event_id
JOIN health_action a ON a.id = e.action_id
WHERE a.key = ANY(%s::text[]) AND e.count > 0
"""
# The daily totals know at once that somebody never did it.
BEFORE = f"""
SELECT w.account_id, w.key, e.event_id, e.occurred_at, e."user"
FROM unnest(%s::bigint[], %s::text[]) AS w (account_id, key)
JOIN health_action a ON a.key = w.key
CROSS JOIN LATERAL (
    (SELECT event_id, occurred_at, "user" FROM health_usageevent
     WHERE account_id = w.account_id AND action_id = a.id AND count > 0 ORDER BY occurred_at LIMIT {EARLIEST})
    UNION
    (SELECT event_id, occurred_at, "user" FROM health_usageevent
     WHERE account_id = w.account_id AND action_id = a.id AND count > 0 ORDER BY occurred_at DESC LIMIT {LATEST})
) e
WHERE EXISTS (SELECT 1 FROM health_usageday d WHERE d.account_id = w.account_id AND d.action_id = a.id)
"""  # noqa: S608 - constants


def waited_for(actions: Collection[str]) -> set[str]:
    """Of these, what anybody waits for."""
    wanted: set[str] = set()
    for listener in usage_listeners:
        wanted |= listener.wanted()
    return wanted.intersection(actions) if wanted else wanted


def tell_batch(accounts: Sequence[str], event_ids: Sequence[str], actions: Collection[str]) -> None:
    """The accounts by their external ids."""
    tell(BATCH, [array(accounts), array(event_ids)], actions)


def tell(source: str, params: Sequence[Any], actions: Collection[str]) -> None:
    """Of what `source` selects (account_id, event_id), the events of these actions."""
    with connection.cursor() as cursor:
        cursor.execute(STORED.format(source=source), [*params, array(actions)])
        events = [UsageEvent(*row) for row in cursor.fetchall()]
    for start in range(0, len(events), AT_ONCE):
        for listener in usage_listeners:
            listener.handle(events[start : start + AT_ONCE])


def history(pairs: Sequence[tuple[int, str]]) -> list[UsageEvent]:
    """What these accounts did of these actions."""
    if not pairs:
        return []
    accounts, actions = zip(*pairs, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(BEFORE, [array(accounts), array(actions)])
        return [UsageEvent(*row) for row in cursor.fetchall()]
