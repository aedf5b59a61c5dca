"""What is done with a session by the team: mark who came, write it up, move it, cancel it."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.exceptions import Conflict, DomainError
from accounts.http import Request
from onboarding.domain import attendance, moving
from onboarding.domain.attendance import FollowUpWanted
from onboarding.domain.wording import name_of, when
from onboarding.enums import SeatStatus, SessionStatus
from onboarding.forms.sessions import CancelForm, WriteUpForm
from onboarding.models import Seat, Session
from onboarding.views import picking
from onboarding.views.sessions.page import shown, the_session

METHODS = ["GET", "HEAD", "POST"]
CHANGED = "session-changed"  # what lists and panels listen for
CAME = {"yes": True, "no": False, "undo": None}


# Answers ----------------------------------------------------------------------------------------------------


def changed(request: Request, row: Session, text: str) -> HttpResponse:
    """The parts of the page fetch themselves again, or back to where one was."""
    messages.success(request, text)
    if not request.htmx:
        return HttpResponseRedirect(back(request, row))
    return HttpResponse(status=204, headers={"HX-Trigger": json.dumps({CHANGED: True, "closeDialog": True})})


def refused(request: Request, row: Session, conflict: Conflict) -> HttpResponse:
    """As things stand, it cannot be: why, and the session as it is."""
    if request.htmx:
        events = {CHANGED: True, "closeDialog": True, "toast": [{"level": "error", "text": str(conflict)}]}
        headers = {"HX-Trigger": json.dumps(events), "HX-Reswap": "none"}
        return HttpResponse(
            str(conflict), status=conflict.status, content_type="text/plain; charset=utf-8", headers=headers
        )
    return shown(request, the_session(request.user, row.pk), status=conflict.status, refusal=str(conflict))


def back(request: Request, row: Session) -> str:
    """The page one came from, else the session's own."""
    url = request.POST.get("next", "")
    if not url or not url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure()):
        return reverse("onboarding:session", args=[row.pk])
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


# Who came ---------------------------------------------------------------------------------------------------


@require_POST
def mark(request: Request, pk: int, seat: int) -> HttpResponse:
    row = the_session(request.user, pk, "onboarding.work")
    place = get_object_or_404(row.attendees.select_related("contact__account"), pk=seat)
    asked = request.POST.get("came", "")
    if asked not in CAME:
        raise DomainError(_("Say whether they came."), code="invalid")
    try:
        attendance.mark(place, CAME[asked], by=request.user)
    except Conflict as conflict:
        return refused(request, row, conflict)
    return changed(request, row, told(place.name, asked))


def told(name: str, asked: str) -> str:
    sentences = {
        "yes": _("%(name)s came."),
        "no": _("%(name)s did not come."),
        "undo": _("%(name)s is not marked any more."),
    }
    return sentences[asked] % {"name": name}


# What was learned -------------------------------------------------------------------------------------------


@require_http_methods(METHODS)
def write_up(request: Request, pk: int) -> HttpResponse:
    """In its place on the session's page; without JavaScript a page of its own."""
    row = the_session(request.user, pk, "onboarding.work")
    form = WriteUpForm(
        request.POST if request.method == "POST" else None,
        session=row,
        accounts=attendance.accounts_of(row),
        suggested=attendance.suggestions(),
        by=request.user,
    )
    if form.is_bound and form.is_valid() and _written(form, row, request):
        return changed(request, row, _("Written up."))
    context = {"s": row, "what": name_of(row.session_type), "form": form}
    return render(request, "onboarding/session/write_up.html", context, status=422 if form.errors else 200)


def _written(form: WriteUpForm, row: Session, request: Request) -> bool:
    given, account = form.cleaned_data, form.about
    wanted = FollowUpWanted(account, given.get("assignee"), given["due_at"]) if account else None
    try:
        attendance.take_down(
            row,
            by=request.user,
            notes=given["notes"],
            friction=form.friction,
            next_step=given["next_step"],
            follow_up=wanted,
        )
    except DomainError as refusal:
        form.refused(refusal)
        return False
    return True


