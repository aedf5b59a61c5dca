"""Done, snooze, hand over, cancel: one follow-up or many, asked in a dialog (a page without JavaScript)."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware
from django.utils.translation import gettext as _, gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts import formats
from accounts.domain.followups import BulkResult, log_contact, reopen
from accounts.domain.followups.rules import still_open
from accounts.domain.retelling import title_of
from accounts.exceptions import Conflict, DomainError
from accounts.forms.queue import CallForm, CancelForm, DoneForm, HandOverForm, SnoozeForm, VerbForm
from accounts.http import Request, get_account, get_follow_up
from accounts.models import FollowUp
from accounts.views.queue.answers import asked_from_queue, back, changed

MOST_REFUSALS = 3


@dataclass(frozen=True)
class Action:
    key: str
    title: Any
    button: Any
    form: type[VerbForm]
    permission: str = "followup.work"


ACTIONS = {
    action.key: action
    for action in (
        Action("done", gettext_lazy("Done"), gettext_lazy("Mark as done"), DoneForm),
        Action("snooze", gettext_lazy("Snooze"), gettext_lazy("Snooze"), SnoozeForm),
        Action("hand-over", gettext_lazy("Hand over"), gettext_lazy("Hand over"), HandOverForm, "followup.reassign"),
        Action("cancel", gettext_lazy("Cancel follow-up"), gettext_lazy("Cancel follow-up"), CancelForm),
    )
}


@require_http_methods(["GET", "HEAD", "POST"])
def act(request: Request, pk: int, verb: str) -> HttpResponse:
    """Asked: the form. Answered: the deed, or the form as it was typed with what is wrong."""
    action = ACTIONS[verb]
    row = get_follow_up(request.user, pk, action.permission)
    try:
        still_open(row)
        form = action.form(request.POST if request.method == "POST" else None)
        form.ask_of(row)
        if form.is_bound and form.is_valid() and (done := tried(form, row, request)):
            return changed(request, told(action, done), undo=done.closed_at)
    except Conflict as conflict:
        return too_late(request, row, conflict)
    return asked(request, action, form, [row])


def tried(form: VerbForm, row: FollowUp, request: Request) -> FollowUp | None:
    try:
        return form.one(row, by=request.user)
    except Conflict:
        raise
    except DomainError as refusal:
        form.refused(refusal)
        return None


def too_late(request: Request, row: FollowUp, conflict: Conflict) -> HttpResponse:
    """Somebody was faster: say so, and show the row as it is now."""
    if not asked_from_queue(request):
        raise conflict
    return changed(request, str(conflict), level="error", status=conflict.status)


def asked(request: Request, action: Action, form: VerbForm, rows: list[FollowUp], **more: Any) -> HttpResponse:
    one = rows[0] if len(rows) == 1 else None
    context = {
        "action": action,
        "form": form,
        "rows": rows,
        "one": one,
        "title": title_of(one) if one else "",
        "url": reverse(f"follow-up-{action.key}", args=[one.pk]) if one else reverse(f"follow-ups-{action.key}"),
        "next": request.POST.get("next") or request.GET.get("next") or request.headers.get("Referer", ""),
        **more,
    }
    return render(request, "accounts/queue/act.html", context, status=422 if form.errors else 200)


def told(action: Action, row: FollowUp) -> str:
    facts = {
        "title": title_of(row),
        "outcome": row.get_outcome_display() if row.outcome else "",
        "until": formats.moment(row.snoozed_until),
        "who": row.assignee or _("nobody"),
    }
    return {
        "done": _("Done (%(outcome)s): %(title)s"),
        "snooze": _("Snoozed until %(until)s: %(title)s"),
        "hand-over": _("Now with %(who)s: %(title)s"),
        "cancel": _("Canceled: %(title)s"),
    }[action.key] % facts


# Many -----------------------------------------------------------------------------------------------


@require_POST
def act_many(request: Request, verb: str) -> HttpResponse:
    """`id`s chosen on the list. With `ask`, the form for them; a POST, because an address cannot carry a thousand."""
    action = ACTIONS[verb]
    if not request.user.may(action.permission):
        raise Http404
    ids = chosen(request)
    if not ids:
        raise DomainError(_("Choose at least one follow-up first."), code="nothing_chosen")
    form = action.form(None if "ask" in request.POST else request.POST)
    form.choose(ids)
    if form.is_bound and form.is_valid() and (result := tried_many(form, ids, request)):
        closed_at = result.rows[0].closed_at if result.rows else None
        return changed(request, told_many(action, result), level=level_of(result), undo=closed_at)
    return asked(request, action, form, [], ids=ids, several=how_many(len(ids)))


def level_of(result: BulkResult) -> str:
    return "warning" if result.refused else "success"


def tried_many(form: VerbForm, ids: list[int], request: Request) -> BulkResult | None:
    try:
        return form.many(ids, by=request.user)
    except DomainError as refusal:
        form.refused(refusal)
        return None


def chosen(request: Request) -> list[int]:
    texts = dict.fromkeys(request.POST.getlist("id"))
    return [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 19]


def how_many(number: int) -> str:
    return ngettext("%(n)s follow-up", "%(n)s follow-ups", number) % {"n": formats.number(number)}


def told_many(action: Action, result: BulkResult) -> str:
    if result.done == 1 and not result.refused:
        (row,) = result.rows
        row.refresh_from_db(fields=["outcome", "snoozed_until", "assignee"])  # changed in one statement
        return told(action, row)
    sentence = {
        "done": _("Done: %(many)s."),
        "snooze": _("Snoozed: %(many)s."),
        "hand-over": _("Handed over: %(many)s."),
        "cancel": _("Canceled: %(many)s."),
    }[action.key] % {"many": how_many(result.done)}
    return " ".join([sentence, *refusals(result)])


def refusals(result: BulkResult) -> list[str]:
    if not result.refused:
        return []
    many = how_many(len(result.refused))
    lines = [_("Not changed: %(many)s.") % {"many": many}]
    first = result.refused[:MOST_REFUSALS]
    lines += [r.why if r.title in r.why else formats.labelled(f"“{r.title}”", r.why) for r in first]
    if (rest := len(result.refused) - MOST_REFUSALS) > 0:
        lines.append(ngettext("And %(n)s more.", "And %(n)s more.", rest) % {"n": formats.number(rest)})
    return lines


# Undo -----------------------------------------------------------------------------------------------


@require_POST
def undo(request: Request) -> HttpResponse:
    """What the reader has just closed is open again. `at`: when that was, as the toast has it."""
    if not request.user.may("followup.work"):
        raise Http404
    try:
        result = reopen(instant(request.POST.get("at", "")), by=request.user)
    except Conflict as conflict:
        if not asked_from_queue(request):
            raise
        return changed(request, str(conflict), level="error", status=conflict.status)
    return changed(request, " ".join([told_open(result), *refusals(result)]), level=level_of(result))


def instant(text: str) -> datetime:
    with suppress(ValueError):
        if (at := parse_datetime(text)) and is_aware(at):
            return at
    raise DomainError(_("It does not say what to undo. Reload the page and try again."), code="at_wrong")


def told_open(result: BulkResult) -> str:
    if result.done == 1:
        return _("Back on the list: %(title)s") % {"title": title_of(result.rows[0])}
    return _("Back on the list: %(many)s.") % {"many": how_many(result.done)}


# A call ---------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def call(request: Request, pk: int) -> HttpResponse:
    row = get_follow_up(request.user, pk)
    account = get_account(request.user, row.account_id, "account.log")
    form = CallForm(request.POST if request.method == "POST" else None, account=account)
    if form.is_bound and form.is_valid():
        try:
            log_contact(account, by=request.user, **form.cleaned_data)
        except DomainError as refusal:
            form.refused(refusal)
        else:
            return logged(request, row)
    context = {
        "form": form,
        "one": row,
        "title": title_of(row),
        "url": reverse("follow-up-call", args=[pk]),
        "next": back(request),
    }
    return render(request, "accounts/queue/call.html", context, status=422 if form.errors else 200)


def logged(request: Request, row: FollowUp) -> HttpResponse:
    text = _("Call with %(account)s logged.") % {"account": row.account}
    if asked_from_queue(request):
        return changed(request, text)
    messages.success(request, text)
    return redirect("follow-up", row.pk)
