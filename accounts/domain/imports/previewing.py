"""The first rows as they would be read, for a person to compare with what stands in the file."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.domain.imports.cells import Refused, shown
from accounts.domain.imports.fields import TYPES, ImportField, Source
from accounts.domain.imports.guessing import Sample
from accounts.domain.imports.loader import Loader
from accounts.domain.imports.mapping import Mapping, source_of
from accounts.registry import Text

EXAMPLES = 3
ROWS = 8


@dataclass(frozen=True)
class Cell:
    raw: str
    read: str
    why: str = ""

    @property
    def same(self) -> bool:
        return self.raw.strip() == self.read


@dataclass(frozen=True)
class Preview:
    columns: list[tuple[ImportField, Text]]
    rows: list[list[Cell]]


def examples(declared: ImportField, source: Source, sample: Sample) -> list[Cell]:
    """A few different cells of the field's column, filled ones first."""
    raws = dict.fromkeys(raw for row in sample.rows if (raw := raw_of(source, sample, row)).strip())
    return [_cell(declared, source, raw) for raw in list(raws)[:EXAMPLES]]


def raw_of(source: Source, sample: Sample, row: list[str]) -> str:
    places = [sample.header.index(name) for name in source.columns if name in sample.header]
    parts = [row[place].strip() for place in places if place < len(row)]
    return source.join.join(part for part in parts if part) or source.constant


def _cell(declared: ImportField, source: Source, raw: str) -> Cell:
    if declared.type == "columns":
        return Cell(shown(raw), shown(raw))
    try:
        value = TYPES[declared.type].converter(declared, source)(raw)
    except Refused as refusal:
        return Cell(shown(raw), "", str(refusal))
    if value is None and declared.required:
        return Cell("", "", _("is missing"))
    return Cell(shown(raw), shown(_readable(declared, value or declared.default or "")))


def _readable(declared: ImportField, value: str) -> str:
    if declared.type == "bool":
        return {"t": _("yes"), "f": _("no")}.get(value, value)
    if declared.type == "number" and "." in value:
        return value.rstrip("0").rstrip(".")
    return value


def preview(loader: Loader, mapping: Mapping, sample: Sample) -> Preview:
    mapped = [(f, source) for f in loader.fields if (source := source_of(mapping, f))]
    rows = [[_cell(f, source, raw_of(source, sample, row)) for f, source in mapped] for row in sample.rows[:ROWS]]
    return Preview([(f, f.label) for f, _source in mapped], rows)
