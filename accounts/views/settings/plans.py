"""Plans, their versions and prices, and moving customers from an older version to a newer one."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.domain import plans
from accounts.domain.plans.migrating import grandfathered
from accounts.domain.plans.overview import all_plans
from accounts.domain.plans.versions import change_plan, delete_version
from accounts.exceptions import DomainError
from accounts.forms import plans as forms
from accounts.http import Request, posted, requires
from accounts.models import Plan, PlanVersion

MOST = 500  # customers on one page of a migration


@requires("plan.manage")
@require_safe
def plan_list(request: Request) -> HttpResponse:
    return render(request, "accounts/settings/plans.html", {"rows": all_plans()})


@requires("plan.manage")
@require_http_methods(["GET", "POST"])
def plan_add(request: Request) -> HttpResponse:
    form = forms.PlanForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            plan = plans.create_plan(**form.cleaned_data)
        except DomainError as error:
            _refused(form, error)
        else:
            messages.success(request, _("%(name)s is there. Now its first version.") % {"name": plan})
            return redirect("settings:plan_version_add", plan.pk)
    return render(request, "accounts/settings/plan.html", {"form": form}, status=_status(form))


@requires("plan.manage")
@require_http_methods(["GET", "POST"])
def plan_edit(request: Request, pk: int) -> HttpResponse:
    """Its name and how complex it is. The key stays: files and programs use it."""
    plan = get_object_or_404(Plan, pk=pk)
    initial = {"name": plan.name, "key": plan.key, "complexity": plan.complexity}
    form = forms.PlanForm(posted(request), initial=initial)
    form.fields["key"].disabled = True
    form.remember_what_was_seen()
    if request.method == "POST" and form.is_valid():
        change_plan(plan, **{name: value for name, value in form.changed.items() if name != "key"})
        messages.success(request, _("%(name)s is saved.") % {"name": plan})
        return redirect("settings:plans")
    return render(request, "accounts/settings/plan.html", {"form": form, "plan": plan}, status=_status(form))


# Versions ---------------------------------------------------------------------------------------------


@requires("plan.manage")
@require_http_methods(["GET", "POST"])
def version_add(request: Request, pk: int) -> HttpResponse:
    """Begun from the latest one: most of it stays."""
    plan = get_object_or_404(Plan, pk=pk)
    return _edit(request, plan, None, begun_from=plan.versions.order_by("-number").first())


@requires("plan.manage")
@require_http_methods(["GET", "POST"])
def version_edit(request: Request, pk: int) -> HttpResponse:
    version = get_object_or_404(PlanVersion.objects.select_related("plan"), pk=pk)
    return _edit(request, version.plan, version, begun_from=version)


def _edit(request: Request, plan: Plan, version: PlanVersion | None, *, begun_from: PlanVersion | None) -> HttpResponse:
    data = posted(request)
    form = forms.VersionForm(data, version=begun_from)
    prices: Any = forms.PriceFormSet(data, initial=forms.prices_of(begun_from), prefix="prices")
    if version:
        form.remember_what_was_seen()
    if request.method == "POST" and form.is_valid() and prices.is_valid():
        try:
            rows = forms.kept_prices(version) if version and not prices.are_touched else prices.rows()
            saved, new = plans.save_version(plan, version, form.values(), rows)
        except DomainError as error:
            _refused(form, error)
        else:
            text = _("%(name)s is made. Offer it, or move customers to it.") if new else _("%(name)s is saved.")
            messages.success(request, text % {"name": saved})
            return redirect("settings:plans")
    context = {"plan": plan, "version": version, "form": form, "prices": prices}
    bad = request.method == "POST"
    return render(request, "accounts/settings/plan_version.html", context, status=422 if bad else 200)


ACTIONS = {
    "offer": (plans.offer, lambda: _("%(name)s is offered in the portal.")),
    "stop": (plans.stop_offering, lambda: _("%(name)s is no longer offered.")),
    "withdraw": (plans.withdraw, lambda: _("%(name)s is withdrawn. Who has it keeps it.")),
    "delete": (delete_version, lambda: _("%(name)s is gone.")),
}


@requires("plan.manage")
@require_POST
def version_act(request: Request, pk: int, verb: str) -> HttpResponse:
    version = get_object_or_404(PlanVersion.objects.select_related("plan"), pk=pk)
    act, text = ACTIONS[verb]
    act(version)
    messages.success(request, text() % {"name": version})
    return redirect("settings:plans")


# Moving customers -------------------------------------------------------------------------------------


@requires("plan.manage")
@require_http_methods(["GET", "POST"])
def version_migrate(request: Request, pk: int) -> HttpResponse:
    """Chosen, shown, then carried out as shown."""
    version = get_object_or_404(PlanVersion.objects.select_related("plan"), pk=pk)
    candidates = grandfathered(version)
    shown, status = None, 200
    form = forms.MigrateForm(posted(request), candidates=candidates)
    if request.method == "POST":
        status = 422
        if form.is_valid():
            ids, when = [sub.pk for sub in form.cleaned_data["subscriptions"]], _when(form.cleaned_data)
            try:
                if "key" in request.POST:
                    return _carried_out(request, version, ids, when)
                shown, status = plans.preview(version, ids, when), 200
            except DomainError as error:
                form.add_error(None, str(error))
                status = error.status
                shown = plans.preview(version, ids, when) if status == 409 and not version.withdrawn_at else None
    context = {
        "version": version,
        "form": form,
        "candidates": candidates[:MOST],
        "more": max(candidates.count() - MOST, 0),
        "chosen": set(form["subscriptions"].value() or []),
        "shown": shown,
    }
    return render(request, "accounts/settings/plan_migrate.html", context, status=status)


def _when(given: dict[str, Any]) -> date | str:
    if given["when"] == forms.NEXT_TERM:
        return forms.NEXT_TERM
    return given["day"] if given["when"] == forms.ON_A_DAY else timezone.localdate()


def _carried_out(request: Request, version: PlanVersion, ids: list[int], when: date | str) -> HttpResponse:
    counts = plans.migrate(version, ids, when, request.POST["key"], by=request.user)
    moved, scheduled, refused = counts["moved"], counts["scheduled"], counts["refused"]
    if moved:
        text = ngettext("%(n)s subscription is moved.", "%(n)s subscriptions are moved.", moved)
        messages.success(request, text % {"n": moved})
    if scheduled:
        text = ngettext(
            "%(n)s subscription moves at its next term.", "%(n)s subscriptions move at their next term.", scheduled
        )
        messages.success(request, text % {"n": scheduled})
    if refused:
        text = ngettext("%(n)s subscription stays as it is.", "%(n)s subscriptions stay as they are.", refused)
        messages.warning(request, text % {"n": refused})
    return redirect("settings:plans")


def _refused(form: Any, error: DomainError) -> None:
    for name, sentences in (error.errors or {"": [str(error)]}).items():
        form.add_error(name if name in form.fields else None, list(sentences))


def _status(form: Any) -> int:
    return 422 if form.is_bound else 200
