"""The fields of a kind of file, declared; where a file says them; and how a cell of each is read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _, gettext_lazy

from accounts.domain.imports import cells, times
from accounts.domain.imports.columns import Column, TextColumn
from accounts.registry import Text


@dataclass(frozen=True)
class ImportField:
    """One field of a kind. `names` are what files call it, most telling first, as guessing.plain() writes them."""

    name: str
    label: Text
    type: str = "text"
    required: bool = False
    # Where a column says it, every row does.
    filled: bool = False
    names: tuple[str, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)  # choice: what is written → what is meant
    other: str | None = None  # choice: what an unknown word means
    refused: Mapping[str, Text] = field(default_factory=dict)  # choice: words that keep the row out, and why
    default: str | None = None
    max_length: int = 200
    minimum: int | None = None
    places: int = 8  # of a number: more are refused, but for what a computer's arithmetic leaves beyond the eighth
    help: Text = ""
    # Nothing in the file for it: what this other field says.
    falls_back_to: str = ""


@dataclass(frozen=True)
class Source:
    """Where a field's value comes from: columns (several are joined) or the same value for every row."""

    columns: tuple[str, ...] = ()
    join: str = "-"
    constant: str = ""
    order: str = "dmy"
    decimal: str = "."

    def __bool__(self) -> bool:
        return bool(self.columns or self.constant)

    def as_json(self) -> dict[str, Any]:
        plain: dict[str, Any] = {"columns": list(self.columns)}
        if self.constant:
            plain["constant"] = self.constant
        if len(self.columns) > 1:
            plain["join"] = self.join
        if self.order != "dmy":
            plain["order"] = self.order
        if self.decimal != ".":
            plain["decimal"] = self.decimal
        return plain


@dataclass(frozen=True)
class CellType:
    sql: str
    converter: Callable[[ImportField, Source], cells.Convert]


def _number(declared: ImportField, source: Source) -> cells.Convert:
    least = None if declared.minimum is None else Decimal(declared.minimum)
    return cells.number(minimum=least, places=declared.places, decimal=source.decimal)


TYPES: dict[str, CellType] = {
    "text": CellType("text", lambda f, s: cells.text(f.max_length)),
    "line": CellType("text", lambda f, s: cells.line(f.max_length)),
    "id": CellType("text", lambda f, s: cells.identifier(f.max_length)),
    "email": CellType("text", lambda f, s: cells.email()),
    "domain": CellType("text", lambda f, s: cells.domain()),
    "currency": CellType("text", lambda f, s: cells.currency()),
    "zone": CellType("text", lambda f, s: cells.zone()),
    "language": CellType("text", lambda f, s: cells.language()),
    "choice": CellType("text", lambda f, s: cells.choice(f.words, other=f.other, refused=f.refused)),
    "bool": CellType("boolean", lambda f, s: cells.boolean()),
    "whole": CellType("integer", lambda f, s: cells.whole(minimum=f.minimum or 0, decimal=s.decimal)),
    "number": CellType("numeric(20,8)", _number),
    "day": CellType("date", lambda f, s: times.day(s.order)),
    "moment": CellType("timestamptz", lambda f, s: times.moment(s.order)),
    # Several columns kept by name.
    "columns": CellType("jsonb", lambda f, s: cells.columns_as_json()),
}


def column_of(declared: ImportField, source: Source) -> Column:
    """The converter of one field of one file."""
    convert = TYPES[declared.type].converter(declared, source)
    needed = declared.required or (declared.filled and source.columns)
    missing = (lambda: _("is missing")) if needed else None
    if declared.type in {"text", "line", "id"}:
        return TextColumn(convert, declared.max_length, missing=missing, default=declared.default)
    return Column(convert, missing=missing, default=declared.default)


# Rows that their source calls deleted stay out, with that reason.
DELETED = ImportField(
    "deleted",
    gettext_lazy("Deleted at its source"),
    "bool",
    names=("is_deleted", "deleted", "fivetran_deleted", "isdeleted", "archived"),
)
