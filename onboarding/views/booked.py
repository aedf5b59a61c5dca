"""A booking there is: whoever made it sees it, moves it and cancels it. Opening a page changes nothing; sending a form
does."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.domain.links import LinkGone, find_link, gone, key_in
from accounts.exceptions import DomainError
from accounts.visitors import language_of as page_language, public_page
from onboarding.domain import moving
from onboarding.domain.letters import PURPOSE, language_of, path_of, zone_of as seat_zone
from onboarding.domain.wording import about, name_of, when
from onboarding.enums import SeatStatus, SessionStatus
from onboarding.models import Seat, Session
from onboarding.views import picking

METHODS = ["GET", "HEAD", "POST"]
HOME = "home"  # the cookie of whose personal link led to a booking, on that booking's pages


def of_seat(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """`view(request, seat)` at a booking's own address: in the language and zone of whose it is."""

    def page(request: HttpRequest, token: str) -> HttpResponse:
        seat = _seat(token)
        chosen = page_language(request) if request.GET.get("lang") or request.COOKIES.get("visitor_language") else ""
        with translation.override(chosen or language_of(seat)), timezone.override(seat_zone(seat, seat.session)):
            response = view(request, seat)
            response.headers.setdefault("Content-Language", translation.get_language())
            return response

    return public_page(page)


def _seat(token: str) -> Seat:
    key = key_in(token, PURPOSE)
    seats = Seat.objects.select_related(
        "session__session_type", "session__host", "session__account", "contact__account__csm"
    )
    seat = seats.filter(key=key).first() if key else None
    if seat is None:
        raise gone(404)
    return seat


def facts(seat: Seat, **more: Any) -> dict[str, Any]:
    session = seat.session
    canceled = seat.status == SeatStatus.CANCELED or session.status == SessionStatus.CANCELED
    return {
        "seat": seat, "session": session, "kind": session.session_type, "what": name_of(session.session_type),
        "about": about(session.session_type), "canceled": canceled, "url": path_of(seat),
        "over": session.starts_at <= timezone.now(),
        "again": is_open_to(seat), "csm": seat.contact.account.csm if seat.contact else None,
        "when": when(session, ZoneInfo(timezone.get_current_timezone_name())),
    } | more  # fmt: skip


def is_open_to(seat: Seat) -> bool:
    """Whether they could book it once more: their link says who they are."""
    kind = seat.session.session_type
    known = seat.contact is not None and seat.contact.left_on is None
    return kind.active and (kind.public or known)


def status_of(request: HttpRequest) -> int:
    return 422 if request.method == "POST" else 200


@of_seat
@require_http_methods(["GET", "HEAD"])
def show(request: HttpRequest, seat: Seat) -> HttpResponse:
    return render(request, "onboarding/booking/show.html", facts(seat, home=_home(request, seat)))


def _home(request: HttpRequest, seat: Seat) -> str:
    """The checklist of whoever booked it, if their personal link brought them here and still works."""
    if not (seat.contact_id and (token := request.COOKIES.get(HOME))):
        return ""
    try:
        link = find_link(token, "portal")
    except LinkGone:
        return ""
    return reverse("checklist", args=[token]) if link.contact_id == seat.contact_id else ""


@of_seat
@require_http_methods(METHODS)
def move(request: HttpRequest, seat: Seat) -> HttpResponse:
    session, status, refusal = seat.session, 200, ""
    zone, problem = picking.zone_of(request.POST or request.GET, timezone.get_current_timezone_name())
    start = picking.start_of(request.POST.get("start", "")) if request.method == "POST" else None
    if problem:
        status = status_of(request)
    elif start is not None:
        try:
            return _moved(request, seat, start, zone)
        except DomainError as error:
            status, refusal = error.status, str(error)
    elif request.method == "POST" and "from" not in request.POST:  # which only turns the pages
        status, refusal = 422, _("Please choose a time.")
    account = seat.contact.account if seat.contact else session.account
    context = facts(seat, refusal=refusal, tz_problem=problem, here=request.path)
    context |= picking.calendar(request, session.session_type, zone, account=account, without=session)
    return render(request, "onboarding/booking/move.html", context, status=status)


def _moved(request: HttpRequest, seat: Seat, start: datetime, zone: ZoneInfo) -> HttpResponse:
    """One tap chooses, another one moves it; the time it has already needs no second one."""
    session = seat.session
    if "confirm" in request.POST or start == session.starts_at:
        return redirect(path_of(moving.move(seat, start)))
    moving.check_move(seat, start)
    chosen = Session(starts_at=start, ends_at=start + timedelta(minutes=session.session_type.minutes))
    context = {
        "when": when(session, zone), "chosen": when(chosen, zone), "start_text": request.POST["start"],
        "start_day": start.astimezone(zone).date().isoformat(), "zone": str(zone), "here": request.path,
    }  # fmt: skip
    return render(request, "onboarding/booking/move_sure.html", facts(seat, **context))


@of_seat
@require_http_methods(METHODS)
def cancel(request: HttpRequest, seat: Seat) -> HttpResponse:
    status, refusal = 200, ""
    if request.method == "POST":
        try:
            moving.cancel(seat, reason=request.POST.get("reason", ""))
            return redirect(path_of(seat))
        except DomainError as error:
            status, refusal = error.status, str(error)
    return render(request, "onboarding/booking/cancel.html", facts(seat, refusal=refusal), status=status)
