"""Usage on its way in: each event counted once, with the daily totals kept by the same statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone
from django.utils.translation import gettext as _

from health.domain.arrays import numbers, plain_texts
from health.domain.events import Event, Parsed, in_time, parse_batch
from health.domain.heard import tell_batch, waited_for
from health.domain.marks import hint, received
from health.domain.sql.running import run_kept
from health.domain.sql.which import Statement
from health.models import Action

__all__ = ["Event", "Ingested", "ingest_batch", "ingest_usage", "rebuild_days"]

MOST_A_DAY = 2**31 - 1

# What day it was, it was where the account is: each event of a batch says which of its few zones that was.
BATCH = """
SELECT account_id, event_id, action_id, count, to_timestamp(micros / 1e6::float8) AS occurred_at, who,
    (%(zones)s::text[])[zone] AS time_zone
FROM unnest(%(accounts)s::bigint[], %(ids)s::text[], %(actions)s::int[], %(counts)s::int[], %(times)s::float8[],
    %(users)s::text[], %(places)s::int[]) AS i (account_id, event_id, action_id, count, micros, who, zone)
"""
# Everybody stores in the same order, events first (the count at the end asks for them), so that two batches never
# wait for each other in a circle.
STORE = f"""
WITH input AS ({{source}}), fresh AS (
    INSERT INTO health_usageevent (account_id, event_id, action_id, count, occurred_at, "user")
    SELECT account_id, event_id, action_id, count, occurred_at, who FROM input
    ORDER BY account_id, event_id COLLATE "C"
    {{known}} RETURNING account_id, action_id, count, occurred_at
), days AS (
    INSERT INTO health_usageday AS kept (account_id, day, action_id, count)
    SELECT account_id, (occurred_at AT TIME ZONE time_zone)::date AS day, action_id, least(sum(count), {MOST_A_DAY})
    FROM {{counted}} WHERE count > 0
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    ON CONFLICT (account_id, day, action_id)
        DO UPDATE SET count = least(kept.count::bigint + excluded.count, {MOST_A_DAY})
), marks AS (
    INSERT INTO health_scoremark (accounts) SELECT array_agg(DISTINCT account_id) FROM fresh HAVING count(*) > 0
)
SELECT count(*), min(occurred_at), (SELECT first_on FROM health_firstreading WHERE kind = 'usage') FROM fresh
"""  # noqa: S608 - a constant
# Without a word about events that are known, one of them ends the statement: then what comes in is all that counts.
ALL_NEW = {"known": "", "counted": "input"}
NEW_ALONE = {
    "known": "ON CONFLICT DO NOTHING",
    "counted": "fresh JOIN (SELECT id, time_zone FROM accounts_account) a ON a.id = account_id",
}

ACCOUNT, ACTION = attrgetter("account"), attrgetter("action")
COLUMNS = attrgetter("account", "event_id", "action", "count", "occurred_at", "user")


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


def _ingest(parsed: Parsed, *, history: bool) -> Ingested:
    """Most batches are new from end to end, and storing them takes less where nobody looks every event up first."""
    parsed = in_time(parsed, timezone.now(), history=history)
    try:
        return _stored(parsed)
    except IntegrityError:  # some of it has come before
        return _stored(parsed, known=True)


@transaction.atomic
def _stored(parsed: Parsed, *, known: bool = False) -> Ingested:
    named = _named(parsed.events)
    parsed = _of_known_accounts(parsed, named.ids)
    accepted = _store(parsed.events, named, known=known or named.repeated) if parsed.events else 0
    rejected = sorted(parsed.rejected, key=lambda r: r["index"])
    return Ingested(accepted, len(parsed.events) - accepted, rejected)


@dataclass(frozen=True)
class Named:
    """What a batch names, as far as it exists."""

    ids: dict[str, int]  # accounts, by their external ids
    zones: dict[str, str]
    actions: dict[str, int]
    repeated: bool  # its last event is there already: most likely all of it came before


# The accounts are held against deletion until the commit, all with one lock (migration 0010): the events' own rows
# have no foreign-key check each. Several statements in one go; each sees what is committed when it begins.
NAMED = """
SELECT pg_advisory_xact_lock_shared(7406);
SELECT external_id, id, time_zone FROM accounts_account WHERE external_id = ANY(%s::text[]);
SELECT key, id FROM health_action WHERE key = ANY(%s::text[]);
SELECT EXISTS (
    SELECT 1 FROM health_usageevent e JOIN accounts_account a ON a.id = e.account_id
    WHERE a.external_id = %s AND e.event_id = %s
)
"""


def _named(events: Sequence[Event]) -> Named:
    accounts, actions = set(map(ACCOUNT, events)), set(map(ACTION, events))
    last = [events[-1].account, events[-1].event_id] if events else ["", ""]
    with connection.cursor() as cursor:
        cursor.execute(NAMED, [plain_texts(accounts), plain_texts(actions), *last])
        found, keys, repeated = (_next(cursor) for _set in range(3))
    ids, zones = {key: pk for key, pk, _zone in found}, {key: zone for key, _pk, zone in found}
    return Named(ids, zones, dict(keys), repeated[0][0])


def _next(cursor: CursorWrapper) -> list[tuple]:
    cursor.nextset()
    return cursor.fetchall()


def _of_known_accounts(parsed: Parsed, accounts: Mapping[str, int]) -> Parsed:
    if set(map(ACCOUNT, parsed.events)) <= accounts.keys():
        return parsed
    kept, indexes = Parsed(rejected=[*parsed.rejected]), []
    for index, event in zip(parsed.indexes, parsed.events, strict=True):
        if event.account in accounts:
            kept.events.append(event)
            indexes.append(index)
        else:
            kept.reject(index, {"account": [_("There is no account %(id)s.") % {"id": event.account}]})
    kept.indexes = indexes
    return kept


def _store(events: Sequence[Event], named: Named, *, known: bool) -> int:
    keys, ids, names, counts, times, users = zip(*map(COLUMNS, events), strict=True)
    actions = named.actions
    if missing := set(names) - actions.keys():
        actions = actions | actions_of(missing)
    zones = {zone: place for place, zone in enumerate(dict.fromkeys(named.zones.values()), 1)}
    columns = {
        "zones": plain_texts(zones),
        "accounts": numbers(map(named.ids.__getitem__, keys)),
        "ids": plain_texts(ids),
        "actions": numbers(map(actions.__getitem__, names)),
        "counts": numbers(counts),
        # Whole microseconds: a float takes twice as long to write down.
        "times": numbers([round(at * 1_000_000) for at in map(datetime.timestamp, times)]),
        "users": plain_texts(users),
        "places": numbers(map(zones.__getitem__, map(named.zones.__getitem__, keys))),
    }
    accepted = store_from(BATCH, columns, known=known)
    if accepted and (heard := waited_for(set(names))):
        waiting = [event for event in events if event.action in heard]
        tell_batch([named.ids[event.account] for event in waiting], [event.event_id for event in waiting], heard)
    return accepted


def store_from(source: str, params: dict[str, Any] | None = None, *, known: bool = True) -> int:
    """Store what `source` selects (account_id, event_id, action_id, count, occurred_at, who, and time_zone where none
    of it is `known`); how many were new. The caller has checked them and holds their accounts."""
    accepted, earliest, first_on = _run(STORE.format(source=source, **(NEW_ALONE if known else ALL_NEW)), params)
    if accepted:
        day = earliest.astimezone(UTC).date()
        # Looked at before it is written: an upsert would make every batch wait for every other.
        if first_on is None or first_on > day:
            received("usage", day)
        hint()
    return accepted


def _run(text: str, params: dict[str, Any] | None) -> tuple[Any, ...]:
    """A batch by a plan that is kept; a table of any size by one that is made for it."""
    if params is not None:
        return run_kept(Statement(text, params))
    with connection.cursor() as cursor:
        cursor.execute(text)
        return cursor.fetchone()


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
