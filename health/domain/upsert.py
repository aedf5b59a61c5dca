"""Sets of readings that have an id at their source: new ones are added, changed ones changed, the rest left alone."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, NamedTuple, TypeVar

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.domain.bulk import Counts
from accounts.exceptions import DomainError
from health.domain.arrays import texts
from health.domain.events import storable
from health.domain.marks import mark, received
from health.models import FirstReading

R = TypeVar("R", bound=NamedTuple)


@dataclass(frozen=True)
class Table:
    name: str
    columns: Mapping[str, str]  # with their types, in the order of the rows' fields
    key: tuple[str, ...] = ("account_id", "external_id")
    also: str = ""  # what a changed row is given besides, as in SET: "told_at = NULL"

    @property
    def rest(self) -> list[str]:
        return [column for column in self.columns if column not in self.key]


def upsert(
    table: Table,
    rows: Sequence[R],
    *,
    check: Callable[[R], R],
    kind: str = "",
    day: Callable[[R], date | datetime] | None = None,
    told: Collection[str] | None = None,
) -> Counts:
    """Stores the rows that `check` lets through; of rows with the same key the last one counts. `kind` and `day`
    tell what the installation has now received, and since when; `told` which columns the source knows at all: the
    others of a stored row stay as they are."""
    counts = Counts()
    good: dict[tuple, R] = {}
    repeated = 0
    for index, row in enumerate(rows):
        try:
            checked = check(row)
        except DomainError as error:
            counts.refused.append((index, error))
            continue
        key = tuple(getattr(checked, column) for column in table.key)
        repeated += key in good
        good[key] = checked
    if good:
        _write(table, list(good.values()), counts, kind, day, told)
    counts.unchanged += repeated
    return counts


@transaction.atomic
def _write(  # noqa: PLR0917 - one caller
    table: Table,
    rows: list[R],
    counts: Counts,
    kind: str,
    day: Callable[[R], date | datetime] | None,
    told: Collection[str] | None,
) -> None:
    rows.sort(key=lambda row: tuple(getattr(row, column) for column in table.key))
    with connection.cursor() as cursor:
        cursor.execute(_text(table, told), [texts(column) for column in zip(*rows, strict=True)])
        created, updated, touched = cursor.fetchone()
    counts.created += created
    counts.updated += updated
    counts.unchanged += len(rows) - created - updated
    if kind and day:
        _received(kind, min(_utc_day(day(row)) for row in rows))
    mark(touched)


def _received(kind: str, first: date) -> None:
    if not FirstReading.objects.filter(kind=kind, first_on__lte=first).exists():
        received(kind, first)


def _utc_day(value: date | datetime) -> date:
    return value.astimezone(UTC).date() if isinstance(value, datetime) else value


def _text(table: Table, told: Collection[str] | None) -> str:
    rest = [column for column in table.rest if told is None or column in told] or table.rest
    columns, key = ", ".join(table.columns), ", ".join(table.key)
    arrays = ", ".join(f"%s::{kind}[]" for kind in table.columns.values())
    values = ", ".join(f"excluded.{c}" for c in rest)
    kept = ", ".join(f"kept.{c}" for c in rest)
    sets = ", ".join([*(f"{c} = excluded.{c}" for c in rest), *filter(None, [table.also])])
    return f"""
        WITH written AS (
            INSERT INTO {table.name} AS kept ({columns})
            SELECT * FROM unnest({arrays})
            ON CONFLICT ({key}) DO UPDATE SET {sets} WHERE ({kept}) IS DISTINCT FROM ({values})
            RETURNING account_id, xmax = 0 AS created
        )
        SELECT count(*) FILTER (WHERE created), count(*) FILTER (WHERE NOT created),
            coalesce(array_agg(DISTINCT account_id), '{{}}')
        FROM written
    """  # noqa: S608 - names are constants of this package


# Checks that several kinds of readings share ------------------------------------------------------------


def refuse(field: str, sentence: Any) -> DomainError:
    return DomainError(sentence, code="invalid", errors={field: [sentence]})


def check_text(field: str, value: str, limit: int, *, needed: bool = False) -> str:
    if not isinstance(value, str):
        raise refuse(field, _("This must be text."))
    value = value.strip()
    if needed and not value:
        raise refuse(field, _("This is needed."))
    if len(value) > limit:
        raise refuse(field, _("Longer than %(n)s characters.") % {"n": limit})
    if not storable(value):
        raise refuse(field, _("This has characters that cannot be stored."))
    return value


def check_choice(field: str, value: str, choices: Iterable[str]) -> str:
    if value not in choices:
        raise refuse(field, _("One of: %(choices)s.") % {"choices": ", ".join(choices)})
    return value


def check_moment(field: str, value: datetime | None, latest: datetime) -> datetime:
    """A time with its zone, from this side of 1970 up to `latest`."""
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise refuse(field, _("A time with its zone: 2026-11-22T09:30:00Z."))
    if value > latest:
        raise refuse(field, _("This time is in the future."))
    if value.year < 1970:
        raise refuse(field, _("This is before 1970."))
    return value


def one(counts: Counts) -> str:
    """Of an upsert of a single row: created, updated or unchanged; its refusal is raised."""
    if counts.refused:
        raise counts.refused[0][1]
    return "created" if counts.created else "updated" if counts.updated else "unchanged"
