"""Sets of rows on their way into PostgreSQL: what the verbs for imports share."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from itertools import islice
from typing import Any, TypeVar

from django.db import connection

from accounts.domain.activity import Actor, Who, announce
from accounts.exceptions import DomainError
from accounts.registry import activity_kinds

CHUNK = 10_000
MANY = 100
T = TypeVar("T")


@dataclass
class Counts:
    """What became of a set of rows. `refused`: index and reason, as raised by the row's own rules."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: list[tuple[int, DomainError]] = field(default_factory=list)

    def add(self, other: "Counts") -> None:
        self.created += other.created
        self.updated += other.updated
        self.unchanged += other.unchanged
        self.refused += other.refused

    def count(self, result: str) -> None:
        setattr(self, result, getattr(self, result) + 1)


def chunks(rows: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    source = iter(rows)
    while chunk := list(islice(source, size)):
        yield chunk


@contextmanager
def in_sets(cursor: Any, count: int) -> Iterator[None]:
    """For statements over `count` rows: joined by hash. In the middle of a first import the planner believes
    the tables empty, and would compare every row with every other."""
    many = count > MANY
    if many:
        cursor.execute("set local enable_nestloop = off")
    yield
    if many:
        cursor.execute("set local enable_nestloop = on")


def copy_in(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[int]:
    """New rows, in this order, and the ids they got: COPY takes a thousand in the time of ten inserts."""
    if not rows:
        return []
    with connection.cursor() as cursor:
        sequence = "select nextval(pg_get_serial_sequence(%s, 'id')) from generate_series(1, %s)"
        cursor.execute(sequence, [table, len(rows)])
        ids = sorted(pk for (pk,) in cursor.fetchall())
        with (
            connection.wrap_database_errors,
            cursor.copy(f"copy {table} (id, {', '.join(columns)}) from stdin") as copy,
        ):
            for pk, row in zip(ids, rows, strict=True):
                copy.write_row([pk, *(value.value if isinstance(value, Enum) else value for value in row)])
    return ids


def stage_rows(cursor: Any, name: str, columns: Mapping[str, str], rows: Iterable[Sequence[Any]]) -> None:
    """`rows` in a temporary table of these columns and types, gone with the transaction."""
    definition = ", ".join(f"{column} {kind}" for column, kind in columns.items())
    cursor.execute(f"drop table if exists pg_temp.{name}")
    cursor.execute(f"create temporary table {name} ({definition}) on commit drop")
    with connection.wrap_database_errors, cursor.copy(f"copy {name} ({', '.join(columns)}) from stdin") as copy:
        for row in rows:
            copy.write_row(row)
    # Without statistics the planner takes a few thousand rows for a handful and loops over them.
    cursor.execute(f"analyze {name}")


def record_set(
    kinds: str | Sequence[str],
    source: str,
    params: Mapping[str, Any],
    *,
    by: Who,
    quiet: str = "false",
    count: int = MANY + 1,
) -> int:
    """record() for a set that the database has: `source` selects account_id, kind, occurred_at and data.

    `params` has what `source` asks for, and `now`. `quiet` is a condition on a row of `source`: what it is true
    for stands on the timeline, and nothing answers to it. So the history that an import brings opens no
    follow-ups for what happened long ago. `count`: about how many there will be.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("record_set() belongs in the transaction of the change it tells of")
    for kind in [kinds] if isinstance(kinds, str) else kinds:
        activity_kinds[kind]
    actor = Actor.of(by)
    with connection.cursor() as cursor, in_sets(cursor, count):
        cursor.execute(
            f"""
            insert into accounts_activity
                (account_id, kind, occurred_at, recorded_at, actor_id, actor_label, data, dispatched_at)
            select account_id, kind, coalesce(occurred_at, %(now)s), %(now)s, %(actor)s, %(label)s, data,
                   case when {quiet} then %(now)s::timestamptz end
            from ({source}) facts
            """,  # noqa: S608 - the texts are constants of this package
            {**params, "actor": actor.user.pk if actor.user else None, "label": actor.label},
        )
        written = cursor.rowcount
    if written:
        announce()
    return written
