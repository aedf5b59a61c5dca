"""Steps that tick themselves (RULES 5, O4): product events counted once each, in the order in which they happened."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Rule:
    """`count` distinct events, or distinct values of `distinct`, complete the step."""

    count: int = 1
    distinct: str = ""
    since_assignment: bool = False


@dataclass(frozen=True)
class Event:
    id: str
    at: datetime
    value: str | None = None  # of the rule's property; without one it is no distinct value and does not count


def completed_at(
    rule: Rule, events: Iterable[Event], assigned_at: datetime, reopened_at: datetime | None = None
) -> datetime | None:
    """When the threshold was met: the occurred_at of the event that met it, or None.

    A step that somebody opened again stays open until something new happens after that; then the new event closes
    it, provided the threshold is (still) met.
    """
    counted = sorted({e.id: e for e in events}.values(), key=lambda e: (e.at, e.id))
    seen: set[str] = set()
    for event in counted:
        if rule.since_assignment and event.at < assigned_at:
            continue
        if rule.distinct and event.value is None:
            continue
        unit = (event.value if rule.distinct else event.id) or ""
        if unit in seen:
            continue
        seen.add(unit)
        if len(seen) >= rule.count and (reopened_at is None or event.at > reopened_at):
            return event.at
    return None
