"""Referrals at a glance."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.http import Request, requires
from referrals.domain import figures
from referrals.domain.listing import known_programs
from referrals.domain.overview import Due, due_by_program, sums_by_currency
from referrals.enums import ProgramStatus
from referrals.views.frame import Period, tabs
from referrals.views.programs import TONES

# With what the commission is told by.
LISTED = ("slug", "name", "currency", "status", "commission", "rate", "amount", "tiers", "months")


@requires("referral.view")
@require_safe
def overview(request: Request) -> HttpResponse:
    period = Period.of(request.GET)
    known = list(known_programs().only(*LISTED))
    programs = [one for one in known if one.status != ProgramStatus.DRAFT]
    due = due_by_program()
    by_program = figures.funnels(period.window, "program")
    whole = figures.in_all(by_program)
    context = {
        "tabs": tabs("overview"),
        "periods": period.links("referrals:overview", request.GET),
        "period": period,
        "funnel": whole,
        "virality": figures.virality(period.window, whole),
        "sums": sums_by_currency({one.pk: one.currency for one in programs}, due),
        "rows": [
            (one, TONES[ProgramStatus(one.status)], by_program.get(one.slug), due.get(one.pk, Due()))
            for one in programs
        ],
        "drafts": len(known) - len(programs),
    }
    return render(request, "referrals/overview.html", context)
