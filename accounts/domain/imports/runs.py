"""The life of a run: uploaded, mapped, checked over the whole file, run, looked at; canceled at any point.

Who works on a run holds its advisory lock for the length of the transaction that reads the file. Whatever kills
the worker ends that transaction and frees the lock, and the run starts again from the beginning.
"""

from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from typing import Any

from celery import current_app
from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.domain.activity import Who
from accounts.domain.imports import files, guessing, mapping as mappings, presets
from accounts.domain.imports.files import Part
from accounts.domain.imports.loader import Loader
from accounts.domain.imports.mapping import Mapping
from accounts.domain.imports.reading import ONE_BYTE, Shape, look_at
from accounts.domain.imports.running import CanceledError, File, Outcome, Progress, execute
from accounts.domain.text import one_line
from accounts.exceptions import Conflict, DomainError
from accounts.models import ImportRun, MappingPreset, User
from accounts.registry import import_kinds

Status = ImportRun.Status
WORKING = (Status.PREVIEW, Status.RUNNING)
OPEN = (Status.MAPPING, Status.READY, *WORKING)
MAX_ATTEMPTS = 4
# Advisory locks of ours are told apart by their first number (running.py has the other).
RUN_LOCK = 7301


class _UndoneError(Exception):
    """A check has seen what a run would do."""


# Upload -------------------------------------------------------------------------------------------


@transaction.atomic
def create_run(
    *, filename: str, chunks: Iterable[bytes], kind: str = "", source: str = "", by: User | None
) -> ImportRun:
    """Keep the file, look at it, guess what it is about and which column says what."""
    run = ImportRun.objects.create(kind=kind, filename=clean_name(filename), user=by)
    run.size = files.keep(run, Part.FILE, chunks)
    shape = look_at(files.chunks_of(run))
    sample = guessing.sample_of(shape, files.chunks_of(run))
    run.options = {**_shape_as_json(shape), "source": source or presets.recognise(shape.header)}
    run.options["guessed"] = not kind
    run.kind = kind or guessing.kind_of(sample) or next(iter(import_kinds.sorted())).key
    _guess(run, shape, sample)
    run.save()
    return run


def clean_name(name: str) -> str:
    """The file's own name, without the folders and control characters that a client may send."""
    last = str(name).replace("\\", "/").rsplit("/", 1)[-1]
    return one_line(last, 10_000)[-200:] or "file.csv"


def _shape_as_json(shape: Shape) -> dict[str, Any]:
    return {
        "encoding": shape.encoding,
        "delimiter": shape.delimiter,
        "header": shape.header,
        "header_row": shape.header_row,
        "notes": shape.notes,
    }


def shape_of(run: ImportRun) -> Shape:
    options = run.options
    return Shape(options["encoding"], options["delimiter"], options["header"], options["header_row"], options["notes"])


def file_of(run: ImportRun) -> File:
    return File(shape_of(run), files.chunks_of(run), run.size)


def loader_of(run: ImportRun) -> Loader:
    return import_kinds[run.kind].loader


def mapping_of(run: ImportRun) -> Mapping:
    return mappings.parse(run.mapping)


def sample_of(run: ImportRun) -> guessing.Sample:
    return guessing.sample_of(shape_of(run), files.chunks_of(run))


def _guess(run: ImportRun, shape: Shape, sample: guessing.Sample) -> None:
    guess, saved = best_mapping(run.kind, shape, sample, run.options["source"])
    guess, doubtful = guessing.settle_orders(guess, loader_of(run), shape, files.chunks_of(run))
    run.mapping = mappings.as_json(guess)
    run.options |= {"doubtful": doubtful, "saved": saved}


def best_mapping(kind: str, shape: Shape, sample: guessing.Sample, source: str) -> tuple[Mapping, str]:
    """A mapping saved from a file with these very columns, and its name; else a guess."""
    for preset in MappingPreset.objects.filter(kind=kind).order_by("-pk"):
        if set(preset.columns) == set(shape.header):
            return mappings.parse(preset.mapping), preset.name
    return guessing.mapping_of(import_kinds[kind].loader, sample, source, kind), ""


