"""What a rule says now, from memory, and not out of date.

Each connection to the database keeps the values it has read. PostgreSQL tells every connection of a change when it is
committed (models.RuleValue), milliseconds later, so that no process needs a restart and no page a query. Inside a
transaction the values stay as they were when it first asked.
"""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from time import monotonic
from typing import Any

import psycopg
from django.db import connection

from accounts.models import RuleValue
from accounts.models.rule import CHANNEL
from accounts.registry import Rule, rules

Value = int | Decimal | tuple[int, ...]

# Where a pool hands out connections by transaction there is nobody to tell: then values are read again so often.
POOLED_SECONDS = 1.0


class Kept:
    """What one connection knows."""

    def __init__(self, *, told: bool) -> None:
        self.told = told  # PostgreSQL tells it of changes
        self.values: dict[str, Value] | None = None
        self.read_at = 0.0
        self.news = 0
        self.writing = False  # in a transaction of its own that has changed values

    def forget(self, *_note: object) -> None:
        self.values, self.news = None, self.news + 1

    def written(self) -> None:
        self.writing = False
        self.forget()

    @property
    def holds(self) -> bool:
        return self.values is not None and (self.told or monotonic() - self.read_at < POOLED_SECONDS)


def listen(connection: Any, **_kwargs: Any) -> None:
    """For each new connection (django.db.backends.signals.connection_created)."""
    # Django has one setting that says that connections come from a pool.
    pooled = connection.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS", False)
    connection.tenure_rules = kept = Kept(told=not pooled)
    if kept.told:
        connection.connection.add_notify_handler(kept.forget)
        connection.connection.execute(f"LISTEN {CHANNEL}")


def number(key: str) -> Any:
    """int, or Decimal where the rule has decimal places."""
    return _value(rules[key])


def numbers(key: str) -> tuple[int, ...]:
    value = _value(rules[key])
    assert isinstance(value, tuple)
    return value


def days(key: str) -> timedelta:
    return timedelta(days=number(key))


def hours(key: str) -> timedelta:
    return timedelta(hours=number(key))


def share(key: str) -> Decimal:
    """Of a rule in per cent: between 0 and 1."""
    return Decimal(number(key)) / 100


def several(*keys: str) -> tuple[Any, ...]:
    """For who needs some of them for each of many rows."""
    changed = _changed()
    return tuple(changed.get(key, rules[key].default) for key in keys)


def current() -> dict[str, Value]:
    """All rules at once, as they are stored this very moment."""
    changed = _load()
    return {rule.key: changed.get(rule.key, rule.default) for rule in rules}


def writing() -> None:
    """This transaction changes values: until it ends they are read each time, and kept by nobody."""
    connection.ensure_connection()
    connection.tenure_rules.writing = True  # type: ignore[attr-defined]


def read_stored(rule: Rule, stored: Any) -> Value:
    if isinstance(rule.default, tuple):
        return tuple(stored)
    return Decimal(stored) if rule.places else int(stored)


def _value(rule: Rule) -> Value:
    return _changed().get(rule.key, rule.default)


def _changed() -> Mapping[str, Value]:
    connection.ensure_connection()
    kept: Kept = connection.tenure_rules  # type: ignore[attr-defined]
    if not connection.in_atomic_block:
        if kept.writing:
            kept.written()
        _hear(kept)
    if kept.writing:
        return _load()
    if not kept.holds:
        news, values = kept.news, _load()
        if news != kept.news:  # changed while it was read
            return values
        kept.values, kept.read_at = values, monotonic()
    assert kept.values is not None
    return kept.values


def _hear(kept: Kept) -> None:
    """What has arrived since the last query. A connection that is gone has heard nothing."""
    wire = connection.connection.pgconn
    try:
        wire.consume_input()
        while wire.notifies():
            kept.forget()
    except psycopg.Error:
        kept.forget()


def _load() -> dict[str, Value]:
    stored = RuleValue.objects.values_list("key", "value")
    return {key: read_stored(rules[key], value) for key, value in stored if key in rules}
