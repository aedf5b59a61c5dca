"""Settings: the checklist templates there are, and one of them with its history."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Count, Prefetch, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.enums import TouchModel
from accounts.exceptions import DomainError
from accounts.http import Request, requires
from onboarding.domain import templates as verbs
from onboarding.domain.templates.differences import Difference, differences
from onboarding.enums import ChecklistStatus, VersionStatus
from onboarding.forms.templates import NewTemplateForm, TemplateForm
from onboarding.models import ChecklistTemplate, TemplateStep, TemplateVersion

RUNNING = Count("checklists", filter=Q(checklists__status=ChecklistStatus.RUNNING))
STEPS = Prefetch("steps", TemplateStep.objects.select_related("session_type").order_by("position"))


def the_template(pk: int) -> ChecklistTemplate:
    return get_object_or_404(ChecklistTemplate.objects.prefetch_related("segments"), pk=pk)


def the_version(pk: int) -> TemplateVersion:
    found = TemplateVersion.objects.select_related("template", "created_by", "published_by").prefetch_related(STEPS)
    return get_object_or_404(found, pk=pk)


def show(error: DomainError, form: Any) -> None:
    """Each sentence at its field, where the form has it."""
    for name, sentences in (error.errors or {"": [str(error)]}).items():
        form.add_error(name if name in form.fields else None, [str(sentence) for sentence in sentences])


# The list ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    template: ChecklistTemplate
    whom: list[str]
    version: TemplateVersion | None
    draft: TemplateVersion | None
    steps: int
    running: int
    elsewhere: int  # running on older versions


@requires("settings.view")
@require_safe
def template_list(request: Request) -> HttpResponse:
    counted = TemplateVersion.objects.annotate(running=RUNNING).order_by("-number")
    found = ChecklistTemplate.objects.prefetch_related("segments", Prefetch("versions", counted)).order_by("name", "pk")
    steps = dict(TemplateVersion.objects.values_list("pk").annotate(n=Count("steps")))
    rows = [_row(template, steps) for template in found]
    context = {
        "rows": [row for row in rows if not row.template.retired_at],
        "retired": [row for row in rows if row.template.retired_at],
    }
    return render(request, "onboarding/templates/list.html", context)


def _row(template: ChecklistTemplate, steps: dict[int, int]) -> Row:
    versions: list[Any] = list(template.versions.all())
    version = next((one for one in versions if one.status == VersionStatus.PUBLISHED), None)
    draft = next((one for one in versions if one.status == VersionStatus.DRAFT), None)
    running = sum(one.running for one in versions)
    shown = version or draft
    return Row(
        template, whom(template), version, draft, steps[shown.pk] if shown else 0, running,
        running - (version.running if version else 0),
    )  # fmt: skip


def whom(template: ChecklistTemplate) -> list[str]:
    models = [str(TouchModel(model).label) for model in template.touch_models]
    return [*(segment.name for segment in template.segments.all()), *models]


@requires("template.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def template_add(request: Request) -> HttpResponse:
    form = NewTemplateForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        values = form.values()
        like = values.pop("like")
        try:
            template = verbs.create_template(by=request.user, like=like and verbs.latest_of(like), **values)
        except DomainError as error:
            show(error, form)
        else:
            messages.success(
                request, _("%(name)s is a draft: nobody gets it until you publish it.") % {"name": template}
            )
            return redirect("onboarding:template_edit", template.pk)
    return render(request, "onboarding/templates/add.html", {"form": form}, status=422 if form.is_bound else 200)


# One of them ------------------------------------------------------------------------------------------


@requires("settings.view")
@require_http_methods(["GET", "HEAD", "POST"])
def template_page(request: Request, pk: int) -> HttpResponse:
    """Whom it is for, what it says now, and how it came to be so."""
    template = the_template(pk)
    may = request.user.may("template.manage")
    form = TemplateForm(request.POST if request.method == "POST" and may else None, template=template)
    if form.is_bound and form.is_valid():
        try:
            verbs.change_template(template, **form.values())
        except DomainError as error:
            show(error, form)
        else:
            messages.success(request, _("%(name)s is saved.") % {"name": template.name})
            return redirect("onboarding:template", pk)
    context = {"template": the_template(pk), "form": form, **_history(template)}
    return render(request, "onboarding/templates/page.html", context, status=422 if form.is_bound else 200)


@dataclass(frozen=True)
class Version:
    version: Any  # a TemplateVersion, with how many run on it
    changes: list[Difference]
    newest: bool


def _history(template: ChecklistTemplate) -> dict[str, Any]:
    counted = template.versions.annotate(running=RUNNING).select_related("published_by", "created_by")
    versions = list(counted.prefetch_related(STEPS).order_by("-number"))
    published = [one for one in versions if one.status == VersionStatus.PUBLISHED]
    draft = next((one for one in versions if one.status == VersionStatus.DRAFT), None)
    older = [*published[1:], None][: len(published)]  # of a first draft, none
    return {
        "whom": whom(template),
        "draft": draft,
        "current": published[0] if published else None,
        "behind": sum(one.running for one in published[1:]),
        "versions": [
            Version(one, differences(before.steps.all(), one.steps.all()) if before else [], one is published[0])
            for one, before in zip(published, older, strict=True)
        ],
    }


@requires("template.manage")
@require_POST
def template_retire(request: Request, pk: int) -> HttpResponse:
    template = the_template(pk)
    verbs.retire(template)
    messages.success(request, _("%(name)s is retired: nobody gets it any more.") % {"name": template})
    return redirect("onboarding:templates")


@requires("template.manage")
@require_POST
def template_back(request: Request, pk: int) -> HttpResponse:
    template = the_template(pk)
    verbs.bring_back(template)
    messages.success(request, _("%(name)s is in use again.") % {"name": template})
    return redirect("onboarding:template", pk)