# Mapping ------------------------------------------------------------------------------------------


@transaction.atomic
def choose_kind(run: ImportRun, kind: str, source: str, encoding: str = "", header_row: int | None = None) -> None:
    """Another kind, source, set of characters or row of names: guess again."""
    _lock_status(run, Status.MAPPING, Status.READY)
    import_kinds[kind]
    run.kind, run.status, run.result = kind, Status.MAPPING, {}
    said = encoding if encoding in ONE_BYTE and run.options["encoding"] in ONE_BYTE else ""
    row = header_row or 0
    if said or (row and row != run.options["header_row"]):
        run.options |= _shape_as_json(look_at(files.chunks_of(run), said, row))
    run.options |= {"source": source, "guessed": False}
    _guess(run, shape_of(run), sample_of(run))
    run.save(update_fields=["kind", "status", "result", "options", "mapping"])


@transaction.atomic
def choose_mapping(run: ImportRun, mapping: Mapping, *, remember_as: str = "") -> None:
    """Settle which column says what and have the whole file checked."""
    _lock_status(run, Status.MAPPING, Status.READY)
    mappings.check(mapping, loader_of(run), shape_of(run).header)
    run.mapping = mappings.as_json(mapping)
    run.save(update_fields=["mapping"])
    if name := one_line(remember_as, 80):
        remember(run, name)
    _queue(run, Status.PREVIEW)


def remember(run: ImportRun, name: str) -> MappingPreset:
    preset, _created = MappingPreset.objects.update_or_create(
        kind=run.kind, name=name, defaults={"mapping": run.mapping, "columns": shape_of(run).header}
    )
    return preset


@transaction.atomic
def start(run: ImportRun) -> None:
    """Checked and looked at: have it written."""
    _lock_status(run, Status.READY)
    _queue(run, Status.RUNNING)


def _lock_status(run: ImportRun, *allowed: str) -> None:
    with transaction.atomic():
        status = ImportRun.objects.select_for_update().values_list("status", flat=True).get(pk=run.pk)
    if status not in allowed and status == Status.MAPPING:
        raise Conflict(_("Its columns have to be looked at first: they were changed, or never chosen."))
    if status not in allowed:
        raise Conflict(_("This import is %(status)s already.") % {"status": Status(status).label.lower()})


def _queue(run: ImportRun, status: str) -> None:
    run.status, run.cancel_requested, run.attempts, run.error = status, False, 0, ""
    run.started_at, run.ended_at = timezone.now(), None
    run.save(update_fields=["status", "cancel_requested", "attempts", "error", "started_at", "ended_at"])
    with suppress(Exception):  # nobody's rows depend on a bar
        cache.delete(_key(run))
    transaction.on_commit(lambda: send(run.pk), robust=True)


def send(run_id: int) -> None:
    """Only a hint to the workers: the sweep finds the run when the broker is away."""
    with suppress(Exception):
        current_app.send_task("accounts.tasks.work_import", kwargs={"run_id": run_id})


# Cancel -------------------------------------------------------------------------------------------


def cancel(run: ImportRun) -> bool:
    """Stop, whatever it is at; nothing of it stays. False when it was over before."""
    if ImportRun.objects.filter(pk=run.pk, status__in=WORKING).update(cancel_requested=True):
        with transaction.atomic():
            if _claim(run):  # nobody is working on it: waiting in the queue, or its worker died
                return _end(run, Status.CANCELED)
        return True
    return _end(run, Status.CANCELED)


def _end(run: ImportRun, status: str, error: str = "") -> bool:
    open_run = ImportRun.objects.filter(pk=run.pk, status__in=OPEN)
    ended = open_run.update(status=status, error=error, ended_at=timezone.now(), cancel_requested=False)
    if ended:
        files.drop(run, Part.FILE)
    return bool(ended)


# Work (in a worker, or under the command) ---------------------------------------------------------


