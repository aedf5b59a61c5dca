"""Usage on its way in: each event counted once, with the daily totals kept by the same statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from operator import attrgetter
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.domain import prepared
from accounts.models import Account
from health.domain.arrays import array
from health.domain.events import Event, Parsed, in_time, parse_batch
from health.domain.heard import tell_batch, waited_for
from health.domain.marks import hint, received
from health.models import Action

__all__ = ["Event", "Ingested", "ingest_batch", "ingest_usage", "rebuild_days"]

MOST_A_DAY = 2**31 - 1

# Accounts and actions go by their names; an event that names one that does not exist is not among these.
BATCH = """
SELECT a.id AS account_id, event_id, x.id AS action_id, count, occurred_at, who, time_zone
FROM unnest(%(accounts)s::text[], %(ids)s::text[], %(actions)s::text[], %(counts)s::int[], %(times)s::timestamptz[],
    %(users)s::text[]) AS i (account, event_id, action, count, occurred_at, who)
JOIN accounts_account a ON a.external_id = account JOIN health_action x ON x.key = action
"""
# Everybody stores in the same order, events first (the count at the end asks for them), so that two batches never
# wait for each other in a circle.
STORE = f"""
WITH input AS ({{source}}), named AS (SELECT count(*) AS events FROM input), fresh AS (
    INSERT INTO health_usageevent (account_id, event_id, action_id, count, occurred_at, "user")
    SELECT account_id, event_id, action_id, count, occurred_at, who FROM input {{where}}
    ORDER BY account_id, event_id COLLATE "C"
    {{known}} RETURNING account_id, action_id, count, occurred_at
), days AS (
    INSERT INTO health_usageday AS kept (account_id, day, action_id, count)
    SELECT account_id, (occurred_at AT TIME ZONE time_zone)::date AS day, action_id, least(sum(count), {MOST_A_DAY})
    FROM {{counted}} WHERE count > 0 AND EXISTS (SELECT FROM fresh)
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    ON CONFLICT (account_id, day, action_id)
        DO UPDATE SET count = least(kept.count::bigint + excluded.count, {MOST_A_DAY})
), marks AS (
    INSERT INTO health_scoremark (accounts) SELECT array_agg(DISTINCT account_id) FROM fresh HAVING count(*) > 0
)
SELECT count(*), (SELECT events FROM named), min(occurred_at),
    (SELECT first_on FROM health_firstreading WHERE kind = 'usage')
FROM fresh
"""  # noqa: S608 - a constant
NEW_ALONE = {
    "known": "ON CONFLICT DO NOTHING",
    "counted": "fresh JOIN (SELECT id, time_zone FROM accounts_account) a ON a.id = account_id",
}
TABLE = NEW_ALONE | {"where": ""}
# All of a batch, or nothing.
WHOLE = {"where": "WHERE (SELECT events FROM named) = cardinality(%(ids)s::text[])"}
KNOWN_BATCH = NEW_ALONE | WHOLE | {"source": BATCH}
# Without a word about events that are known, one of them ends the statement: then what comes in is all that counts.
# Most likely all have come before where the last one has: then nothing of it is even read.
NEW_BATCH = WHOLE | {
    "source": f"""{BATCH} WHERE NOT EXISTS (
        SELECT FROM accounts_account a JOIN health_usageevent e ON e.account_id = a.id
        WHERE a.external_id = %(last_account)s AND e.event_id = %(last_id)s
    )""",
    "known": "",
    "counted": "input",
}

ACCOUNT, ACTION = attrgetter("account"), attrgetter("action")


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
    hold_accounts()
    while (accepted := _store(parsed.events, known=known)) is None:
        parsed = _of_what_exists(parsed)
    rejected = sorted(parsed.rejected, key=lambda r: r["index"])
    return Ingested(accepted, len(parsed.events) - accepted, rejected)


def hold_accounts() -> None:
    """Against deletion until the commit, all with one lock (migration 0010): the events' own rows have no foreign-key
    check each. A statement for itself: the next one sees what is committed when it begins."""
    prepared.ask("SELECT pg_advisory_xact_lock_shared(7406)")


def _store(events: Sequence[Event], *, known: bool) -> int | None:
    """How many were new. None, and nothing is stored, where an account or an action does not exist."""
    if not events:
        return 0
    columns = _columns(events)
    accepted, found = (0, 0) if known else _run(NEW_BATCH, columns)
    if not found:
        accepted, found = _run(KNOWN_BATCH, columns)
    if found < len(events):
        return None
    if accepted and (heard := waited_for(set(map(ACTION, events)))):
        waiting = [event for event in events if event.action in heard]
        tell_batch([event.account for event in waiting], [event.event_id for event in waiting], heard)
    return accepted


def _columns(events: Sequence[Event]) -> dict[str, str]:
    accounts = list(map(ACCOUNT, events))
    return {
        "accounts": array(accounts),
        "ids": array([event.event_id for event in events]),
        "actions": array(map(ACTION, events)),
        "counts": array([event.count for event in events]),
        "times": array([event.occurred_at for event in events]),
        "users": array([event.user for event in events]),
        "last_account": accounts[-1],
        "last_id": events[-1].event_id,
    }


def _of_what_exists(parsed: Parsed) -> Parsed:
    """Without events of accounts that nobody knows; actions that nobody has heard of are made."""
    named = Account.objects.filter(external_id__in=set(map(ACCOUNT, parsed.events)))
    parsed = _of_known_accounts(parsed, set(named.values_list("external_id", flat=True)))
    actions_of(set(map(ACTION, parsed.events)))
    return parsed


def _of_known_accounts(parsed: Parsed, accounts: set[str]) -> Parsed:
    kept, indexes = Parsed(rejected=[*parsed.rejected]), []
    for index, event in zip(parsed.indexes, parsed.events, strict=True):
        if event.account in accounts:
            kept.events.append(event)
            indexes.append(index)
        else:
            kept.reject(index, {"account": [_("There is no account %(id)s.") % {"id": event.account}]})
    kept.indexes = indexes
    return kept


def store_from(source: str) -> int:
    """Store what `source` selects (account_id, event_id, action_id, count, occurred_at, who); how many were new. The
    caller has checked them and holds their accounts."""
    return _run(TABLE | {"source": source}, None)[0]


def _run(way: Mapping[str, str], params: Mapping[str, str] | None) -> tuple[int, int]:
    """How many were new, of how many that name what exists."""
    accepted, found, earliest, first_on = _row(STORE.format(**way), params)
    if accepted:
        day = earliest.astimezone(UTC).date()
        # Looked at before it is written: an upsert would make every batch wait for every other.
        if first_on is None or first_on > day:
            received("usage", day)
        hint()
    return accepted, found


def _row(text: str, params: Mapping[str, str] | None) -> tuple[Any, ...]:
    """A batch by a plan that is kept; a table of any size by one that is made for it."""
    if params is not None:
        return prepared.ask(text, params)[0]
    with connection.cursor() as cursor:
        cursor.execute(text)
        return cursor.fetchone()


def actions_of(keys: set[str]) -> dict[str, int]:
    """Ids by key; an action nobody has heard of is made, worth 1."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT key, id FROM health_action WHERE key = ANY(%s::text[])", [array(keys)])
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
