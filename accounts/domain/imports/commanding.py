"""A file on this machine's disk, imported here and now: what the command does, and what is measured."""

from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.domain.activity import Who
from accounts.domain.imports import files, guessing, mapping as mappings, presets, runs
from accounts.domain.imports.files import Part
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
) -> tuple[Outcome, dict[str, str]]:
    """Import the file; what became of its rows, and which column said what. `mapping` as mapping.parse() takes it."""
    loader = import_kinds[kind].loader
    chunks = files.chunks_of_path(path)
    file = File(look_at(chunks), chunks, path.stat().st_size)
    settled = mappings.parse(mapping) if mapping is not None else _guess(kind, file, source)
    mappings.check(settled, loader, file.shape.header)
    if dry:
        outcome = runs.dry_run(file, loader, settled, by=by, progress=progress)
    else:
        with transaction.atomic():
            outcome = execute(file, loader, settled, by=by, progress=progress)
            _keep(kind, path, file.shape, settled, outcome)
    return outcome, {name: told(source) for name, source in settled.items()}


def _guess(kind: str, file: File, source: str) -> Mapping:
    sample = guessing.sample_of(file.shape, file.chunks)
    source = source or presets.recognise(file.shape.header)
    guess, _saved = runs.best_mapping(kind, file.shape, sample, source)
    return guessing.settle_orders(guess, import_kinds[kind].loader, file.shape, file.chunks)[0]


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