def work(run_id: int) -> None:
    """Check or run what waits. Delivered twice, or after a worker died: done once, from the beginning."""
    run = ImportRun.objects.select_related("user").filter(pk=run_id, status__in=WORKING).first()
    if run is None:
        return
    with translation.override(run.user.language if run.user else None):
        if run.attempts >= MAX_ATTEMPTS:
            _end(run, Status.FAILED, _("It broke off %(n)s times; the worker's log says why.") % {"n": run.attempts})
        elif _begin(run):
            _work(run)


def _begin(run: ImportRun) -> bool:
    """Count the attempt where no rollback reaches it; False when somebody else is at work on it."""
    with transaction.atomic():
        return _claim(run) and bool(ImportRun.objects.filter(pk=run.pk).update(attempts=F("attempts") + 1))


def _work(run: ImportRun) -> None:
    try:
        with transaction.atomic():
            if _claim(run):
                _check(run) if run.status == Status.PREVIEW else _write(run)
    except CanceledError:
        _end(run, Status.CANCELED)
    except DomainError as error:
        _end(run, Status.FAILED, str(error))


def _claim(run: ImportRun) -> bool:
    """This transaction's own until it ends. A killed worker's claim ends with its connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s::int, %s::int)", [RUN_LOCK, run.pk % 2**31])
        return bool(cursor.fetchone()[0])


def _check(run: ImportRun) -> None:
    outcome = dry_run(file_of(run), loader_of(run), mapping_of(run), by=run.user, progress=reporter(run))
    files.drop(run, Part.REFUSED)
    _keep(run, outcome, Status.READY, "check")


def dry_run(file: File, loader: Loader, mapping: Mapping, *, by: Who, progress: Progress) -> Outcome:
    """The run itself, and then none of it: what the preview says is what will happen."""
    outcome = Outcome()
    with suppress(_UndoneError), transaction.atomic():
        outcome = execute(file, loader, mapping, by=by, progress=progress)
        raise _UndoneError
    return outcome


def _write(run: ImportRun) -> None:
    outcome = execute(file_of(run), loader_of(run), mapping_of(run), by=run.user, progress=reporter(run))
    files.drop(run, Part.REFUSED, Part.FILE)
    _keep(run, outcome, Status.DONE, "run")


def _keep(run: ImportRun, outcome: Outcome, status: str, stage: str) -> None:
    """The result and the status change with the rows, or not at all; a cancel that came first wins."""
    if outcome.refused_file:
        with outcome.refused_file as file:
            files.keep(run, Part.REFUSED, files.blocks_of(file))
    result = {**run.result, stage: outcome.as_json()}
    mine = ImportRun.objects.filter(pk=run.pk, status=run.status, cancel_requested=False)
    if not mine.update(status=status, result=result, ended_at=timezone.now(), attempts=0):
        raise CanceledError


# Progress -----------------------------------------------------------------------------------------


def _key(run: ImportRun) -> str:
    return f"import:{run.pk}:{run.status}"


def reporter(run: ImportRun) -> Progress:
    """Shows the share done where other processes see it (not in the run's own transaction), heeds a cancel."""

    def progress(share: float, doing: str) -> None:
        with suppress(Exception):  # nobody's rows depend on a bar
            cache.set(_key(run), (round(share, 4), doing), 3600)
        if ImportRun.objects.filter(pk=run.pk, cancel_requested=True).exists():
            raise CanceledError

    return progress


def progress_of(run: ImportRun) -> tuple[float | None, str]:
    with suppress(Exception):
        return cache.get(_key(run)) or (None, "waiting")
    return None, "waiting"


# Sweeps -------------------------------------------------------------------------------------------


def sweep() -> int:
    """Send again what nobody works on (broker away, worker killed); close what was left lying for a week."""
    now = timezone.now()
    waiting = ImportRun.objects.filter(status__in=WORKING, started_at__lt=now - timedelta(minutes=1))
    for run in waiting:
        with transaction.atomic():
            idle = _claim(run)
        if idle:
            send(run.pk)
    forgotten = ImportRun.objects.filter(status__in=[Status.MAPPING, Status.READY])
    for run in forgotten.filter(created_at__lt=now - timedelta(days=7)):
        _end(run, Status.CANCELED, _("Nobody came back to it for a week."))
    return len(waiting)
