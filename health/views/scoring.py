"""Settings: what health is made of, and scoring everybody anew."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.exceptions import DomainError
from accounts.http import Request, requires
from accounts.models import Segment
from health import tasks
from health.domain import breaker, models, runs
from health.forms.numbers import NumbersForm
from health.forms.scoring import WeightsForm
from health.models import FrozenIndicator, RecomputeRun, ScoreModel
from health.registry import indicator

VERSIONS = 20


@requires("scoring.manage")
@require_safe
def scoring(request: Request) -> HttpResponse:
    own = ScoreModel.objects.select_related("segment", "current__published_by").order_by("segment__position", "pk")
    found = sorted(own, key=lambda model: model.segment_id is not None)  # the default one first
    run = RecomputeRun.objects.first()
    context = {
        "models": [(model, _weights(model)) for model in found],
        "segments": Segment.objects.filter(score_model__isnull=True),
        "frozen": [(row, indicator(row.indicator).label) for row in breaker.frozen_now()],
        **_progress(run),
    }
    return render(request, "health/settings/scoring.html", context)


def _weights(model: ScoreModel) -> list[tuple[Any, int]]:
    weights = model.current.weight_of.items() if model.current else ()
    return [(indicator(key).label, weight) for key, weight in weights]


@requires("scoring.manage")
@require_http_methods(["GET", "POST"])
def model_edit(request: Request, pk: int) -> HttpResponse:
    """The weights of a model. They must add to 100; what does not is refused, with the sum."""
    model = get_object_or_404(ScoreModel.objects.select_related("segment", "current"), pk=pk)
    assert model.current  # every model begins with a version
    data = request.POST if request.method == "POST" else None
    form, numbers = WeightsForm(data, version=model.current), NumbersForm(data, version=model.current)
    status = 200
    if request.method == "POST":
        status = _publish(request, model, form, numbers)
        if status == 200:
            return redirect("health:scoring")
    context = {
        "model": model,
        "form": form,
        "numbers": numbers,
        "versions": model.versions.select_related("published_by")[:VERSIONS],
    }
    return render(request, "health/settings/model.html", context, status=status)


def _publish(request: Request, model: ScoreModel, form: WeightsForm, numbers: NumbersForm) -> int:
    if not (form.is_valid() and numbers.is_valid()):
        return 422
    given: dict[str, Any] = {name: form.cleaned_data[name] for name in ("based_on", "note")}
    try:
        version = models.publish_weights(model, form.weights(), numbers=numbers.numbers(), by=request.user, **given)
    except DomainError as error:
        if error.code == "bad_numbers":
            numbers.show(error.errors)
        form.add_error(None, str(error))
        return error.status
    messages.success(request, _("Version %(n)s is in force; scores follow.") % {"n": version.number})
    return 200


@requires("scoring.manage")
@require_POST
def model_add(request: Request) -> HttpResponse:
    segment = get_object_or_404(Segment, pk=_whole(request.POST.get("segment")))
    model = models.create_segment_model(segment, by=request.user)  # type: ignore[arg-type]
    messages.success(request, _("%(name)s has a model of its own now.") % {"name": segment})
    return redirect("health:model", pk=model.pk)


def _whole(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else 0


@requires("scoring.manage")
@require_POST
def recompute(request: Request) -> HttpResponse:
    run = runs.start_run(by=request.user)  # type: ignore[arg-type]
    tasks.send_shards(run)
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "health/settings/progress.html", _progress(run))
    return redirect("health:scoring")


@requires("scoring.manage")
@require_safe
def recompute_progress(request: Request, pk: int) -> HttpResponse:
    run = get_object_or_404(RecomputeRun, pk=pk)
    return render(request, "health/settings/progress.html", _progress(run))


def _progress(run: RecomputeRun | None) -> dict[str, Any]:
    done, total = runs.progress(run) if run else (0, 0)
    return {"run": run, "done": done, "total": total}


@requires("scoring.manage")
@require_POST
def release(request: Request, pk: int) -> HttpResponse:
    row = get_object_or_404(FrozenIndicator, pk=pk)
    breaker.release(row, by=request.user)  # type: ignore[arg-type]
    messages.success(request, _("%(name)s counts again.") % {"name": indicator(row.indicator).label})
    return redirect("health:scoring")
