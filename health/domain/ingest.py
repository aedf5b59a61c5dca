"""Usage on its way in: each event counted once, with the daily totals kept by the same statement."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from operator import attrgetter
from typing import Any

from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from psycopg.errors import DeadlockDetected

from accounts.domain import prepared
from accounts.models import Account
from health.domain.arrays import array
from health.domain.events import Event, Parsed, in_time, parse_batch
from health.domain.heard import tell_batch, waited_for
from health.domain.marks import hint, received
from health.domain.storing import HOLD_ACCOUNTS, MOST_A_DAY, STORE, STORE_BATCH, STORE_NEW
from health.models import Action, FirstReading

__all__ = ["Event", "Ingested", "ingest_batch", "ingest_usage", "rebuild_days"]

ACCOUNT, ACTION = attrgetter("account"), attrgetter("action")
# How often a file's events are tried to be stored where batches for the same accounts come at the same moment.
TRIES = 4


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
    except (IntegrityError, OperationalError):  # some of it has come before, or another batch was in the way
        pass
    try:
        return _stored(parsed, known=True)
    except OperationalError:  # in the way of one that is new, which takes totals in the order that its plan finds them
        return _stored(parsed, known=True)


@transaction.atomic
def _stored(parsed: Parsed, *, known: bool = False) -> Ingested:
    first_on = prepared.ask(HOLD_ACCOUNTS)[0][0]
    while (accepted := _store(parsed.events, first_on, known=known)) is None:
        parsed = _of_what_exists(parsed)
    rejected = sorted(parsed.rejected, key=lambda r: r["index"])
    return Ingested(accepted, len(parsed.events) - accepted, rejected)


def _store(events: Sequence[Event], first_on: date | None, *, known: bool) -> int | None:
    """How many were new. None, and nothing is stored, where an account or an action does not exist."""
    if not events:
        return 0
    columns = {name: list(map(attrgetter(name), events)) for name in Event.__struct_fields__}
    accepted, found = _counted(columns, known=known)
    if found < len(events):
        return None
    if accepted:
        _arrived(min(columns["occurred_at"]), first_on)
        _tell(events, set(columns["action"]))
    return accepted


def _counted(columns: dict[str, list[Any]], *, known: bool) -> tuple[int, int]:
    """How many were new, of how many that name what exists."""
    number = len(columns["event_id"])
    params = {name: array(values) for name, values in columns.items()}
    params["accounts"] = array(sorted(set(columns["account"])))
    params["occurred_at"] = params["occurred_at"].replace("T", " ")  # so PostgreSQL reads it a fifth sooner
    params |= {"last_account": columns["account"][-1], "last_id": columns["event_id"][-1]}
    if not known and prepared.do(STORE_NEW, params):
        return number, number
    accepted, found, _earliest = prepared.ask(STORE_BATCH, params)[0]
    return accepted, found


def _tell(events: Sequence[Event], actions: set[str]) -> None:
    if heard := waited_for(actions):
        waiting = [event for event in events if event.action in heard]
        tell_batch([event.account for event in waiting], [event.event_id for event in waiting], heard)


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
    accepted, earliest = _stored_from(source)
    if accepted:
        _arrived(earliest, FirstReading.objects.filter(kind="usage").values_list("first_on", flat=True).first())
    return accepted


def _stored_from(source: str, tries: int = TRIES) -> tuple[int, datetime]:
    """A new batch takes totals in the order that its plan finds them (STORE_NEW): where the two wait for each other,
    one is stopped. What was read from the file by then stays: this statement alone is undone and done again."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:  # by a plan that is made for a table of this size
            cursor.execute(STORE.format(source=source, where=""))
            accepted, _found, earliest = cursor.fetchone()
            return accepted, earliest
    except OperationalError as error:
        if tries == 1 or not isinstance(error.__cause__, DeadlockDetected):
            raise
    return _stored_from(source, tries - 1)


def _arrived(earliest: datetime, first_on: date | None) -> None:
    """`first_on` was looked at before it is written: an upsert would make every batch wait for every other."""
    day = earliest.astimezone(UTC).date()
    if first_on is None or first_on > day:
        received("usage", day)
    hint()


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
