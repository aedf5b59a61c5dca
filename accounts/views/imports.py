"""Bringing files in: upload, columns, check, run, result. A page a run, whatever it is at."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.domain.imports import files, presets, runs
from accounts.domain.imports.guessing import Sample
from accounts.domain.imports.mapping import Mapping
from accounts.domain.imports.previewing import examples, preview
from accounts.domain.imports.reading import UnreadableError
from accounts.exceptions import Conflict, DomainError
from accounts.forms.imports import KindForm, MappingForm, UploadForm
from accounts.http import Request, requires
from accounts.models import ImportPiece, ImportRun, MappingPreset
from accounts.registry import import_kinds

Status = ImportRun.Status
STOP_POLLING = 286
LISTED = 50
# The parts of a form around its file.
OVERHEAD = 1024 * 1024

DOING = {
    "waiting": lambda: _("Waiting for a worker"),
    "reading": lambda: _("Reading the file"),
    "checking": lambda: _("Checking every row"),
    "writing": lambda: _("Writing the rows"),
}


@requires("import.run")
@require_http_methods(["GET", "HEAD", "POST"])
def run_list(request: Request) -> HttpResponse:
    if request.method == "POST":
        return _upload(request)
    return _list(request, UploadForm())


def _list(request: Request, form: UploadForm, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "runs": [_described(run) for run in ImportRun.objects.select_related("user")[:LISTED]],
        "saved": [_titled(preset) for preset in MappingPreset.objects.all()],
        "limit": settings.UPLOAD_MAX_BYTES // (1024 * 1024),
    }
    return render(request, "accounts/imports/list.html", context, status=status)


def _described(run: ImportRun) -> dict[str, Any]:
    outcome = {} if run.status == Status.CANCELED else run.result.get("run") or run.result.get("check") or {}
    return {"run": run, "title": _kind_title(run.kind), "outcome": outcome, "tone": TONES.get(run.status, "accent")}


def _titled(preset: MappingPreset) -> dict[str, Any]:
    return {"preset": preset, "title": _kind_title(preset.kind)}


def _kind_title(kind: str) -> Any:
    return import_kinds[kind].title if kind in import_kinds else kind


REACHED: dict[str, int] = {Status.MAPPING: 1, Status.PREVIEW: 2, Status.READY: 2, Status.RUNNING: 3}
TONES: dict[str, str] = {Status.DONE: "green", Status.CANCELED: "grey", Status.FAILED: "red", Status.MAPPING: "yellow"}


def _upload(request: Request) -> HttpResponse:
    # Asked before the form is: a body far too large is not worth reading.
    if int(request.META.get("CONTENT_LENGTH") or 0) > settings.UPLOAD_MAX_BYTES + OVERHEAD:
        form = UploadForm()
        return _refused_upload(request, form, files.too_large())
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _list(request, form, status=422)
    file = form.cleaned_data["file"]
    try:
        run = runs.create_run(filename=file.name, chunks=file.chunks(), kind=form.cleaned_data["kind"], by=request.user)
    except DomainError as error:
        return _refused_upload(request, form, error)
    return redirect("imports:run", run.pk)


def _refused_upload(request: Request, form: UploadForm, error: DomainError) -> HttpResponse:
    form.errors.setdefault("file", form.error_class()).append(str(error))
    return _list(request, form, status=error.status)


# One run ------------------------------------------------------------------------------------------


@requires("import.run")
@require_GET
def run_page(request: Request, pk: int) -> HttpResponse:
    run = get_object_or_404(ImportRun, pk=pk)
    if run.status == Status.MAPPING:
        return _columns(request, run)
    if run.status in runs.WORKING:
        return render(request, "accounts/imports/working.html", {**_about(run), **_progress(run)})
    if run.status == Status.READY:
        return _checked(request, run)
    return render(request, "accounts/imports/ended.html", {**_about(run), "outcome": run.result.get("run", {})})


def _about(run: ImportRun) -> dict[str, Any]:
    loader_known = run.kind in import_kinds
    source = presets.PRESETS.get(run.options.get("source", ""))
    return {
        "run": run,
        "kind": _kind_title(run.kind),
        "known": loader_known,
        "source": source.title if source else "",
        "notes": run.options.get("notes", []),
        "steps": _steps(run),
    }


def _steps(run: ImportRun) -> list[tuple[str, Any, str]]:
    """Where the run stands: name and done, now or nothing. One that came to nothing stands nowhere."""
    if run.status in {Status.CANCELED, Status.FAILED}:
        return []
    reached = REACHED.get(run.status, 4)
    names = [_("File"), _("Columns"), _("Check"), _("Import")]
    return [
        ("done" if i < reached else "now" if i == reached else "", name, str(i + 1)) for i, name in enumerate(names)
    ]


def _columns(request: Request, run: ImportRun, form: MappingForm | None = None, status: int = 200) -> HttpResponse:
    sample = runs.sample_of(run)
    form = form or MappingForm(runs.loader_of(run), sample, runs.mapping_of(run))
    rows = form.rows()
    context = {
        **_about(run),
        "form": form,
        "kind_form": KindForm(
            initial={name: run.options.get(name, "") for name in ("source", "encoding")}
            | {"kind": run.kind, "header_row": run.options.get("header_row") or ""}
        ),
        "used": [row for row in rows if row.used],
        "unused": [row for row in rows if not row.used],
        "header": sample.header,
        "rows": sample.rows[:5],
        "left_out": left_out(sample, form.mapping() if form.is_bound else runs.mapping_of(run)),
    }
    return render(request, "accounts/imports/columns.html", context, status=status)


def left_out(sample: Sample, mapping: Mapping) -> list[str]:
    """Columns of the file that no field takes: nobody should find out later that they did not come along."""
    taken = {column for source in mapping.values() for column in source.columns}
    return [column for column in sample.header if column not in taken]


def _checked(request: Request, run: ImportRun) -> HttpResponse:
    outcome, sample, mapping = run.result["check"], runs.sample_of(run), runs.mapping_of(run)
    context = {
        **_about(run),
        "outcome": outcome,
        "good": outcome["created"] + outcome["updated"] + outcome["unchanged"],
        "preview": preview(runs.loader_of(run), mapping, sample),
        "left_out": left_out(sample, mapping),
    }
    return render(request, "accounts/imports/checked.html", context)


@contextmanager
def _told(request: Request) -> Iterator[None]:
    """Who comes second, from another tab, sees how far the run is by now."""
    try:
        yield
    except Conflict as error:
        messages.info(request, str(error))


@requires("import.run")
@require_POST
def run_kind(request: Request, pk: int) -> HttpResponse:
    run = get_object_or_404(ImportRun, pk=pk)
    form = KindForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(map(str, form["header_row"].errors)) or _("Choose one of the kinds."))
        return redirect("imports:run", run.pk)
    try:
        with _told(request):
            runs.choose_kind(run, **form.cleaned_data)
    except UnreadableError as refusal:
        messages.error(request, str(refusal))
    return redirect("imports:run", run.pk)


@requires("import.run")
@require_http_methods(["GET", "HEAD", "POST"])
def run_columns(request: Request, pk: int) -> HttpResponse:
    """GET: back from the check to the columns. POST: this is how; check the file."""
    run = get_object_or_404(ImportRun, pk=pk)
    if run.status not in {Status.MAPPING, Status.READY}:
        return redirect("imports:run", run.pk)
    sample = runs.sample_of(run)
    if request.method != "POST":
        return _columns(request, run)
    form = MappingForm(runs.loader_of(run), sample, runs.mapping_of(run), request.POST)
    if not form.is_valid():
        return _columns(request, run, form, status=422)
    try:
        with _told(request):
            runs.choose_mapping(run, form.mapping(), remember_as=form.cleaned_data["remember_as"])
    except runs.mappings.MappingError as error:
        form.refuse(error.errors)
        return _columns(request, run, form, status=422)
    return redirect("imports:run", run.pk)


@requires("import.run")
@require_GET
def example(request: Request, pk: int, name: str) -> HttpResponse:
    """What a few cells of the chosen column would be read as."""
    run = get_object_or_404(ImportRun, pk=pk)
    if run.status not in {Status.MAPPING, Status.READY}:
        raise Http404
    sample, loader = runs.sample_of(run), runs.loader_of(run)
    declared = next((f for f in loader.all_fields() if f.name == name), None)
    if declared is None:
        raise Http404
    form = MappingForm(loader, sample, {}, request.GET)
    cells = examples(declared, form.source(declared), sample)
    return render(request, "accounts/imports/examples.html", {"cells": cells})


@requires("import.run")
@require_POST
def run_start(request: Request, pk: int) -> HttpResponse:
    run = get_object_or_404(ImportRun, pk=pk)
    with _told(request):
        runs.start(run)
    return redirect("imports:run", run.pk)


@requires("import.run")
@require_POST
def run_cancel(request: Request, pk: int) -> HttpResponse:
    run = get_object_or_404(ImportRun, pk=pk)
    if runs.cancel(run):
        messages.success(request, _("Canceled: nothing of the file is kept."))
    else:
        messages.info(request, _("It was over already."))
    return redirect("imports:run", run.pk)


@requires("import.run")
@require_GET
def run_progress(request: Request, pk: int) -> HttpResponse:
    """Asked every second while the run works; when it is over the page is opened anew and the asking stops."""
    run = get_object_or_404(ImportRun, pk=pk)
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("imports:run", run.pk)
    if run.status in runs.WORKING:
        return render(request, "accounts/imports/working.html#bar", {**_about(run), **_progress(run)})
    return HttpResponse(status=STOP_POLLING, headers={"HX-Refresh": "true"})


def _progress(run: ImportRun) -> dict[str, Any]:
    share, doing = runs.progress_of(run)
    return {"share": None if share is None else share * 100, "doing": DOING.get(doing, DOING["waiting"])()}


@requires("import.run")
@require_GET
def refused(request: Request, pk: int) -> StreamingHttpResponse:
    run = get_object_or_404(ImportRun, pk=pk)
    part = ImportPiece.Part.REFUSED
    if not run.pieces.filter(part=part).exists():
        raise Http404
    response = StreamingHttpResponse(files.chunks_of(run, part)(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="import-{run.pk}-refused.csv"'
    return response


@requires("import.run")
@require_POST
def forget(request: Request, pk: int) -> HttpResponse:
    preset = get_object_or_404(MappingPreset, pk=pk)
    preset.delete()
    messages.success(request, _("%(name)s is forgotten.") % {"name": preset.name})
    return redirect("imports:list")
