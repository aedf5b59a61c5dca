"""Usage on its way in: each event counted once, with the daily totals kept by the same statement."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from health.domain.arrays import numbers, texts
from health.domain.events import Event, Parsed, in_time, parse_batch
from health.domain.marks import hint, received
from health.models import Action, FirstReading

__all__ = ["Event", "Ingested", "ingest_batch", "ingest_usage", "rebuild_days"]

MOST_A_DAY = 2**31 - 1

BATCH = """
SELECT account_id, event_id, action_id, count, to_timestamp(epoch) AS occurred_at, who
FROM unnest(%s::bigint[], %s::text[], %s::int[], %s::int[], %s::float8[], %s::text[])
    AS i (account_id, event_id, action_id, count, epoch, who)
"""
# Everybody stores in the same order, so that two batches never wait for each other in a circle.
STORE = f"""
WITH fresh AS (
    INSERT INTO health_usageevent (account_id, event_id, action_id, count, occurred_at, "user")
    SELECT account_id, event_id, action_id, count, occurred_at, who FROM ({{source}}) input
    ORDER BY account_id, event_id
    ON CONFLICT DO NOTHING RETURNING account_id, action_id, count, occurred_at
), days AS (
    INSERT INTO health_usageday AS kept (account_id, day, action_id, count)
    SELECT f.account_id, (f.occurred_at AT TIME ZONE a.time_zone)::date AS day, f.action_id,
        least(sum(f.count), {MOST_A_DAY})
    FROM fresh f JOIN accounts_account a ON a.id = f.account_id
    WHERE f.count > 0
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    ON CONFLICT (account_id, day, action_id)
        DO UPDATE SET count = least(kept.count::bigint + excluded.count, {MOST_A_DAY})
), marks AS (
    INSERT INTO health_scoremark (accounts) SELECT array_agg(DISTINCT account_id) FROM fresh HAVING count(*) > 0
)
SELECT count(*), min(occurred_at) FROM fresh
"""  # noqa: S608 - a constant


@dataclass
class Ingested:
    accepted: int = 0
    duplicates: int = 0
    rejected: list[dict[str, Any]] = field(default_factory=list)


def ingest_batch(body: bytes) -> Ingested:
    """A program's batch, as it came."""
    return _ingest(parse_batch(body), history=False)


def ingest_usage(events: Sequence[Event], *, history: bool = False) -> Ingested:
    """Events whose fields are known to be sound. `history` lets in what is older than 400 days."""
    return _ingest(Parsed(list(events), range(len(events))), history=history)


@transaction.atomic
def _ingest(parsed: Parsed, *, history: bool) -> Ingested:
    parsed = in_time(parsed, timezone.now(), history=history)
    accounts = _accounts({event.account for event in parsed.events})
    parsed = _of_known_accounts(parsed, accounts)
    accepted = _store(parsed.events, accounts) if parsed.events else 0
    rejected = sorted(parsed.rejected, key=lambda r: r["index"])
    return Ingested(accepted, len(parsed.events) - accepted, rejected)


def _accounts(external_ids: set[str]) -> dict[str, int]:
    """Held against deletion until the commit: the events' own rows have no foreign-key check each."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT external_id, id FROM accounts_account WHERE external_id = ANY(%s) FOR KEY SHARE",
            [list(external_ids)],
        )
        return dict(cursor.fetchall())


def _of_known_accounts(parsed: Parsed, accounts: dict[str, int]) -> Parsed:
    if all(event.account in accounts for event in parsed.events):
        return parsed
    kept, indexes = Parsed(rejected=parsed.rejected), []
    for index, event in zip(parsed.indexes, parsed.events, strict=True):
        if event.account in accounts:
            kept.events.append(event)
            indexes.append(index)
        else:
            kept.reject(index, {"account": [_("There is no account %(id)s.") % {"id": event.account}]})
    kept.indexes = indexes
    return kept


def _store(events: Sequence[Event], accounts: dict[str, int]) -> int:
    actions = actions_of({event.action for event in events})
    columns = (
        numbers(accounts[e.account] for e in events),
        texts(e.event_id for e in events),
        numbers(actions[e.action] for e in events),
        numbers(e.count for e in events),
        numbers(e.occurred_at.timestamp() for e in events),
        texts(e.user for e in events),
    )
    return store_from(BATCH, columns)


def store_from(source: str, params: Sequence[Any] = ()) -> int:
    """Store what `source` selects (account_id, event_id, action_id, count, occurred_at, who); how many were new.
    The caller has checked them and holds their accounts."""
    with connection.cursor() as cursor:
        cursor.execute(STORE.format(source=source), params)
        accepted, earliest = cursor.fetchone()
    if accepted:
        _first(earliest.astimezone(UTC).date())
        hint()
    return accepted


def _first(day: date) -> None:
    # Looked at before it is written: an upsert would make every batch wait for every other.
    if not FirstReading.objects.filter(kind="usage", first_on__lte=day).exists():
        received("usage", day)


def actions_of(keys: set[str]) -> dict[str, int]:
    """Ids by key; an action nobody has heard of is made, worth 1."""
    known = dict(Action.objects.filter(key__in=keys).values_list("key", "id"))
    if missing := sorted(keys - known.keys()):
        Action.objects.bulk_create([Action(key=key, name=_name(key)) for key in missing], ignore_conflicts=True)
        known |= dict(Action.objects.filter(key__in=missing).values_list("key", "id"))
    return known


def _name(key: str) -> str:
    words = key.replace("_", " ").replace("-", " ").strip() or key
    return words[:1].upper() + words[1:]


FORGET = "DELETE FROM health_usageday WHERE %(ids)s::bigint[] IS NULL OR account_id = ANY(%(ids)s)"
REBUILD = f"""
INSERT INTO health_usageday (account_id, day, action_id, count)
SELECT e.account_id, (e.occurred_at AT TIME ZONE a.time_zone)::date AS day, e.action_id,
    least(sum(e.count), {MOST_A_DAY})
FROM health_usageevent e JOIN accounts_account a ON a.id = e.account_id
WHERE (%(ids)s::bigint[] IS NULL OR e.account_id = ANY(%(ids)s)) AND e.count > 0
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""  # noqa: S608 - a constant


@transaction.atomic
def rebuild_days(account_ids: Sequence[int] | None = None) -> None:
    """Daily totals anew from the events: after events were copied in, or an account has moved to another zone."""
    ids = None if account_ids is None else list(account_ids)
    with connection.cursor() as cursor:
        cursor.execute(FORGET, {"ids": ids})
        cursor.execute(REBUILD, {"ids": ids})
