"""What a usage event must look like, and, where it does not, what is wrong with it in sentences."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Annotated, Any

import msgspec
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from accounts.exceptions import DomainError

MOST_EVENTS = 5000
MOST_COUNT = 1_000_000
AHEAD = timedelta(minutes=5)
BACK = timedelta(days=400)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LENGTHS = {"event_id": 200, "account": 200, "action": 120, "user": 200}


class Event(msgspec.Struct, gc=False):
    event_id: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    account: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]  # its external id
    action: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
    occurred_at: Annotated[datetime, msgspec.Meta(tz=True)]
    count: Annotated[int, msgspec.Meta(ge=1, le=MOST_COUNT)] = 1
    user: Annotated[str, msgspec.Meta(max_length=200)] = ""


class Batch(msgspec.Struct):
    events: list[Event]


OCCURRED = attrgetter("occurred_at")


@dataclass
class Parsed:
    events: list[Event] = field(default_factory=list)
    indexes: Sequence[int] = ()  # where each event stood in the batch
    rejected: list[dict[str, Any]] = field(default_factory=list)

    def reject(self, index: int, errors: dict[str, list[str]]) -> None:
        self.rejected.append({"index": index, "errors": errors})


_decoder = msgspec.json.Decoder(Batch)


def parse_batch(body: bytes) -> Parsed:
    """The good events of a batch, the others by index. DomainError where it is no batch at all."""
    # The quick way takes whole batches only; NUL is text for JSON but not for PostgreSQL. One byte is found at once,
    # which most bodies do not have; six take a while.
    if b"\\" not in body or b"\\u0000" not in body:
        try:
            events = _decoder.decode(body).events
            _check_size(events)
            return Parsed(events, range(len(events)))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            pass
    return _one_by_one(_loaded(body))


def _loaded(body: bytes) -> list[Any]:
    try:
        batch = json.loads(body)
    except (ValueError, RecursionError) as e:
        raise DomainError(_("This is not JSON."), code="parse_error", status=400) from e
    events = batch.get("events") if isinstance(batch, dict) else None
    if not isinstance(events, list):
        raise DomainError(
            _('Send {"events": […]}.'), code="invalid", errors={"events": [_("A list of events is needed.")]}
        )
    _check_size(events)
    return events


def _check_size(events: Sequence[Any]) -> None:
    if len(events) > MOST_EVENTS:
        raise DomainError(
            _("%(n)s events are too many for one call: %(most)s at the most.")
            % {"n": len(events), "most": MOST_EVENTS},
            code="too_many",
            status=413,
        )


def _one_by_one(raw: list[Any]) -> Parsed:
    parsed, indexes = Parsed(), []
    for index, item in enumerate(raw):
        event, errors = _event(item)
        if event is None:
            parsed.reject(index, errors)
        else:
            parsed.events.append(event)
            indexes.append(index)
    parsed.indexes = indexes
    return parsed


def _event(item: Any) -> tuple[Event | None, dict[str, list[str]]]:
    if not isinstance(item, dict):
        return None, {"non_field_errors": [_("An event is an object.")]}
    errors = {name: [problem] for name, check in CHECKS.items() if (problem := check(name, item))}
    if errors:
        return None, errors
    at = _aware(item["occurred_at"])
    user, count = item.get("user") or "", item.get("count", 1)
    assert at is not None  # CHECKS read it already
    return Event(item["event_id"], item["account"], item["action"], at, count, user), {}


def _text(name: str, item: dict[str, Any]) -> str:
    value = item.get(name)
    if name == "user" and value in (None, ""):
        return ""
    if value is None or value == "":
        return _("This is needed.")
    if not isinstance(value, str):
        return _("This must be text.")
    if len(value) > LENGTHS[name]:
        return _("Longer than %(n)s characters.") % {"n": LENGTHS[name]}
    return "" if storable(value) else _("This has characters that cannot be stored.")


def storable(value: str) -> bool:
    """No NUL, no half of a surrogate pair."""
    try:
        return b"\0" not in value.encode()
    except UnicodeEncodeError:
        return False


def _count(name: str, item: dict[str, Any]) -> str:
    value = item.get("count", 1)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_COUNT:
        return _("A whole number from 1 to %(most)s.") % {"most": MOST_COUNT}
    return ""


def _time(name: str, item: dict[str, Any]) -> str:
    value = item.get("occurred_at")
    if value is None or value == "":
        return _("This is needed.")
    if not isinstance(value, str):
        return _("A time as text: 2026-11-22T09:30:00Z.")
    return "" if _aware(value) else _("A time with its zone: 2026-11-22T09:30:00Z.")


def _aware(value: str) -> datetime | None:
    try:
        at = parse_datetime(value)
        return at.astimezone(UTC) if at and at.tzinfo else None
    except (ValueError, OverflowError):
        return None


CHECKS: dict[str, Callable[[str, dict[str, Any]], str]] = {
    "event_id": _text,
    "account": _text,
    "action": _text,
    "count": _count,
    "occurred_at": _time,
    "user": _text,
}


def in_time(parsed: Parsed, now: datetime, *, history: bool) -> Parsed:
    """Without those from the future, and, unless history is being brought in, without those from long ago."""
    latest, earliest = now + AHEAD, EPOCH if history else now - BACK
    times = list(map(OCCURRED, parsed.events))
    if not times or (earliest <= min(times) and max(times) <= latest):
        return parsed
    kept = Parsed(rejected=parsed.rejected)
    indexes = []
    for index, event in zip(parsed.indexes, parsed.events, strict=True):
        if earliest <= event.occurred_at <= latest:
            kept.events.append(event)
            indexes.append(index)
        else:
            kept.reject(index, {"occurred_at": [_out_of_time(event.occurred_at > latest, history)]})
    kept.indexes = indexes
    return kept


def _out_of_time(future: bool, history: bool) -> str:
    if future:
        return _("This time is in the future.")
    if history:
        return _("This is before 1970.")
    return _("This is more than %(n)s days ago.") % {"n": BACK.days}
