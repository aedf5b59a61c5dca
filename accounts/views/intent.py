"""A contact's own page about their next term: how likely they are to renew, and what it depends on."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.domain.links import gone
from accounts.domain.renewals.intent import answer_intent
from accounts.exceptions import Conflict
from accounts.forms.intent import IntentForm
from accounts.models import ContactLink, Intent, Renewal
from accounts.visitors import visitor

SAFE = ("GET", "HEAD")


@require_http_methods(["GET", "HEAD", "POST"])
@visitor("intent")
def intent(request: HttpRequest, link: ContactLink) -> HttpResponse:
    """Opening it records nothing: the number clicked in the mail is only chosen."""
    row = _renewal(link)
    given = Intent.objects.filter(renewal=row, contact=link.contact).first()
    if request.method in SAFE:
        if row.decided_at or (given and "change" not in request.GET and "score" not in request.GET):
            return _page(request, row, given)
        return _page(request, row, given, IntentForm(initial=_initial(request, given)))
    form = IntentForm(request.POST)
    if not form.is_valid():
        return _page(request, row, given, form, status=422)
    try:
        answer_intent(row, link.contact, **form.cleaned_data)
    except Conflict as error:
        row.refresh_from_db()
        return _page(request, row, given, refusal=error, status=error.status)
    messages.success(request, _("Thank you. Your answer is with us."))
    return redirect(request.path)


def _renewal(link: ContactLink) -> Renewal:
    rows = Renewal.objects.select_related("account", "subscription__plan").filter(account=link.contact.account_id)
    row = rows.filter(pk=int(link.subject)).first() if link.subject.isdigit() else None
    if row is None:
        raise gone(410)
    return row


def _initial(request: HttpRequest, given: Intent | None) -> dict[str, Any]:
    before = {"score": given.score, "factors": given.factors, "comment": given.comment} if given else {}
    clicked = request.GET.get("score", "")
    return before | ({"score": clicked} if clicked else {})


def _page(
    request: HttpRequest,
    row: Renewal,
    given: Intent | None,
    form: IntentForm | None = None,
    *,
    refusal: Conflict | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {"renewal": row, "given": given, "form": form, "refusal": refusal, "here": request.path}
    return render(request, "visitors/intent.html", context, status=status)
