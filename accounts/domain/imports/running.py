"""One run over one file: rows are converted batch by batch into the stage, what is wrong is set aside with its
reason, the rest is written by the kind's loader. The caller's transaction makes it all or nothing."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from django.db import connection
from django.utils.translation import gettext as _, ngettext

from accounts.domain.exports import neutral
from accounts.domain.imports.cells import plain_number
from accounts.domain.imports.fields import DELETED, ImportField, Source, column_of
from accounts.domain.imports.loader import Counts, Loader
from accounts.domain.imports.mapping import Mapping, source_of
from accounts.domain.imports.reading import Batch, Chunks, Shape, read
from accounts.domain.imports.staging import Stage
from accounts.registry import after_imports

IN_MEMORY = 1024 * 1024
# Shown on the page; the file has all of them.
SHOWN_REFUSALS = 100
# An advisory lock (runs.py has the other).
WRITE_LOCK = 7302

# A share of the work from 0 to 1 and what is being done; it may raise to stop the run.
Progress = Callable[[float, str], None]


class CanceledError(Exception):
    """Somebody asked the run to stop."""


@dataclass(frozen=True)
class File:
    shape: Shape
    chunks: Chunks
    size: int


@dataclass
class Outcome:
    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    # The first refusals, for the page: row and reason.
    refusals: list[tuple[int, str]] = field(default_factory=list)
    refused_file: IO[bytes] | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "rows": self.rows,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "refused": self.refused,
            "refusals": [list(pair) for pair in self.refusals],
        }


def silent(share: float, doing: str) -> None:
    """Nobody is looking."""


def execute(file: File, loader: Loader, mapping: Mapping, *, by: object = None, progress: Progress = silent) -> Outcome:
    """Read, check and write one file inside the caller's transaction."""
    if not connection.in_atomic_block:
        raise RuntimeError("an import belongs in a transaction: all or nothing")
    fields = _staged(loader, mapping)
    stage = Stage(fields, frozenset(f.name for f in fields))
    stage.open()
    rows = _fill(stage, file, mapping, progress)
    counts = _write(stage, loader, by, progress)
    outcome = Outcome(rows, counts.created, counts.updated, counts.unchanged)
    _set_refusals(outcome, stage, file)
    stage.close()  # where it ends before, the stage goes with what the caller's transaction undoes
    return outcome


def _staged(loader: Loader, mapping: Mapping) -> list[ImportField]:
    """The fields that get a value: mapped, with a default, or taken from another field."""
    return [f for f in loader.all_fields() if source_of(mapping, f) or f.default is not None]


# Filling the stage --------------------------------------------------------------------------------


def _fill(stage: Stage, file: File, mapping: Mapping, progress: Progress) -> int:
    seen = [0]
    table = _Table(file.shape, stage.fields, mapping)
    rows = 0
    for batch in read(file.shape, file.chunks, lambda size: seen.__setitem__(0, seen[0] + size)):
        rows += len(batch.rows)
        numbers, columns, refusals = table.convert(batch)
        stage.add(numbers, columns)
        stage.add_refusals(refusals)
        progress(0.6 * seen[0] / max(file.size, 1), "reading")
    stage.analyze()
    return rows


class _Table:
    """The file's columns as the stage's columns."""

    def __init__(self, shape: Shape, fields: tuple[ImportField, ...], mapping: Mapping) -> None:
        self.shape, self.fields = shape, fields
        self.places = {name: i for i, name in enumerate(shape.header)}
        self.sources = [source_of(mapping, f) for f in fields]
        self.columns = [column_of(f, s) for f, s in zip(fields, self.sources, strict=True)]
        self.pickers = [self._picker(f, s) for f, s in zip(fields, self.sources, strict=True)]

    def convert(self, batch: Batch) -> tuple[list[int], list[list[str]], list[tuple[int, str]]]:
        """Numbers and columns of the good rows; rows and reasons of the others."""
        numbers, rows, refusals = self._whole_rows(batch)
        if not rows:
            return [], [[] for _field in self.fields], refusals
        cells = list(zip(*rows, strict=True))
        picked = [pick(cells, len(rows)) for pick in self.pickers]
        values = [column.values_of(column_cells) for column, column_cells in zip(self.columns, picked, strict=True)]
        bad = {i for column in values if None in column for i, value in enumerate(column) if value is None}
        if bad:
            refusals += [(numbers[i], self._why(i, picked, values)) for i in sorted(bad)]
            numbers = [n for i, n in enumerate(numbers) if i not in bad]
            values = [[v for i, v in enumerate(column) if i not in bad] for column in values]
        return numbers, values, refusals  # type: ignore[return-value]

    def _whole_rows(self, batch: Batch) -> tuple[list[int], list[list[str]], list[tuple[int, str]]]:
        width = len(self.shape.header)
        if batch.unclosed is None and all(len(row) == width for row in batch.rows):
            return batch.numbers, batch.rows, []
        numbers, rows, refusals = [], [], []
        for number, row in zip(batch.numbers, batch.rows, strict=True):
            if why := _wrong_shape(row, width, unclosed=number == batch.unclosed):
                refusals.append((number, why))
            else:
                numbers.append(number)
                rows.append(row[:width])
        return numbers, rows, refusals

    def _picker(self, declared: ImportField, source: Source) -> Callable[[list[tuple[str, ...]], int], list[str]]:
        places = [self.places[name] for name in source.columns]
        if declared.type == "columns":
            return lambda cells, n: _objects(source.columns, [cells[i] for i in places])
        if not places:
            return lambda cells, n: [source.constant] * n
        if len(places) == 1 and not source.constant:
            return lambda cells, n: list(cells[places[0]])
        if len(places) == 1:
            return lambda cells, n: [cell if cell.strip() else source.constant for cell in cells[places[0]]]
        return lambda cells, n: _joined(source.join, [cells[i] for i in places])

    def _why(self, i: int, picked: list[list[str]], values: list[list[str | None]]) -> str:
        sentences = []
        for declared, column, cells, column_values in zip(self.fields, self.columns, picked, values, strict=True):
            if column_values[i] is None:
                sentences.append(_("%(field)s %(why)s.") % {"field": declared.label, "why": column.why[cells[i]]})
        return " ".join(sentences)


