"""Settings: when one takes sessions. One's own page, and, for those who lead a team, everybody's."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy, ngettext, pgettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts import formats
from accounts.exceptions import DomainError
from accounts.http import Request, requires
from accounts.models import User
from onboarding.domain.capacity import Capacity, hours_of
from onboarding.domain.feeds.problems import sentence
from onboarding.domain.feeds.subscribing import look_again, subscribe, unsubscribe
from onboarding.domain.schedules import coming_dates, forget_dates, save_hours, schedule_of, sessions_outside, set_dates
from onboarding.domain.schedules.team import customers_of, team as whole_team
from onboarding.domain.schedules.writing import as_text
from onboarding.domain.wording import name_of, weekday
from onboarding.forms.hours import CalendarForm, DatesForm, HoursForm
from onboarding.models import BusyCalendar, Schedule

METHODS = ["GET", "HEAD", "POST"]
TILES = (
    gettext_lazy("Open this week"),
    gettext_lazy("Planned for onboarding"),
    gettext_lazy("Booked"),
    gettext_lazy("Still free"),
)


@requires("hours.own")
@require_http_methods(METHODS)
def mine(request: Request) -> HttpResponse:
    return _page(request, request.user, reverse("onboarding:my_hours"))


@requires("hours.manage")
@require_http_methods(METHODS)
def theirs(request: Request, pk: int) -> HttpResponse:
    person = get_object_or_404(User.objects.workers(), pk=pk)
    return _page(request, person, reverse("onboarding:hours_of", args=[pk]))


@requires("hours.manage")
@require_safe
def everybody(request: Request) -> HttpResponse:
    monday = _monday()
    rows = [(row, [value for _name, value in _tiles(row.week)]) for row in whole_team(monday)]
    return render(request, "onboarding/hours/team.html", {"rows": rows, "monday": monday})


def _monday() -> date:
    today = timezone.localdate()
    return today - timedelta(days=today.weekday())


def _page(request: Request, person: User, here: str) -> HttpResponse:
    schedule = schedule_of(person)
    forms: dict[str, Any] = {"hours": HoursForm(schedule=schedule), "dates": DatesForm(), "calendar": CalendarForm()}
    status = 200
    if request.method == "POST":
        act = ACTS.get(request.POST.get("do", ""))
        if act is None:
            raise Http404
        status = act(request, person, forms)
        if status == 200:
            return redirect(here)
    return render(request, "onboarding/hours/page.html", _context(person, schedule, forms, here), status=status)


def _context(person: User, schedule: Schedule, forms: Mapping[str, Any], here: str) -> dict[str, Any]:
    calendars = [(one, sentence(one.error) if one.error else "") for one in person.busy_calendars.all()]  # type: ignore[attr-defined]
    outside = sessions_outside([person.pk]).get(person.pk, [])
    return {
        "person": person,
        "schedule": schedule,
        "here": here,
        "forms": forms,
        "week": _week(schedule),
        "customers": 0 if schedule.has_hours else customers_of([person.pk]).get(person.pk, 0),
        "capacity": _tiles(hours_of([person], _monday(), now=timezone.now())[person.pk]),
        "dates": [(stretch, as_text(stretch.intervals)) for stretch in coming_dates(schedule)],
        "calendars": calendars,
        "outside": [(one, name_of(one.session_type), _who(one)) for one in outside],
    }


def _tiles(week: Capacity) -> list[tuple[Any, str]]:
    values = (week.open_minutes, week.planned_minutes, week.booked_minutes, week.free_minutes)
    return [(name, _hours_said(minutes)) for name, minutes in zip(TILES, values, strict=True)]


def _hours_said(minutes: int) -> str:
    return pgettext("duration", "%(hours)s h") % {
        "hours": formats.number(minutes / 60, decimals=0 if minutes % 60 == 0 else 1)
    }


def _who(session: Any) -> str:
    names = [seat.name for seat in session.attendees.all() if seat.status != "canceled"]
    return str(session.account) if session.account else ", ".join(names[:3])


def _week(schedule: Schedule) -> list[dict[str, Any]]:
    """Each weekday with its stretches as parts of a day's line."""
    return [
        {
            "name": weekday(day),
            "text": as_text(schedule.weekly.get(str(day), ())),
            "parts": [(low, high - low) for low, high in schedule.weekly.get(str(day), ())],
        }
        for day in range(7)
    ]


# What can be done on the page: 200, or the status of what is shown again -----------------------------


def _tried(form: Any, verb: Callable[[dict[str, Any]], Any], told: Callable[[Any], str], request: Request) -> int:
    if not form.is_valid():
        return 422
    try:
        result = verb(form.cleaned_data)
    except DomainError as error:
        for name, sentences in (error.errors or {"": [str(error)]}).items():
            form.add_error(name if name in form.fields else None, [str(one) for one in sentences])
        return error.status
    messages.success(request, told(result))
    return 200


def _hours(request: Request, person: User, forms: dict[str, Any]) -> int:
    form = forms["hours"] = HoursForm(request.POST, schedule=schedule_of(person))
    return _tried(
        form, lambda _given: save_hours(person, **form.values()), lambda _done: _("The hours are saved."), request
    )


def _dates(request: Request, person: User, forms: dict[str, Any]) -> int:
    form = forms["dates"] = DatesForm(request.POST)

    def told(days: int) -> str:
        return ngettext("%(days)s day is changed.", "%(days)s days are changed.", days) % {"days": days}

    return _tried(
        form, lambda d: set_dates(person, d["first"], d["last"], hours=d["hours"], note=d["note"]), told, request
    )


def _forget_dates(request: Request, person: User, forms: dict[str, Any]) -> int:
    try:
        first, last = (date.fromisoformat(request.POST.get(name, "")) for name in ("first", "last"))
    except ValueError:
        raise Http404 from None
    forget_dates(person, first, last)
    messages.success(request, _("The weekly hours hold again."))
    return 200


def _subscribe(request: Request, person: User, forms: dict[str, Any]) -> int:
    form = forms["calendar"] = CalendarForm(request.POST)
    told = _("The calendar is subscribed to: it is read within the minute.")
    return _tried(form, lambda given: subscribe(person, given["url"], given["name"]), lambda _done: told, request)


def _calendar(request: Request, person: User) -> BusyCalendar:
    pk = request.POST.get("calendar", "")
    if not (pk.isascii() and pk.isdigit() and len(pk) < 19):
        raise Http404
    return get_object_or_404(BusyCalendar, pk=int(pk), user=person)


def _unsubscribe(request: Request, person: User, forms: dict[str, Any]) -> int:
    unsubscribe(_calendar(request, person))
    messages.success(request, _("The calendar is gone: what it blocked is free again."))
    return 200


def _look_again(request: Request, person: User, forms: dict[str, Any]) -> int:
    look_again(_calendar(request, person))
    messages.success(request, _("It is read again now: look again in a moment."))
    return 200


ACTS: dict[str, Callable[[Request, User, dict[str, Any]], int]] = {
    "hours": _hours,
    "dates": _dates,
    "forget-dates": _forget_dates,
    "subscribe": _subscribe,
    "unsubscribe": _unsubscribe,
    "look-again": _look_again,
}
