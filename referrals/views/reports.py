"""Reports: the funnel by program, channel and partner, what a customer costs, and whether referred ones are better."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import charts, formats
from accounts.http import Request, csv_file, requires
from referrals.domain import figures
from referrals.domain.amounts import major
from referrals.domain.comparing import referred_or_not
from referrals.domain.exporting import lines
from referrals.domain.figures import Funnel
from referrals.domain.listing import known_programs
from referrals.enums import Channel
from referrals.models import Partner, Program
from referrals.views.frame import Period, tabs

LEADERS = 20


@dataclass(frozen=True)
class Row:
    name: Any
    funnel: Funnel
    query: str = ""  # of the address of those behind it

    @property
    def money(self) -> list[tuple[str, Any, Any]]:
        """By currency: what came in, what it cost, and what that is for each customer."""
        return [
            (code, money, major(money.cost, code) / self.funnel.customers if self.funnel.customers else None)
            for code, money in sorted(self.funnel.money.items())
        ]


@requires("referral.view")
@require_safe
def reports(request: Request) -> HttpResponse:
    period, program = Period.of(request.GET, "365"), _program(request)
    channels = figures.funnels(period.window, "channel", program)
    whole = figures.in_all(channels)
    context = {
        "tabs": tabs("reports"),
        "periods": period.links("referrals:reports", request.GET),
        "period": period,
        "programs": known_programs(),
        "program": program,
        "whole": Row("", whole, _behind(period, program)),
        "funnel_chart": _funnel_chart(whole),
        "virality": figures.virality(period.window, whole, program),
        "channels": _channels(channels, period, program),
        "leaders": _leaders(period, program, LEADERS),
        "comparison": referred_or_not(period.window),
        "currency": settings.REPORTING_CURRENCY,
        "export": f"?{request.GET.urlencode()}" if request.GET else "",
    }
    return render(request, "referrals/reports.html", context)


def _program(request: Request) -> Program | None:
    return known_programs().filter(slug=request.GET.get("program", "")[:60].replace("\0", "")).first()


def _funnel_chart(funnel: Funnel) -> Any:
    steps = [
        (_("Invitations"), funnel.invitations),
        (_("Clicks"), funnel.clicks),
        (_("Sign-ups"), funnel.sign_ups),
        (_("Customers"), funnel.customers),
    ]
    if not any(count for _name, count in steps):
        return ""
    rows = [charts.Across(str(name), [count], formats.number(count)) for name, count in steps]
    return charts.across(_("Funnel"), rows, [(_("People"), "accent")])


def _channels(found: Mapping[str, Funnel], period: Period, program: Program | None) -> list[Row]:
    rows = [
        Row(Channel(key).label if key in Channel.values else key, funnel, _behind(period, program, channel=key))
        for key, funnel in found.items()
    ]
    return sorted(rows, key=_place)


def _leaders(period: Period, program: Program | None, most: int | None = None) -> list[Row]:
    """Who brought most: customers first, then sign-ups, then clicks."""
    found = figures.funnels(period.window, "partner", program)
    order = sorted(found, key=lambda pk: _place(Row("", found[pk])))[:most]
    partners = Partner.objects.select_related("program").in_bulk(order)
    return [Row(partners[pk], found[pk], _behind(period, program, partner=pk)) for pk in order if pk in partners]


def _behind(period: Period, program: Program | None, **which: Any) -> str:
    return urlencode({"period": period.key, **({"program": program.slug} if program else {}), **which})


def _place(row: Row) -> tuple[int, ...]:
    one = row.funnel
    return (-one.customers, -one.sign_ups, -one.clicks, -one.invitations)


# As a file ------------------------------------------------------------------------------------------

HEADER = (
    "group", "name", "invitations", "clicks", "sign_ups", "customers", "churned", "currency", "revenue", "commission",
    "credits", "cost", "cost_per_customer",
)  # fmt: skip


@requires("account.export")
@require_safe
def report_export(request: Request) -> HttpResponseBase:
    period, program = Period.of(request.GET, "365"), _program(request)
    channels = figures.funnels(period.window, "channel", program)
    groups = [
        ("all", [Row("", figures.in_all(channels))]),
        ("channel", _channels(channels, period, program)),
        ("partner", _leaders(period, program)),
    ]
    return csv_file("referrals", lines(HEADER, _cells(groups)))


def _cells(groups: Iterable[tuple[str, list[Row]]]) -> Iterable[tuple[Any, ...]]:
    for group, rows in groups:
        for row in rows:
            one = row.funnel
            counts = (group, str(row.name), one.invitations, one.clicks, one.sign_ups, one.customers, one.churned)
            for code, money, each in row.money or [("", None, None)]:
                sums = (money.revenue, money.commission, money.credits, money.cost) if money else ()
                each_cell = None if each is None else f"{each:.2f}"
                yield (*counts, code, *(major(amount, code) for amount in sums), each_cell) if money else counts
