"""Pages of a long list by position, not by number: the thousandth costs what the first one does."""

import base64
import binascii
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F, QuerySet
from django.db.models.fields.tuple_lookups import TupleGreaterThan, TupleLessThan

from accounts.exceptions import DomainError


@dataclass(frozen=True)
class Order:
    """A column, then the id. Rows without a value come last, whichever way the others run."""

    column: str
    descending: bool = False
    nullable: bool = False
    # The id beside the column: in the same table, or the index that holds both is of no use.
    pk: str = "pk"


@dataclass(frozen=True)
class Position:
    """The row a page starts behind (or ends before)."""

    value: Any
    pk: int

    def __str__(self) -> str:
        value = None if self.value is None else str(self.value)
        packed = json.dumps([value, self.pk], separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(packed).decode().rstrip("=")


@dataclass(frozen=True)
class Page:
    """What {% pager %} shows. `previous` and `next` are texts for the address, or None."""

    rows: list[Any]
    previous: str | None
    next: str | None
    note: Any = ""


class BadPositionError(DomainError):
    code = "bad_position"
    status = 400


def read_position(text: str, column: Any) -> Position:
    """BadPositionError for anything that Position did not write for this column (a model field)."""
    try:
        value, pk = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if not (isinstance(pk, int) and 0 < pk < 2**63) or not isinstance(value, str | None):
            raise ValueError
        return Position(None if value is None else column.to_python(_storable(value)), pk)
    except (ValueError, TypeError, RecursionError, binascii.Error, ValidationError) as e:
        raise BadPositionError("") from e


def _storable(value: str) -> str:
    if "\0" in value or len(value) > 400 or value.strip().lower() in {"nan", "inf", "-inf", "infinity", "-infinity"}:
        raise ValueError
    value.encode()  # half a surrogate pair
    return value


def page(
    rows: QuerySet,
    order: Order,
    *,
    after: Position | None = None,
    before: Position | None = None,
    size: int = 50,
    at: Callable[[Any], tuple[Any, int]],
    make: Callable[[Any], Any] = lambda row: row,
) -> Page:
    """`size` rows behind `after` (or before `before`). `at` tells a row's value and id, `make` what becomes of it."""
    backwards = before is not None
    found = _take(rows, order, before if backwards else after, backwards, size + 1)
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    ahead, behind = (True, more) if backwards else (more, after is not None)
    if not found:
        return Page([], None, None)
    return Page(
        [make(row) for row in found],
        previous=str(Position(*at(found[0]))) if behind else None,
        next=str(Position(*at(found[-1]))) if ahead else None,
    )


def _take(rows: QuerySet, order: Order, start: Position | None, backwards: bool, count: int) -> list[Any]:
    """Up to `count` rows. A second query only where the rows with a value give out."""
    found: list[Any] = []
    for part in _parts(rows, order, start, backwards):
        found += part[: count - len(found)]
        if len(found) == count:
            break
    return found


def _parts(rows: QuerySet, order: Order, start: Position | None, backwards: bool) -> Iterator[QuerySet]:
    """Those with a value and those without, each read along its own index: NULLS LAST would sort all rows."""
    descending = order.descending != backwards
    if not order.nullable:
        place = (start.value, start.pk) if start else None
        yield _behind(rows, (order.column, order.pk), place, descending)
        return
    known = rows.filter(**{f"{order.column}__isnull": False})
    unknown = rows.filter(**{f"{order.column}__isnull": True})
    parts = [(known, (order.column, order.pk), False), (unknown, ("pk",), True)]
    for part, columns, empty in reversed(parts) if backwards else parts:
        if start is None:
            yield _behind(part, columns, None, descending)
        elif (start.value is None) == empty:
            yield _behind(part, columns, (start.pk,) if empty else (start.value, start.pk), descending)
            start = None


def _behind(rows: QuerySet, columns: tuple[str, ...], start: tuple | None, descending: bool) -> QuerySet:
    sign = "-" if descending else ""
    if start is not None:
        compare = TupleLessThan if descending else TupleGreaterThan
        rows = rows.filter(compare(tuple(F(c) for c in columns), start))
    return rows.order_by(*(f"{sign}{c}" for c in columns))