# Another time, or none --------------------------------------------------------------------------------------


@require_http_methods(METHODS)
def move(request: Request, pk: int) -> HttpResponse:
    """A group moves as a whole, with all who have a seat."""
    row = the_session(request.user, pk, "onboarding.work")
    seats = list(row.attendees.filter(status=SeatStatus.BOOKED).select_related("contact__account"))
    if not seats:
        return _nobody_comes(request, row)
    zone, problem = picking.zone_of(request.POST or request.GET, timezone.get_current_timezone_name())
    status, refusal = 200, ""
    if request.method == "POST":
        start = picking.start_of(request.POST.get("start", ""))
        status, refusal = 422, "" if "from" in request.POST else _("Please choose a time.")
        if start == row.starts_at:
            refusal = _("It is at this time already. Please choose another one.")
        elif start is not None:
            try:
                return _move_to(request, row, seats, start, zone)
            except DomainError as error:
                status, refusal = error.status, str(error)
        elif "from" in request.POST:
            status = 200
    context = {
        "s": row, "seats": seats, "seat": seats[0], "what": name_of(row.session_type), "when": when(row, zone),
        "refusal": refusal, "tz_problem": problem, "over": not _changeable(row),
        **picking.calendar(request, row.session_type, zone, account=moving.hosted_for(row), without=row),
    }  # fmt: skip
    return render(request, "onboarding/session/move.html", context, status=status)


def _move_to(request: Request, row: Session, seats: Sequence[Seat], start: datetime, zone: ZoneInfo) -> HttpResponse:
    """One tap chooses, another one moves it: mails go out, and calendars change."""
    if "confirm" in request.POST:
        return changed(request, row, _moved(moving.move_session(row, start, by=request.user), seats, zone))
    moving.check_move_session(row, start)
    chosen = Session(starts_at=start, ends_at=start + timedelta(minutes=row.session_type.minutes))
    context = {
        "s": row, "seats": seats, "seat": seats[0], "what": name_of(row.session_type), "zone": str(zone),
        "when": when(row, zone), "chosen": when(chosen, zone), "start_text": request.POST["start"],
        "start_day": start.astimezone(zone).date().isoformat(), "here": request.path,
        "url": reverse("onboarding:session", args=[row.pk]),
    }  # fmt: skip
    return render(request, "onboarding/session/move_sure.html", context)


def _nobody_comes(request: Request, row: Session) -> HttpResponse:
    """Who still had the page open is told what became of it; else there is nobody to tell of another time."""
    if request.method == "POST":
        try:
            moving.check_open(row)
        except Conflict as conflict:
            return refused(request, row, conflict)
    raise Http404


def _changeable(row: Session) -> bool:
    return row.status == SessionStatus.CONFIRMED and row.starts_at > timezone.now()


def _moved(session: Session, seats: Sequence[Seat], zone: ZoneInfo) -> str:
    now = when(session, zone)
    facts = {"name": seats[0].name, "day": now.day, "time": now.begins}
    if len(seats) > 1:
        return _("Moved to %(day)s, %(time)s. Everybody who has a seat gets a mail.") % facts
    return _("Moved to %(day)s, %(time)s. %(name)s gets a mail.") % facts


@require_http_methods(METHODS)
def cancel(request: Request, pk: int) -> HttpResponse:
    row = the_session(request.user, pk, "onboarding.work")
    form = CancelForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            moving.cancel_session(row, by=request.user, reason=form.cleaned_data["reason"])
        except Conflict as conflict:
            return refused(request, row, conflict)
        except DomainError as refusal:
            form.refused(refusal)
        else:
            return changed(request, row, _("Canceled. Everybody who had a seat gets a mail."))
    booked = row.attendees.filter(status=SeatStatus.BOOKED).count()
    context = {
        "s": row, "what": name_of(row.session_type), "form": form, "booked": booked,
        "next": request.POST.get("next", ""), "url": request.path,
    }  # fmt: skip
    return render(request, "onboarding/session/cancel.html", context, status=422 if form.errors else 200)
