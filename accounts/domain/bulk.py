"""Sets of rows on their way into PostgreSQL: what the verbs for imports share."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar

from django.db import connection

from accounts.domain.activity import Actor, Who, announce
from accounts.exceptions import DomainError
from accounts.registry import activity_kinds

CHUNK = 10_000
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


def stage_rows(cursor: Any, name: str, columns: Mapping[str, str], rows: Iterable[Sequence[Any]]) -> None:
    """`rows` in a temporary table of these columns and types, gone with the transaction."""
    definition = ", ".join(f"{column} {kind}" for column, kind in columns.items())
    cursor.execute(f"drop table if exists pg_temp.{name}")
    cursor.execute(f"create temporary table {name} ({definition}) on commit drop")
    with cursor.copy(f"copy {name} ({', '.join(columns)}) from stdin") as copy:
        for row in rows:
            copy.write_row(row)
    # Without statistics the planner takes a few thousand rows for a handful and loops over them.
    cursor.execute(f"analyze {name}")


def record_set(
    kinds: str | Sequence[str], source: str, params: Mapping[str, Any], *, by: Who, quiet: str = "false"
) -> int:
    """record() for a set that the database has: `source` selects account_id, kind, occurred_at and data.

    `params` has what `source` asks for, and `now`. `quiet` is a condition on a row of `source`: what it is true
    for stands on the timeline, and nothing answers to it. So the history that an import brings opens no
    follow-ups for what happened long ago.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("record_set() belongs in the transaction of the change it tells of")
    for kind in [kinds] if isinstance(kinds, str) else kinds:
        activity_kinds[kind]
    actor = Actor.of(by)
    with connection.cursor() as cursor:
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
