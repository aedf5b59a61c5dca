"""Customers book a session. Opening a page changes nothing; sending a form does. Afterwards they come to booked.py."""

import secrets
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.domain.links import gone
from accounts.exceptions import Conflict, DomainError
from accounts.models import Account, Contact, ContactLink
from accounts.views.portal.frame import token_of
from accounts.visitors import public_page, visitor
from onboarding.domain import booking, repeats
from onboarding.domain.letters import path_of
from onboarding.domain.questions import questions_of, route_of
from onboarding.domain.routing import keep_routed
from onboarding.domain.wording import When, about, name_of, when
from onboarding.enums import HostRule
from onboarding.forms.booking import QuestionsForm, VisitorForm
from onboarding.models import Seat, Session, SessionType
from onboarding.views import picking
from onboarding.views.booked import HOME, METHODS, facts, is_open_to, of_seat, status_of
from onboarding.views.crowding import booked_too_often, count_booking, known_address, too_often_page

LONGEST = 254  # of a name, an address


# In a page of another site no cookie of ours comes along, and none is needed: whoever posts here has no more rights
# than anybody has.
@csrf_exempt
@xframe_options_exempt  # the policy below names who may embed it: nobody, unless the session type does
@public_page
@require_http_methods(METHODS)
def book(request: HttpRequest, slug: str) -> HttpResponse:
    """Anybody's: with the questions that qualify."""
    kind = _offered(slug, public=True)
    response = _book(request, kind, contact=None, guarded=False)
    if kind.embed_hosts:
        response._csp_replace = {"frame-ancestors": kind.embed_hosts}  # type: ignore[attr-defined]
    return response


@visitor("portal")
@require_http_methods(METHODS)
def book_as_contact(request: HttpRequest, link: ContactLink, slug: str) -> HttpResponse:
    """By personal link: who comes is known, and the account's own CSM hosts. From the booking's page they find back:
    in this browser alone, for a booking's link may be passed on, and opens nothing but the booking."""
    response = _book(request, _offered(slug), contact=link.contact)
    if isinstance(response, HttpResponseRedirect):
        secure = settings.SESSION_COOKIE_SECURE
        response.set_cookie(HOME, token_of(request), path=response.url, secure=secure, httponly=True, samesite="Lax")
    return response


