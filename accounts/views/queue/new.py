"""A follow-up written by hand: the account is found by typing, with or without JavaScript."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.domain import followups
from accounts.domain.search import Hit, find
from accounts.exceptions import DomainError
from accounts.forms.queue import WHEN_FORMAT, NewForm, morning
from accounts.http import Request, requires
from accounts.models import Account, FollowUp, User
from accounts.views.queue.answers import asked_from_queue, back, changed


@require_http_methods(["GET", "HEAD", "POST"])
@requires("followup.open")
def new(request: Request) -> HttpResponse:
    if request.method != "POST":
        return show(request, blank(request))
    data = request.POST.copy()
    hits = guessed(data)
    form = NewForm(data)
    if "find" in request.POST:  # without JavaScript: look the account up, judge nothing yet
        form = NewForm(initial=data.dict())
    elif form.is_valid() and (row := opened(form, request.user)):
        return announced(request, row)
    return show(request, form, hits, status=422 if form.errors else 200)


def blank(request: Request) -> NewForm:
    due = timezone.localtime(morning(1)).strftime(WHEN_FORMAT)
    return NewForm(initial={"due_at": due, "assignee": request.user.pk, "account": request.GET.get("account", "")})


def guessed(data: Any) -> list[Hit]:
    """What was typed where nothing was chosen: one account of that name is the one meant."""
    typed = data.get("q", "")
    if data.get("account") or not typed:
        return []
    hits = find(typed)
    exact = [hit for hit in hits if typed.strip().casefold() in {hit.name.casefold(), hit.external_id.casefold()}]
    if len(exact or hits) == 1:
        data["account"] = str((exact or hits)[0].pk)
    return hits


def opened(form: NewForm, by: User) -> FollowUp | None:
    try:
        return followups.open_by_hand(by=by, **form.cleaned_data)
    except DomainError as refusal:
        form.refused(refusal)
        return None


def announced(request: Request, row: FollowUp) -> HttpResponse:
    text = _("Opened: %(title)s") % {"title": row.title}
    if asked_from_queue(request):
        return changed(request, text)
    messages.success(request, text)
    return redirect("follow-up", row.pk)


def show(request: Request, form: NewForm, hits: list[Hit] | None = None, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "typed": request.POST.get("q", ""),
        "hits": hits or [],
        "chosen": chosen(form),
        "next": back(request),
    }
    return render(request, "accounts/queue/new.html", context, status=status)


def chosen(form: NewForm) -> Account | None:
    text = str(form["account"].value() or "")
    return Account.objects.live().filter(pk=text).first() if text.isascii() and text.isdigit() else None


@require_safe
@requires("followup.open")
def accounts(request: Request) -> HttpResponse:
    """While typing the account's name."""
    typed = request.GET.get("q", "")
    return render(request, "accounts/queue/new.html#hits", {"hits": find(typed), "typed": typed})
