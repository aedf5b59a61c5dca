"""What is done with one renewal, in a dialog (a page without JavaScript): stage, call, settle, decide."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts import formats
from accounts.exceptions import Conflict, DomainError
from accounts.forms.renewals import CallForm, DecideForm, SettleForm, StageForm, TakeBackForm, VerbForm
from accounts.http import Request
from accounts.models import Renewal
from accounts.views.renewals import panel
from accounts.views.renewals.answers import changed, too_late

CHANCES = (95, 90, 80, 70, 50, 40, 25, 10)


@dataclass(frozen=True)
class Act:
    key: str
    title: Any
    button: Any
    form: type[VerbForm]
    permission: str = "renewal.work"


ACTS = {
    act.key: act
    for act in (
        Act("decide", gettext_lazy("Decide the renewal"), gettext_lazy("Decide"), DecideForm),
        Act("call", gettext_lazy("Your call"), gettext_lazy("Save"), CallForm),
        Act("take-back", gettext_lazy("Take the call back"), gettext_lazy("Take it back"), TakeBackForm),
        Act("settle", gettext_lazy("Settle the disagreement"), gettext_lazy("Settle"), SettleForm, "renewal.settle"),
    )
}


@require_http_methods(["GET", "HEAD", "POST"])
def act(request: Request, pk: int, verb: str) -> HttpResponse:
    """Asked: the form. Answered: the deed, or the form as it was typed with what is wrong."""
    one = ACTS[verb]
    row = panel.the_renewal(request.user, pk, one.permission)
    form = one.form(request.POST if request.method == "POST" else None, initial=_initial(row, verb))
    try:
        if form.is_bound and form.is_valid() and (done := tried(form, row, request)):
            return changed(request, done, told(verb, done))
    except Conflict as conflict:
        return too_late(request, row, conflict)
    return asked(request, one, form, row)


def _initial(row: Renewal, verb: str) -> dict[str, Any]:
    if verb == "call":
        return {"probability": row.call_probability, "reason": row.call_reason}
    return {}


def tried(form: VerbForm, row: Renewal, request: Request) -> Renewal | None:
    try:
        return form.carry_out(row, request.user)
    except Conflict:
        raise
    except DomainError as refusal:
        form.refused(refusal)
        return None


def asked(request: Request, one: Act, form: VerbForm, row: Renewal) -> HttpResponse:
    context = {
        "act": one,
        "form": form,
        "r": row,
        "worth": row.subscription.mrr if row.mrr is None else row.mrr,
        "url": reverse(f"renewals:{one.key}", args=[row.pk]),
        "chances": CHANCES,
        "next": request.POST.get("next") or request.GET.get("next") or request.headers.get("Referer", ""),
    }
    return render(request, "accounts/renewals/act.html", context, status=422 if form.errors else 200)


def told(verb: str, row: Renewal) -> str:
    facts = {
        "account": row.account,
        "outcome": row.get_stage_display(),
        "stage": row.get_stage_display(),
        "chance": formats.percent(row.call_probability),
    }
    return {
        "decide": _("%(account)s: %(outcome)s."),
        "call": _("Your call for %(account)s: %(chance)s."),
        "take-back": _("For %(account)s, health's word counts again."),
        "settle": _("Settled: %(account)s."),
        "stage": _("%(account)s is now %(stage)s."),
    }[verb] % facts


@require_POST
def stage(request: Request, pk: int) -> HttpResponse:
    """From one column of the board to another."""
    row = panel.the_renewal(request.user, pk, "renewal.work")
    form = StageForm(request.POST)
    if not form.is_valid():
        raise DomainError(str(next(iter(form.errors["stage"]))), code="stage_wrong")
    try:
        row = form.carry_out(row, request.user)
    except Conflict as conflict:
        return too_late(request, row, conflict)
    return changed(request, row, told("stage", row))
