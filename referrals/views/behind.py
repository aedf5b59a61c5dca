"""Who is behind a figure: the referrals that it counts, the customers that it compares."""

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.domain import keyset
from accounts.http import Request, requires
from accounts.models import Account
from referrals.domain import behind as referrals
from referrals.domain.comparing import began
from referrals.domain.listing import known_programs
from referrals.enums import Channel
from referrals.models import Partner
from referrals.views.frame import Period, dressed, tabs
from referrals.views.lists import page_asked

TITLES = {
    "sign_ups": _("Sign-ups"),
    "customers": _("Customers"),
    "churned": _("Churned"),
    "money": _("What it brought, and what it cost"),
}
NEWEST = keyset.Order("started_on", descending=True)
SIZE = 50


@requires("referral.view")
@require_safe
def behind(request: Request) -> HttpResponse:
    period, asked, partner = _asked(request)
    page = page_asked(request, referrals.page, asked)
    dressed(part.referral for part in page.rows)
    of = (asked.program, partner, Channel(asked.channel).label if asked.channel else None)
    context = _frame(request, period, "referrals:behind") | {
        "title": TITLES[asked.step],
        "of": [one for one in of if one],
        "page": page,
        "count": asked.rows().count(),
    }
    return render(request, "referrals/behind.html", context)


def _asked(request: Request) -> tuple[Period, referrals.Asked, Partner | None]:
    """What an address asks for that cannot be is not asked for."""
    period, given = Period.of(request.GET), request.GET
    number, channel = given.get("partner", ""), given.get("channel", "")
    program = known_programs().filter(slug=given.get("program", "")[:60].replace("\0", "")).first()
    known = number.isascii() and number.isdigit() and len(number) < 19
    partner = Partner.objects.filter(pk=number).first() if known else None
    asked = referrals.Asked(
        given["step"] if given.get("step") in TITLES else "sign_ups",
        period.window, program, partner.pk if partner else None, channel if channel in Channel.values else "",
    )  # fmt: skip
    return period, asked, partner


@requires("referral.view")
@require_safe
def compared(request: Request) -> HttpResponse:
    """The customers of the one or the other group of the comparison."""
    period, referred = Period.of(request.GET, "365"), request.GET.get("referred") == "1"
    rows = began(period.window).filter(referred=referred)
    page = page_asked(request, _page, rows)
    context = _frame(request, period, "referrals:compared") | {
        "referred": referred,
        "currency": settings.REPORTING_CURRENCY,
        "page": page,
        "count": rows.count(),
    }
    return render(request, "referrals/compared.html", context)


def _page(rows: QuerySet[Account], after: str = "", before: str = "") -> keyset.Page:
    column = Account._meta.get_field("started_on")
    return keyset.page(
        rows,
        NEWEST,
        after=keyset.read_position(after, column) if after else None,
        before=keyset.read_position(before, column) if before else None,
        size=SIZE,
        at=lambda row: (str(row.started_on), row.pk),
    )


def _frame(request: Request, period: Period, name: str) -> dict[str, Any]:
    return {"tabs": tabs("reports"), "periods": period.links(name, request.GET), "period": period}
