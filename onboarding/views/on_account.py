"""The checklist on the account page: where it stands, and what can be done about each step."""

from itertools import chain
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.enums import Stage
from accounts.exceptions import DomainError
from accounts.http import Request, posted
from accounts.models import Account
from accounts.views.customers.frame import the_account
from accounts.views.customers.writing import CHANGED, write
from onboarding.domain import checklists
from onboarding.domain.checklists.reading import latest_of, shown
from onboarding.domain.templates.best import best_template
from onboarding.forms.checklists import CancelForm, StartForm, StepForm
from onboarding.models import Checklist, ChecklistStep

VERBS = {
    "tick": checklists.tick,
    "skip": checklists.skip,
    "na": checklists.not_applicable,
    "reopen": checklists.reopen,
}


@require_safe
def panel(request: Request, pk: int) -> HttpResponse:
    return _panel(request, the_account(request, pk))


def _panel(request: Request, account: Account, refusal: str = "", status: int = 200) -> HttpResponse:
    row = latest_of(account)
    context: dict[str, Any] = {
        "account": account,
        "shown": shown(row) if row else None,
        "earlier": account.checklists.exclude(pk=row.pk).select_related("version__template") if row else [],
        "may_work": request.user.may("onboarding.work", account),
        "gone": account.stage == Stage.CHURNED,
        "refusal": refusal,
    }
    response = render(request, "onboarding/checklist/panel.html", context, status=status)
    if refusal:  # the form asked for nothing to be swapped
        response.headers["HX-Reswap"] = "outerHTML"
    return response


@require_POST
def act(request: Request, pk: int, step: int) -> HttpResponse:
    """Done, left out, does not apply, open again."""
    account = the_account(request, pk, "onboarding.work")
    row = ChecklistStep.objects.filter(pk=step, checklist__account=account).first()
    if row is None:
        raise Http404
    form = StepForm(request.POST)
    if not form.is_valid():
        return _panel(request, account, " ".join(map(str, chain(*form.errors.values()))), 422)
    try:
        VERBS[form.cleaned_data["do"]](row, by=request.user, note=form.cleaned_data["note"])
    except DomainError as error:
        return _panel(request, account, str(error), error.status)
    return _after(request, account)


def _after(request: Request, account: Account) -> HttpResponse:
    """The page's parts fetch themselves again; without htmx it is the page itself."""
    if request.htmx:
        return HttpResponse(headers={"HX-Trigger": CHANGED})
    return redirect(reverse("accounts:tab", args=[account.pk, "onboarding"]))


@require_http_methods(["GET", "POST"])
def start(request: Request, pk: int) -> HttpResponse:
    account = the_account(request, pk, "onboarding.work")
    return write(
        request,
        StartForm(posted(request), initial={"version": best_template(account)}),
        lambda given: checklists.start(account, given["version"], by=request.user, anchor=given["anchor"]),
        account=account,
        title=_("Start an onboarding"),
        save=_("Start it"),
        done=_("The onboarding has started"),
    )


@require_http_methods(["GET", "POST"])
def cancel(request: Request, pk: int) -> HttpResponse:
    account = the_account(request, pk, "onboarding.work")
    return write(
        request,
        CancelForm(posted(request)),
        lambda given: checklists.cancel(_running(account), given["reason"], by=request.user),
        account=account,
        title=_("Cancel the onboarding"),
        save=_("Cancel it"),
        done=_("The onboarding is canceled"),
    )


def _running(account: Account) -> Checklist:
    row = latest_of(account)
    if row is None:
        raise DomainError(_("No onboarding is running."), code="none_running")
    return row
