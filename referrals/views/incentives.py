"""Incentives: what billing is still to honour, what it has honoured, and marking it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext, pgettext
from django.views.decorators.http import require_POST, require_safe

from accounts.http import Request, csv_file, requires
from accounts.models import Account
from referrals.domain import honouring, owed
from referrals.domain.exporting import incentive_lines
from referrals.domain.listing import known_programs
from referrals.enums import IncentiveStatus, Side
from referrals.views.frame import tabs, toned
from referrals.views.lists import found_part, page_asked
from referrals.views.review import chosen_ids

FOUND = "incentives-found"
MOST_SENTENCES = 5
VERBS = {"used": honouring.mark_used, "not_used": honouring.mark_not_used}


@requires("referral.view")
@require_safe
def incentive_list(request: Request) -> HttpResponse:
    asked = owed.Asked.of(request.GET)
    if request.htmx.target == FOUND:
        return found_part(request, "referrals/incentives.html", _found(request, asked))
    return _whole(request, asked)


def _whole(request: Request, asked: owed.Asked, *, status: int = 200, **more: Any) -> HttpResponse:
    context = _found(request, asked) | {
        "pager_at": reverse("referrals:incentives"),
        "tabs": tabs("incentives"),
        "programs": known_programs(),
        "sides": Side.choices,
        "states": [*IncentiveStatus.choices, (owed.ALL, pgettext("incentives", "All"))],
        **more,
    }
    return render(request, "referrals/incentives.html", context, status=status)


def _found(request: Request, asked: owed.Asked) -> dict[str, Any]:
    page = page_asked(request, owed.page, asked)
    toned(page.rows)
    sums = owed.owed(asked)
    return {
        "asked": asked,
        "page": page,
        "sums": [one for one in sums if one.credits],
        "discounts": sum(one.discounts for one in sums),
        "export": f"{reverse('referrals:incentive_export')}?{asked}",
        "swapped": request.htmx.target == FOUND,
        "of": Account.objects.filter(pk=asked.account).first() if asked.account else None,
    }


@requires("account.export")
@require_safe
def incentive_export(request: Request) -> HttpResponseBase:
    return csv_file("incentives", incentive_lines(owed.Asked.of(request.GET)))


@requires("payout.manage")
@require_POST
def incentive_mark(request: Request) -> HttpResponse:
    """Those that were chosen; back to the list they were chosen from."""
    asked, ids = owed.Asked.of(request.GET), chosen_ids(request)
    verb = VERBS.get(request.POST.get("verb", ""))
    if verb is None or not ids:
        refusal = _("Choose one of the buttons.") if ids else _("Choose incentives first.")
        return _whole(request, asked, status=422, refusal=refusal)
    _tell(request, verb(ids, by=request.user))
    return HttpResponseRedirect(f"{reverse('referrals:incentives')}?{asked}")


def _tell(request: Request, marked: honouring.Marked) -> None:
    if marked.done:
        text = ngettext("%(n)s incentive is marked.", "%(n)s incentives are marked.", marked.done)
        messages.success(request, text % {"n": marked.done})
    if marked.before:
        text = ngettext("%(n)s was marked before.", "%(n)s were marked before.", marked.before)
        messages.info(request, text % {"n": marked.before})
    for sentence in marked.refused[:MOST_SENTENCES]:
        messages.warning(request, sentence)
    if (rest := len(marked.refused) - MOST_SENTENCES) > 0:
        messages.warning(request, ngettext("And %(n)s more.", "And %(n)s more.", rest) % {"n": rest})
