"""A version: as the customer will see it, published, brought back, dropped."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.domain.languages import supported
from accounts.exceptions import DomainError
from accounts.forms.remembering import seen_at
from accounts.http import Request, requires
from accounts.registry import known_actions
from onboarding.domain import templates as verbs
from onboarding.domain.templates.applying import candidates
from onboarding.domain.templates.checks import check_ready
from onboarding.domain.templates.differences import differences, language_names, title_of
from onboarding.enums import VersionStatus
from onboarding.forms.templates import PublishForm
from onboarding.models import TemplateStep, TemplateVersion
from onboarding.views.templates.listing import STEPS, show, the_version


@dataclass(frozen=True)
class Shown:
    """A step as its reader sees it."""

    step: TemplateStep
    text: verbs.StepText
    after: list[str]
    in_language: bool


@requires("settings.view")
@require_safe
def version_page(request: Request, pk: int) -> HttpResponse:
    """In each language; where a step has none in it, in the one that they get instead."""
    version = the_version(pk)
    language = supported(request.GET.get("in", "")) or supported(request.LANGUAGE_CODE) or settings.LANGUAGE_CODE
    context = {
        "version": version,
        "template": version.template,
        "steps": shown(version, language),
        "in_language": language,
        "languages": language_names(),
        "is_draft": version.status == VersionStatus.DRAFT,
    }
    return render(request, "onboarding/templates/version.html", context)


def shown(version: TemplateVersion, language: str) -> list[Shown]:
    steps = list(version.steps.all())
    texts = {step.key: verbs.text_of(step, language) for step in steps}
    return [
        Shown(
            step,
            texts[step.key],
            [texts[key].title for key in step.after if key in texts],
            texts[step.key].language == language,
        )
        for step in steps
    ]


# Publishing -------------------------------------------------------------------------------------------


@requires("template.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def version_publish(request: Request, pk: int) -> HttpResponse:
    """What changes against the version in use, what is missing, and then: from now on."""
    version = the_version(pk)
    form = PublishForm(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                verbs.publish(version, by=request.user, note=form.cleaned_data["note"], seen=seen_at(request.POST))
            except DomainError as error:
                show(error, form)
                status = error.status
            else:
                messages.success(request, _("Version %(number)s is published.") % {"number": version.number})
                running = candidates(version)
                return redirect(
                    "onboarding:version_apply" if running else "onboarding:template",
                    pk if running else version.template_id,
                )
    return render(request, "onboarding/templates/publish.html", _publishing(the_version(pk), form), status=status)


def _publishing(version: TemplateVersion, form: PublishForm) -> dict[str, Any]:
    current = version.template.versions.published().prefetch_related(STEPS).order_by("-number").first()
    steps = list(version.steps.all())
    return {
        "version": version,
        "template": version.template,
        "is_draft": version.status == VersionStatus.DRAFT,
        "current": current,
        "changes": differences(current.steps.all() if current else [], steps),
        "not_ready": _not_ready(steps),
        "untranslated": _untranslated(steps),
        "unheard": _unheard(steps),
        "no_activation": not any(step.activation for step in steps),
        "running": len(candidates(version)),
        "form": form,
        "seen": version.changed_at.isoformat(),
    }


def _not_ready(steps: list[TemplateStep]) -> str:
    try:
        check_ready(steps)
    except DomainError as error:
        return str(error)
    return ""


def _untranslated(steps: list[TemplateStep]) -> list[tuple[str, list[str]]]:
    """By language, the steps that its readers get in another one."""
    missing = {
        name: [title_of(step) for step in steps if not step.texts.get(code, {}).get("title")]
        for code, name in language_names()
    }
    return [(name, titles) for name, titles in missing.items() if titles]


def _unheard(steps: list[TemplateStep]) -> list[str]:
    """Events that tick a step and have never come in: they may be spelled otherwise."""
    known = {key for source in known_actions for key, _name in source.load()}
    return sorted({step.auto_action for step in steps if step.auto_action} - known)


@requires("template.manage")
@require_POST
def version_again(request: Request, pk: int) -> HttpResponse:
    version = the_version(pk)
    again = verbs.roll_back(version, by=request.user)
    text = _("Version %(old)s is published again, as version %(number)s.")
    messages.success(request, text % {"old": version.number, "number": again.number})
    return redirect("onboarding:template", version.template_id)


@requires("template.manage")
@require_POST
def version_drop(request: Request, pk: int) -> HttpResponse:
    version = the_version(pk)
    verbs.drop_draft(version, seen=seen_at(request.POST))
    messages.success(request, _("The draft is dropped."))
    if verbs.latest_of(version.template):
        return redirect("onboarding:template", version.template_id)
    return redirect("onboarding:templates")
