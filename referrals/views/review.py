"""Referrals that wait for a decision."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.http import Request, requires
from referrals.domain import queue
from referrals.domain.listing import known_programs
from referrals.enums import FlagReason, Review
from referrals.forms.staff import DecideForm
from referrals.views.frame import tabs
from referrals.views.lists import page_asked


@requires("referral.view")
@require_safe
def review(request: Request) -> HttpResponse:
    return _page(request, DecideForm())


def _page(request: Request, form: DecideForm, chosen: list[int] | None = None, status: int = 200) -> HttpResponse:
    asked = _asked(request)
    rows = queue.to_review(**asked)
    page = page_asked(request, queue.page, rows)
    context: dict[str, Any] = {
        "pager_at": reverse("referrals:review"),
        "tabs": tabs("review"),
        "page": page,
        "form": form,
        "chosen": set(chosen or []),
        "programs": known_programs(),
        "flags": FlagReason.choices,
        "asked": _address(asked),
        "refused": Review.DENIED,
        **asked,
    }
    return render(request, "referrals/review.html", context, status=status)


def _asked(request: Request) -> dict[str, str]:
    """Whom the list is about."""
    return {name: request.GET.get(name, "")[:60].replace("\0", "") for name in ("program", "flag", "state")}


def _address(asked: dict[str, str]) -> str:
    said = {name: value for name, value in asked.items() if value}
    return f"?{urlencode(said)}" if said else ""


@requires("partner.manage")
@require_POST
def decide(request: Request) -> HttpResponse:
    """About one or several, and back to the list they were chosen from; what was chosen stays chosen where the reason
    is missing."""
    form, ids = DecideForm(request.POST), chosen_ids(request)
    if not ids:
        form.add_error(None, _("Choose referrals first."))
    if not form.is_valid():
        return _page(request, form, ids, status=422)
    verb, note, asked = form.cleaned_data["verb"], form.cleaned_data["note"], _asked(request)
    decided = queue.decide(ids, verb, note, state=asked["state"], by=request.user)
    if decided.done:
        text = ngettext("%(n)s referral is decided.", "%(n)s referrals are decided.", decided.done)
        messages.success(request, text % {"n": decided.done})
    left = len(set(ids)) - decided.done
    if left:
        text = ngettext("%(n)s was decided by somebody else.", "%(n)s were decided by somebody else.", left)
        messages.warning(request, text % {"n": left})
    return redirect(f"{reverse('referrals:review')}{_address(asked)}")


def chosen_ids(request: Request) -> list[int]:
    """Numbers of rows; anything else was not chosen."""
    return [int(one) for one in request.POST.getlist("ids") if one.isascii() and one.isdigit() and len(one) < 19]