def _wrong_shape(row: list[str], width: int, *, unclosed: bool) -> str:
    if unclosed:
        lines = row[-1].count("\n")
        sentence = ngettext(
            "A quote is opened here and never closed: the rest of the file (%(n)s line) became one cell.",
            "A quote is opened here and never closed: the rest of the file (%(n)s lines) became one cell.",
            lines,
        )
        return sentence % {"n": lines}
    if len(row) == width or (len(row) > width and not any(map(str.strip, row[width:]))):
        return ""
    sentence = ngettext(
        "The row has %(n)s cell, the header has %(width)s.",
        "The row has %(n)s cells, the header has %(width)s.",
        len(row),
    )
    return sentence % {"n": len(row), "width": width}


def _joined(join: str, columns: list[tuple[str, ...]]) -> list[str]:
    return [join.join(part for cell in cells if (part := cell.strip())) for cells in zip(*columns, strict=True)]


def _objects(names: tuple[str, ...], columns: list[tuple[str, ...]]) -> list[str]:
    return [
        json.dumps({name: cell.strip() for name, cell in zip(names, cells, strict=True) if cell.strip()})
        for cells in zip(*columns, strict=True)
    ]


# Writing ------------------------------------------------------------------------------------------


def _write(stage: Stage, loader: Loader, by: object, progress: Progress) -> Counts:
    progress(0.62, "checking")
    _one_at_a_time()
    if DELETED.name in stage.mapped:
        stage.refuse("r.deleted", _("The source calls this row deleted."))
    loader.refuse(stage)
    copies = stage.drop_copies() if loader.copies else 0
    if key := loader.keys(stage):
        again = _("“%s” stands here again with other values: row %s is taken.")
        stage.refuse_repeats(key, again, loader.called or f"r.{key[-1]}")
    progress(0.7, "writing")
    counts = loader.write(stage, by=by)
    if counts.created or counts.updated:
        accounts = loader.touched(stage)
        for hook in after_imports:
            hook.handle(accounts)
    progress(0.95, "writing")
    return counts + Counts(unchanged=copies)


def _one_at_a_time() -> None:
    """Two files at once would wait for each other's rows crosswise; reading them side by side is fine."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s::int, 0)", [WRITE_LOCK])


# Refusals -----------------------------------------------------------------------------------------


def _set_refusals(outcome: Outcome, stage: Stage, file: File) -> None:
    outcome.refused = stage.refused()
    if not outcome.refused:
        return
    reasons = _remembering(stage.reasons(), outcome.refusals)
    outcome.refused_file = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - whoever keeps it closes it
    for line in refused_lines(file, reasons):
        outcome.refused_file.write(line)
    outcome.refused_file.seek(0)


def _remembering(reasons: Iterator[tuple[int, str]], first: list[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    for number, reason in reasons:
        if len(first) < SHOWN_REFUSALS:
            first.append((number, reason))
        yield number, reason


def refused_lines(file: File, reasons: Iterator[tuple[int, str]]) -> Iterator[bytes]:
    """The refused rows as they came, with row and reason in front: mend them and import this file."""
    shape = file.shape
    yield b"\xef\xbb\xbf" + _line([_("Row"), _("Reason"), *shape.header])
    waiting = next(reasons, None)
    for batch in read(shape, file.chunks):
        if waiting is None:
            return
        for number, row in zip(batch.numbers, batch.rows, strict=True):
            if waiting and number == waiting[0]:
                yield _line([str(number), waiting[1], *row])
                waiting = next(reasons, None)


def _line(cells: list[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerow([_harmless(cell) for cell in cells])
    return out.getvalue().encode("utf-8", "replace")


def _harmless(cell: str) -> str:
    """A formula stays text in a spreadsheet; a plain negative number stays a number."""
    return cell if cell[:1] in "+-" and _is_number(cell) else neutral(cell)


def _is_number(cell: str) -> bool:
    try:
        float(plain_number(cell))
    except ValueError:
        return False
    return cell.strip("+-0123456789.,") == ""
