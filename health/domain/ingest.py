"""Usage on its way in: each event counted once, with the daily totals kept by the same statement."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from health.domain.arrays import numbers, plain_texts
from health.domain.events import Event, Parsed, in_time, parse_batch
from health.domain.marks import hint, received
from health.models import Action

__all__ = ["Event", "Ingested", "ingest_batch", "ingest_usage", "rebuild_days"]

MOST_A_DAY = 2**31 - 1

BATCH = """
SELECT account_id, event_id, action_id, count, to_timestamp(epoch) AS occurred_at, who
FROM unnest(%s::bigint[], %s::text[], %s::int[], %s::int[], %s::float8[], %s::text[])
    AS i (account_id, event_id, action_id, count, epoch, who)
"""
# What day it was, it was where the account is. A batch brings the zones of its few accounts along.
ZONES = "accounts_account a"
BATCH_ZONES = "unnest(%s::bigint[], %s::text[]) a (id, time_zone)"
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
    FROM fresh f JOIN {{zones}} ON a.id = f.account_id
    WHERE f.count > 0
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    ON CONFLICT (account_id, day, action_id)
        DO UPDATE SET count = least(kept.count::bigint + excluded.count, {MOST_A_DAY})
), marks AS (
    INSERT INTO health_scoremark (accounts) SELECT array_agg(DISTINCT account_id) FROM fresh HAVING count(*) > 0
)
SELECT count(*), min(occurred_at), (SELECT first_on FROM health_firstreading WHERE kind = 'usage') FROM fresh
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


class Found(NamedTuple):
    id: int
    time_zone: str


def _accounts(external_ids: set[str]) -> dict[str, Found]:
    """Held against deletion until the commit, all with one lock (migration 0010): the events' own rows have no
    foreign-key check each."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(7406)")
        cursor.execute(
            "SELECT external_id, id, time_zone FROM accounts_account WHERE external_id = ANY(%s::text[])",
            [plain_texts(external_ids)],
        )
        return {external_id: Found(pk, zone) for external_id, pk, zone in cursor.fetchall()}


def _of_known_accounts(parsed: Parsed, accounts: dict[str, Found]) -> Parsed:
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


def _store(events: Sequence[Event], accounts: dict[str, Found]) -> int:
    actions = actions_of({event.action for event in events})
    used = {accounts[e.account] for e in events}
    columns = (
        numbers(accounts[e.account].id for e in events),
        plain_texts(e.event_id for e in events),
        numbers(actions[e.action] for e in events),
        numbers(e.count for e in events),
        numbers(e.occurred_at.timestamp() for e in events),
        plain_texts(e.user for e in events),
        numbers(account.id for account in used),
        plain_texts(account.time_zone for account in used),
    )
    return store_from(BATCH, columns, zones=BATCH_ZONES)


def store_from(source: str, params: Sequence[Any] = (), *, zones: str = ZONES) -> int:
    """Store what `source` selects (account_id, event_id, action_id, count, occurred_at, who); how many were new.
    The caller has checked them and holds their accounts."""
    with connection.cursor() as cursor:
        cursor.execute(STORE.format(source=source, zones=zones), params)
        accepted, earliest, first_on = cursor.fetchone()
    if accepted:
        day = earliest.astimezone(UTC).date()
        # Looked at before it is written: an upsert would make every batch wait for every other.
        if first_on is None or first_on > day:
            received("usage", day)
        hint()
    return accepted


def actions_of(keys: set[str]) -> dict[str, int]:
    """Ids by key; an action nobody has heard of is made, worth 1."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT key, id FROM health_action WHERE key = ANY(%s::text[])", [plain_texts(keys)])
        known: dict[str, int] = dict(cursor.fetchall())
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
