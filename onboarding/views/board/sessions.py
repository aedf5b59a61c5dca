"""Sessions: those of the days ahead, those that nobody has marked, and all there ever were."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_safe

from accounts import formats
from accounts.domain.keyset import BadPositionError, Page
from accounts.forms.queue_filters import TEAM, shown
from accounts.http import Request, requires
from accounts.views.customers.frame import the_account
from onboarding.domain import agenda
from onboarding.domain.agenda import Item, Which
from onboarding.enums import SeatStatus
from onboarding.forms.board import day_in, midnight
from onboarding.views.board.frame import Look

DAYS = 7
PLACE = ("day",)
OF_LIST = ("from", "to", "friction", "seat")
SEATS: dict[str, Any] = {
    "": gettext_lazy("All sessions"),
    SeatStatus.ATTENDED: SeatStatus.ATTENDED.label,
    SeatStatus.NO_SHOW: SeatStatus.NO_SHOW.label,
    "unmarked": gettext_lazy("Not marked yet"),
    SeatStatus.CANCELED: SeatStatus.CANCELED.label,
}


@require_safe
@requires("onboarding.view")
def session_days(request: Request) -> HttpResponse:
    look = Look(request, "sessions", place=PLACE)
    today = timezone.localdate()
    first = day_in(request.GET, "day", look.problems) or today
    until = first + timedelta(days=DAYS)
    found = agenda.by_day(agenda.between(midnight(first), midnight(until), look.filters))
    unmarked, waiting = agenda.unmarked(look.filters)
    context = {
        "days": [(day, _title(day, today), found.get(day, [])) for day in _shown(first, found, today)],
        "first": first,
        "last": until - timedelta(days=1),
        "today_shown": first == today,
        "total": sum(len(rows) for rows in found.values()),
        "unmarked": unmarked,
        "waiting": waiting,
        "more_waiting": waiting - len(unmarked),
        "unmarked_url": look.address("onboarding:session_list") + ("&" if look.asked.query else "?") + "seat=unmarked",
        "before": look.address(day=first - timedelta(days=DAYS)),
        "after": look.address(day=until),
        "now_url": look.address(day=""),
        "all_url": _list_url(look),
    }
    return look.answer("board/sessions", context)


def _shown(first: date, found: dict[date, list[Item]], today: date) -> list[date]:
    """Days on which there is something; today always, so that it can say that nothing is."""
    days = (first + timedelta(days=n) for n in range(DAYS))
    return [day for day in days if day in found or day == today]


def _title(day: date, today: date) -> str:
    name = formats.day(day, form="weekday")
    nearby = {today: _("Today"), today + timedelta(days=1): _("Tomorrow")}.get(day)
    return f"{nearby} · {name}" if nearby else name


def _list_url(look: Look) -> str:
    return reverse("onboarding:session_list") + (f"?{look.asked.query}" if look.asked.query else "")


@require_safe
@requires("onboarding.view")
def session_list(request: Request) -> HttpResponse:
    """Any length, newest first; with what the reports' figures count."""
    look = Look(request, "session_list", place=OF_LIST)
    which = which_of(request, look.problems)
    page, lost = _page(look, which)
    context = {
        "page": page,
        "items": page.rows,
        "which": which,
        "lost": lost,
        "chips": [(title, look.address(seat=key), key == which.seat) for key, title in SEATS.items()],
        "without_friction": look.address(friction=""),
        "days": period_of(which),
        "without_days": look.address(**{"from": "", "to": ""}),
    }
    return look.answer("board/session_list", context)


def which_of(request: Request, problems: list[str]) -> Which:
    seat = request.GET.get("seat", "")
    if seat not in SEATS:
        problems.append(_("“%(value)s” means nothing here, so it was left out.") % {"value": shown(seat)})
        seat = ""
    first, last = day_in(request.GET, "from", problems), day_in(request.GET, "to", problems)
    return Which(
        start=midnight(first) if first else None,
        end=midnight(last + timedelta(days=1)) if last else None,
        friction=shown(request.GET.get("friction", "")).lower(),
        seat=seat,
    )


def period_of(which: Which) -> str:
    """Its days in words."""
    first = formats.day(timezone.localdate(which.start), form="medium") if which.start else ""
    last = formats.day(timezone.localdate(which.end) - timedelta(days=1), form="medium") if which.end else ""
    if first and last:
        return f"{first} – {last}"
    return _("from %(day)s on") % {"day": first} if first else _("until %(day)s") % {"day": last} if last else ""


def _page(look: Look, which: Which) -> tuple[Page, bool]:
    where = look.request.GET
    try:
        return agenda.page(look.filters, which, after=where.get("after", ""), before=where.get("before", "")), False
    except BadPositionError:
        return agenda.page(look.filters, which), True


@require_safe
def account_sessions(request: Request, pk: int) -> HttpResponseBase:
    """A part of the account's page."""
    account = the_account(request, pk)
    found = agenda.of_account(account)
    now = timezone.now()
    context = {
        "account": account,
        "ahead": [item for item in reversed(found) if item.session.ends_at > now],
        "past": [item for item in found if item.session.ends_at <= now],
        "all_url": f"{reverse('onboarding:session_list')}?{urlencode({'who': TEAM, 'q': account.external_id})}",
    }
    return render(request, "onboarding/board/account.html", context)
