"""Settings: what using the product is worth, and how much of it is right."""

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.domain import keyset
from accounts.domain.keyset import BadPositionError, Order
from accounts.exceptions import DomainError
from accounts.http import Request, requires
from accounts.models import Plan, Segment
from health.domain.actions import change_action, set_targets
from health.forms.scoring import ActionForm, TargetsForm
from health.models import Action, UsageTarget

BY_NAME = Order("name")


@requires("scoring.manage")
@require_http_methods(["GET", "POST"])
def actions(request: Request) -> HttpResponse:
    """All actions, and the targets by segment."""
    known: dict[int | None, int] = dict(UsageTarget.objects.values_list("segment", "points_per_seat"))
    form = TargetsForm(
        request.POST if request.method == "POST" else None, targets=known, segments=list(Segment.objects.all())
    )
    if request.method == "POST" and form.is_valid():
        set_targets(form.targets())
        messages.success(request, _("The targets are saved; scores follow."))
        return redirect("health:actions")
    context = {"form": form, "page": _page(request), "plan_count": Plan.objects.count()}
    return render(request, "health/settings/actions.html", context, status=422 if form.errors else 200)


def _page(request: Request) -> keyset.Page:
    """The page asked for; the first one where its address is damaged."""
    try:
        return _page_at(request.GET.get("after", ""), request.GET.get("before", ""))
    except BadPositionError:
        return _page_at("", "")


def _page_at(after: str, before: str) -> keyset.Page:
    column = Action._meta.get_field("name")
    return keyset.page(
        Action.objects.annotate(plan_count=Count("plans")),
        BY_NAME,
        after=keyset.read_position(after, column) if after else None,
        before=keyset.read_position(before, column) if before else None,
        size=100,
        at=lambda action: (action.name, action.pk),
    )


@requires("scoring.manage")
@require_http_methods(["GET", "POST"])
def action_edit(request: Request, pk: int) -> HttpResponse:
    action = get_object_or_404(Action, pk=pk)
    form = ActionForm(request.POST if request.method == "POST" else None, action=action)
    if request.method == "POST" and form.is_valid() and _changed(action, form):
        messages.success(request, _("%(name)s is saved; scores follow.") % {"name": action})
        return redirect("health:actions")
    context = {"form": form, "action": action}
    return render(request, "health/settings/action.html", context, status=422 if form.is_bound else 200)


def _changed(action: Action, form: ActionForm) -> bool:
    try:
        change_action(action, **form.changed)
    except DomainError as error:
        for name, sentences in error.errors.items():
            form.add_error(name, sentences)
        return False
    return True
