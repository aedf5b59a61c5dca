"""A file on this machine's disk, imported here and now: what the command does, and what is measured."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.domain.activity import Who
from accounts.domain.imports import files, guessing, mapping as mappings, presets, runs
from accounts.domain.imports.files import Part
from accounts.domain.imports.loader import Loader
from accounts.domain.imports.mapping import Mapping
from accounts.domain.imports.reading import Shape, look_at
from accounts.domain.imports.running import File, Outcome, Progress, execute, silent
from accounts.models import ImportRun
from accounts.registry import import_kinds


def import_path(
    kind: str,
    path: Path,
    *,
    mapping: Any = None,
    source: str = "",
    dry: bool = False,
    by: Who = "import_data",
    progress: Progress = silent,
    tell: Callable[[str], None] = lambda _sentence: None,
) -> tuple[Outcome, dict[str, str]]:
    """Import the file; what became of its rows, and which column said what. `mapping` as mapping.parse() takes it;
    `tell` hears what was taken for granted about the file."""
    loader = import_kinds[kind].loader
    chunks = files.chunks_of_path(path)
    file = File(look_at(chunks), chunks, path.stat().st_size)
    settled, doubtful = (mappings.parse(mapping), []) if mapping is not None else _guess(kind, file, source)
    for sentence in (*file.shape.notes, *(_in_doubt(settled, column) for column in doubtful)):
        tell(sentence)
    _check(settled, loader, file.shape)
    if dry:
        outcome = runs.dry_run(file, loader, settled, by=by, progress=progress)
    else:
        with transaction.atomic():
            outcome = execute(file, loader, settled, by=by, progress=progress)
            _keep(kind, path, file.shape, settled, outcome)
    return outcome, {name: told(source) for name, source in settled.items()}


def _check(mapping: Mapping, loader: Loader, shape: Shape) -> None:
    """Who has no page to look at is told what there was to choose from."""
    try:
        mappings.check(mapping, loader, shape.header)
    except mappings.MappingError as error:
        there = _("The file has these columns: %(names)s.") % {"names": ", ".join(shape.header)}
        raise mappings.MappingError(f"{error} {there}", errors=error.errors) from None


def _in_doubt(mapping: Mapping, column: str) -> str:
    order = next(source.order for source in mapping.values() if column in source.columns)
    read_as = _("month, day, year") if order == "mdy" else _("day, month, year")
    sentence = _("The days in “%(column)s” could begin with the day or with the month: they are read as %(order)s.")
    return sentence % {"column": column, "order": read_as}


def _guess(kind: str, file: File, source: str) -> tuple[Mapping, list[str]]:
    sample = guessing.sample_of(file.shape, file.chunks)
    source = source or presets.recognise(file.shape.header)
    guess, _saved = runs.best_mapping(kind, file.shape, sample, source)
    return guessing.settle_orders(guess, import_kinds[kind].loader, file.shape, file.chunks)


def told(source: mappings.Source) -> str:
    columns = source.join.join(source.columns)
    return f"{columns} or “{source.constant}”" if columns and source.constant else columns or f"“{source.constant}”"


def _keep(kind: str, path: Path, shape: Shape, mapping: Mapping, outcome: Outcome) -> None:
    """The run stands in the list of imports like any other."""
    run = ImportRun.objects.create(
        kind=kind,
        filename=runs.clean_name(path.name),
        size=path.stat().st_size,
        status=ImportRun.Status.DONE,
        options={"header": shape.header, "notes": shape.notes},
        mapping=mappings.as_json(mapping),
        result={"run": outcome.as_json()},
        started_at=timezone.now(),
        ended_at=timezone.now(),
    )
    if outcome.refused_file:
        files.keep(run, Part.REFUSED, files.blocks_of(outcome.refused_file))
        outcome.refused_file.seek(0)
