"""The readings of an account: usage, tickets, invoices."""

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import charts, formats
from accounts.http import Request
from accounts.views.customers.frame import the_account
from health.domain.usage import Usage, usage_of

SHOWN = 50
TONES = ("1", "2", "3", "4", "5", "grey")


@require_safe
def usage(request: Request, pk: int) -> HttpResponse:
    account = the_account(request, pk)
    today = timezone.now().astimezone(account.time_zone).date()
    used = usage_of(account, today)
    context = {"account": account, "usage": used, "chart": _chart(used) if used.series else ""}
    return render(request, "health/usage.html", context)


def _chart(used: Usage) -> Any:
    series = [
        charts.Series(name or _("Others"), values, tone)
        for (name, values), tone in zip(used.series.items(), TONES, strict=False)
    ]
    return charts.bars(_("Points a day"), [formats.day(day) for day in used.days], series)


@require_safe
def tickets(request: Request, pk: int) -> HttpResponse:
    account = the_account(request, pk)
    rows = list(account.tickets.order_by("-opened_at", "-pk")[: SHOWN + 1])
    context = {
        "account": account,
        "tickets": rows[:SHOWN],
        "more": len(rows) > SHOWN,
        "recent": timezone.now() - timedelta(days=30),
    }
    return render(request, "health/tickets.html", context)


@require_safe
def invoices(request: Request, pk: int) -> HttpResponse:
    account = the_account(request, pk)
    today = timezone.now().astimezone(account.time_zone).date()
    rows = list(account.invoices.order_by("-due_on", "-pk")[: SHOWN + 1])
    context = {"account": account, "invoices": rows[:SHOWN], "more": len(rows) > SHOWN, "today": today}
    return render(request, "health/invoices.html", context)
