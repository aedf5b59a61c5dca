"""The touch model on the account page: what is recommended and why, and what was decided."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.enums import Stage, TouchModel
from accounts.http import Request
from accounts.models import Account
from accounts.views.customers.frame import the_account
from accounts.views.customers.writing import write
from onboarding.domain.touch import choose, model_of, reason_of
from onboarding.enums import ChecklistStatus
from onboarding.forms.touch import ChooseForm
from onboarding.models import Checklist, TouchDecision


@require_safe
def panel(request: Request, pk: int) -> HttpResponse:
    account = the_account(request, pk)
    decision = TouchDecision.objects.select_related("chosen_by").filter(account=account).first()
    context = {
        "account": account,
        "decision": decision,
        "model": TouchModel(model_of(account)),
        "recommended": TouchModel(decision.recommended) if decision else None,
        "reason": reason_of(decision) if decision else "",
        "other": _begun_for_another(account),
        "may_choose": account.stage != Stage.CHURNED and request.user.may("onboarding.work", account),
    }
    return render(request, "onboarding/touch.html", context)


def _begun_for_another(account: Account) -> str:
    """The running checklist, if it is not one for this touch model: it stays, and somebody should know."""
    running = Checklist.objects.filter(account=account, status=ChecklistStatus.RUNNING)
    found = running.select_related("version__template").first()
    template = found.version.template if found else None
    fits = not template or not template.touch_models or model_of(account) in template.touch_models
    return "" if fits or not template else template.name


@require_http_methods(["GET", "HEAD", "POST"])
def choose_model(request: Request, pk: int) -> HttpResponse:
    account = the_account(request, pk, "onboarding.work")
    data = request.POST if request.method == "POST" else None
    return write(
        request,
        ChooseForm(data, initial={"model": model_of(account)}),
        lambda values: choose(account, values["model"], values["reason"], by=request.user),
        account=account,
        title=_("Choose the touch model"),
        save=_("Choose"),
        done=_("Touch model chosen"),
    )