@of_seat
@require_http_methods(METHODS)
def again(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Another time for what was canceled, as whoever booked it."""
    if not is_open_to(seat):
        raise gone(404)
    return _book(request, seat.session.session_type, contact=seat.contact)


# Every visitor asks for it: written out, it costs a third of what Django takes to put it together.
OFFERED = "select * from onboarding_sessiontype where slug = %s and active"


def _offered(slug: str, *, public: bool = False) -> SessionType:
    kind = next(iter(SessionType.objects.raw(OFFERED, [slug])), None)
    if kind is None or (public and not kind.public):
        raise gone(404)
    return kind


def _book(request: HttpRequest, kind: SessionType, *, contact: Contact | None, guarded: bool = True) -> HttpResponse:
    """`guarded`: what is sent has to come with the token of a cookie."""
    account = contact.account if contact else None
    zone, problem = picking.zone_of(request.POST or request.GET, timezone.get_current_timezone_name())
    context: dict[str, Any] = {
        "kind": kind, "what": name_of(kind), "about": about(kind), "contact": contact,
        "tz_problem": problem, "key": _key(request), "here": request.path,
        "with_whom": own_csm(kind, account), "csm": account.csm if account else None,
        "again": "again" in request.POST or "again" in request.GET,
        "asked_zone": "" if problem else (request.POST or request.GET).get("tz", ""),
        "guess_zone": not contact and request.method == "GET" and "tz" not in request.GET, "guarded": guarded,
    }  # fmt: skip
    if before := _before(request, kind, context):
        status = 409 if request.method == "POST" else 200
        return render(request, "onboarding/booking/again.html", context | {"before": before}, status=status)
    asked = questions_of(kind)
    form = QuestionsForm(request.POST or None, questions=asked)
    context["questions"] = form
    if asked and not (request.method == "POST" and form.is_valid()):
        return render(request, "onboarding/booking/questions.html", context, status=status_of(request))
    answers = form.cleaned_data.get("answers", {}) if form.is_bound and form.is_valid() else {}
    if route := route_of(asked, answers):
        keep_routed(kind, route, asked, answers, contact=contact, visit=context["key"])
        return _routed(request, route, context)
    context |= {"answers": answers, "start_text": request.POST.get("start", "")}
    start = picking.start_of(context["start_text"])
    if context["start_text"] and start is None:
        context["refusal"] = _("Please choose a time.")
    if start is None or problem:
        status = 422 if problem or context["start_text"] else 200
        return _pick(request, kind, zone, account, context, status=status if request.method == "POST" else 200)
    return _with_start(request, kind, zone, start, contact, context)


def _before(request: HttpRequest, kind: SessionType, context: dict[str, Any]) -> list[tuple[When, str]]:
    """What a contact has ahead of this kind: nobody books a second one by oversight. The same one sent twice is no
    second one."""
    if not context["contact"] or context["again"]:
        return []
    zone = ZoneInfo(timezone.get_current_timezone_name())
    start = picking.start_of(request.POST.get("start", ""))
    coming = repeats.coming_of(kind, context["contact"])
    if any(seat.session.starts_at == start for seat in coming):
        return []
    return [(when(seat.session, zone), path_of(seat)) for seat in coming]


def _with_start(  # noqa: PLR0917 - what a booking is made of
    request: HttpRequest,
    kind: SessionType,
    zone: ZoneInfo,
    start: Any,
    contact: Contact | None,
    context: dict[str, Any],
) -> HttpResponse:
    """A time was picked: it is held while the form is open; sent, it is booked."""
    account = contact.account if contact else None
    sent = "confirm" in request.POST
    form = VisitorForm(request.POST if sent else None, initial=_typed(request))
    ends = start + timedelta(minutes=kind.minutes)
    context |= {"form": form, "zone": str(zone), "when": when(Session(starts_at=start, ends_at=ends), zone)}
    context["start_day"] = start.astimezone(zone).date().isoformat()
    try:
        if not sent:
            whose = repeats.holder(contact, known_address(request))
            booking.hold(kind, start, context["key"], account=account, held_for=whose)
        elif contact or form.is_valid():
            if not contact and (wait := booked_too_often(request)):
                return too_often_page(request, wait)
            who = _who(contact, form, zone, context["answers"])
            seat = booking.book(kind, start, who, account=account, hold_key=context["key"])
            if not contact:
                count_booking(request)
            return _booked(request, kind, seat, zone)
    except DomainError as error:
        context["refusal"] = str(error)
        if isinstance(error, Conflict) or not sent:  # the time is not theirs, or not kept for them
            return _pick(request, kind, zone, account, context, status=error.status)
        return render(request, "onboarding/booking/form.html", context, status=error.status)
    status = 422 if sent else 200
    return render(request, "onboarding/booking/form.html", context, status=status)


def _booked(request: HttpRequest, kind: SessionType, seat: Seat, zone: ZoneInfo) -> HttpResponse:
    """On to the booking's own page, which no other site may show: in a frame of one, it is told right here."""
    if not kind.embed_hosts or seat.contact:
        return redirect(path_of(seat))
    with timezone.override(zone):
        return render(request, "onboarding/booking/show.html", facts(seat, embedded=True))


def own_csm(kind: SessionType, account: Account | None) -> str:
    """Who it will be, where that is known before a time is chosen."""
    return str(account.csm) if account and account.csm and kind.host_rule == HostRule.CSM else ""


def _who(contact: Contact | None, form: VisitorForm, zone: ZoneInfo, answers: dict[str, str]) -> booking.Visitor:
    if contact:
        return booking.Visitor.of(contact, time_zone=str(zone), answers=answers)
    language = translation.get_language() or ""
    given = form.cleaned_data
    return booking.Visitor(given["name"], given["email"], None, language, str(zone), answers)


def _pick(  # noqa: PLR0917 - one caller for each
    request: HttpRequest,
    kind: SessionType,
    zone: ZoneInfo,
    account: Account | None,
    context: dict[str, Any],
    status: int = 200,
) -> HttpResponse:
    context |= picking.calendar(request, kind, zone, account=account)
    # What was typed stays with them while they choose another time; what no field would take, does not.
    context["typed"] = {name: value for name, value in _typed(request).items() if value}
    return render(request, "onboarding/booking/pick.html", context, status=status)


def _typed(request: HttpRequest) -> dict[str, str]:
    return {name: request.POST.get(name, "")[:LONGEST] for name in ("name", "email")}


def _routed(request: HttpRequest, route: Any, context: dict[str, Any]) -> HttpResponse:
    other = SessionType.objects.filter(slug=route.session_type, public=True, active=True).first()
    context |= {"route": route, "other": other, "other_name": name_of(other) if other else ""}
    if other and request.resolver_match and request.resolver_match.url_name == "book-as-contact":
        # They stay who they are.
        context["other_url"] = reverse("book-as-contact", args=[token_of(request), other.slug])
    elif other:
        context["other_url"] = reverse("book", args=[other.slug])
    return render(request, "onboarding/booking/routed.html", context)


def _key(request: HttpRequest) -> str:
    """The visitor's own for this booking: their hold is theirs."""
    given = request.POST.get("key", "")
    return given if 16 <= len(given) <= 64 and given.isascii() and given.isprintable() else secrets.token_urlsafe(24)
