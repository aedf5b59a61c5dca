"""Putting running checklists on a newer version: seen first, then done, with how far it is."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.exceptions import DomainError
from accounts.http import Request, requires
from onboarding.domain.templates.applying import Preview, candidates, preview_applying
from onboarding.domain.templates.rollouts import done_of, roll_out
from onboarding.models import Rollout, TemplateVersion
from onboarding.views.templates.listing import the_version

SHOWN = 200  # one by one; of more only the sums


@requires("template.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def version_apply(request: Request, pk: int) -> HttpResponse:
    version = the_version(pk)
    refusal, status = "", 200
    if request.method == "POST":
        try:
            return _applied(request, version)
        except DomainError as error:
            refusal, status = str(error), error.status
    return render(request, "onboarding/templates/apply.html", _context(version, refusal), status=status)


def _context(version: TemplateVersion, refusal: str) -> dict[str, Any]:
    waiting = version.rollouts.filter(finished_at=None).first()
    preview = Preview(version) if waiting else preview_applying(version)
    return {
        "version": version,
        "template": version.template,
        "newest": version.template.versions.published().order_by("-number").first(),
        "waiting": waiting,
        "preview": preview,
        "shown": preview.changes[:SHOWN],
        "more": max(0, preview.of - SHOWN),
        "unseen": preview.of - len(preview.changes),
        "totals": preview.totals,
        "refusal": refusal,
    }


def _applied(request: Request, version: TemplateVersion) -> HttpResponse:
    ids = _chosen(request, version)
    if not ids:
        raise DomainError(_("Choose at least one checklist."), code="nothing_chosen")
    rollout = roll_out(version, ids, by=request.user)
    if rollout:
        return redirect("onboarding:rollout", rollout.pk)
    text = ngettext("%(n)s checklist has the new version.", "%(n)s checklists have the new version.", len(ids))
    messages.success(request, text % {"n": len(ids)})
    return redirect("onboarding:template", version.template_id)


def _chosen(request: Request, version: TemplateVersion) -> list[int]:
    """Those that are ticked, or all that run: there may be more than the page shows."""
    if request.POST.get("which") == "all":
        return candidates(version)
    return [int(one) for one in request.POST.getlist("ids") if one.isascii() and one.isdigit() and len(one) < 19]


@requires("template.manage")
@require_safe
def rollout_page(request: Request, pk: int) -> HttpResponse:
    rollout = get_object_or_404(Rollout.objects.select_related("version__template"), pk=pk)
    if request.htmx and rollout.finished_at:
        return HttpResponse(headers={"HX-Refresh": "true"})
    context = {
        "rollout": rollout,
        "version": rollout.version,
        "template": rollout.version.template,
        "total": len(rollout.checklist_ids),
        "done": done_of(rollout),
    }
    name = "rollout.html#bar" if request.htmx else "rollout.html"
    return render(request, f"onboarding/templates/{name}", context)
