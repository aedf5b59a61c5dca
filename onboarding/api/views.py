"""Free times and bookings for programs: the verbs are those of the pages."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import set_rollback

from accounts.api.schema import page_of
from accounts.api.views import View, account_or_404, actor_of, read
from accounts.domain.account_values import refuse
from accounts.domain.activity import Who
from accounts.exceptions import DomainError
from accounts.models import Account
from onboarding.api import shapes
from onboarding.domain import booking, moving
from onboarding.domain.booking import SlotGone, Visitor
from onboarding.domain.clocks import FIRST_YEAR, LAST_YEAR
from onboarding.domain.offers import Offer, offers
from onboarding.domain.questions import Route, clean_answers, questions_of, route_of
from onboarding.domain.routing import keep_routed
from onboarding.models import Seat, SessionType

LONGEST, USUAL = 62, 7  # days
AROUND = timedelta(days=7)  # of fresh slots
FRESH = 50
GONE = OpenApiResponse(shapes.SlotGoneOut, "The time is not free (any more): `slots` says what is.")


def type_or_404(slug: str) -> SessionType:
    kind = SessionType.objects.filter(slug=slug, active=True).first() if slug.isprintable() else None
    if kind is None:
        sentence = _("There is no session type %(slug)s that is offered.") % {"slug": slug[:60]}
        raise DomainError(sentence, code="not_found", status=404)
    return kind


class SessionTypeList(View):
    @extend_schema(
        summary="What can be booked",
        operation_id="session_types_list",
        parameters=[shapes.Asked],
        responses=page_of(shapes.SessionTypeOut),
    )
    def get(self, request: Request) -> Response:
        shapes.Asked.of(request)
        return self.page(SessionType.objects.filter(active=True), shapes.SessionTypeOut)


class SlotList(View):
    @extend_schema(
        summary="Free times",
        description="What can be booked at the moment; whoever books first has it.",
        parameters=[shapes.SlotsAsked],
        responses=shapes.SlotsOut,
    )
    def get(self, request: Request, slug: str) -> Response:
        kind = type_or_404(slug)
        asked = asked_of(request)
        zone = ZoneInfo(asked.get("tz", "UTC"))
        account = account_or_404(asked["account"]) if "account" in asked else None
        first, last = days_of(asked, zone)
        found = offers(kind, first, last, zone, account=account)
        return Response(
            {
                "session_type": kind.slug,
                "time_zone": str(zone),
                "minutes": kind.minutes,
                "slots": shown(kind, found, zone),
            }
        )


def asked_of(request: Request) -> dict[str, Any]:
    given: Any = request.query_params
    known = shapes.SlotsAsked().fields
    if unknown := sorted(set(given) - set(known)):
        raise refuse(unknown[0], _("There is no such parameter."))
    asked = shapes.SlotsAsked(data={name: given[name] for name in known if name in given})
    asked.is_valid(raise_exception=True)
    return dict(asked.validated_data)


def days_of(asked: dict[str, Any], zone: ZoneInfo) -> tuple[date, date]:
    first = asked.get("from") or timezone.now().astimezone(zone).date()
    if not FIRST_YEAR <= first.year < LAST_YEAR:
        raise refuse("from", _("Choose days of these years."))
    last = asked.get("to") or first + timedelta(days=USUAL - 1)
    if last < first:
        raise refuse("to", _("This is before the first day."))
    if (last - first).days >= LONGEST:
        raise refuse("to", _("At most %(most)s days at once.") % {"most": LONGEST})
    return first, last


def shown(kind: SessionType, found: Iterable[Offer], zone: ZoneInfo) -> list[dict[str, Any]]:
    length = timedelta(minutes=kind.minutes)
    slots = [
        {
            "start": offer.start,
            "end": offer.start + length,
            "local": offer.start.astimezone(zone).isoformat(timespec="minutes"),
            "seats_left": offer.seats_left,
        }
        for offer in found
    ]
    return list(shapes.SlotOut(slots, many=True).data)


# Bookings -----------------------------------------------------------------------------------------


def seats() -> Any:
    return Seat.objects.select_related("session__session_type", "session__host", "session__account", "contact__account")


class BookingList(View):
    scopes = {"POST": "write"}

    @extend_schema(
        summary="Bookings",
        operation_id="sessions_list",
        description="One for each person: in a group each has their own.",
        parameters=[shapes.BookingsAsked],
        responses=page_of(shapes.BookingOut),
    )
    def get(self, request: Request) -> Response:
        asked = shapes.BookingsAsked.of(request)
        return self.page(seats().filter(shapes.bookings_where(asked)), shapes.BookingOut)

    @extend_schema(
        summary="Book",
        description="The person gets the mail with the invitation. Sent twice by the same person, it is one booking. "
        "One address books so many of a kind ahead, and no more (409, `booked_enough`).",
        request=shapes.BookingIn,
        responses={201: shapes.BookingOut, 409: GONE},
    )
    def post(self, request: Request) -> Response:
        given = read(shapes.BookingIn, request)
        kind = type_or_404(given["session_type"])
        account = account_or_404(given["account"]) if "account" in given else None
        zone, start = ZoneInfo(given.get("time_zone", "UTC")), _start(given["start"])
        visitor = visitor_of(kind, account, given)
        if route := route_of(questions_of(kind), visitor.answers):
            return routed(kind, route, visitor, by=actor_of(request))
        try:
            seat = booking.book(kind, start, visitor, by=actor_of(request), account=account)
        except SlotGone as refusal:
            return fresh(refusal, kind, start, zone, account)
        return Response(shapes.BookingOut(seats().get(pk=seat.pk)).data, status=201)


def _start(given: datetime) -> datetime:
    if not FIRST_YEAR <= given.year <= LAST_YEAR:
        raise refuse("start", _("Choose a time of these years."))
    return given


def visitor_of(kind: SessionType, account: Account | None, given: dict[str, Any]) -> Visitor:
    """A contact of the account, where the address is one of theirs; else somebody new."""
    answers = answers_of(questions_of(kind), given.get("answers", {}))
    contact = account.contacts.filter(email__iexact=given["email"]).first() if account else None
    name = given.get("name") or (str(contact) if contact else "")
    zone = given.get("time_zone") or (str(contact.time_zone or "") if contact else "")
    language = given.get("language") or (contact.language if contact else "")
    return Visitor(
        name, given["email"], contact, language, zone or (str(account.time_zone) if account else ""), answers
    )


def routed(kind: SessionType, route: Route, visitor: Visitor, *, by: Who) -> Response:
    """No time for these answers; that they were led elsewhere is kept."""
    keep_routed(kind, route, questions_of(kind), visitor.answers, contact=visitor.contact, by=by)
    sentence = _("With these answers no time is offered: %(text)s") % {"text": route.text or route.target}
    return Response({"detail": sentence, "code": "routed"}, status=409)


def answers_of(asked: list[Any], given: dict[str, str]) -> dict[str, str]:
    if unknown := sorted(set(given) - {question.key for question in asked}):
        raise refuse("answers", _("There is no question %(key)s.") % {"key": unknown[0][:60]})
    try:
        return clean_answers(asked, given)
    except DomainError as error:
        told = [f"{key}: {sentence}" for key, sentences in error.errors.items() for sentence in sentences]
        raise DomainError(str(error), code="invalid", errors={"answers": told}) from None


def fresh(refusal: SlotGone, kind: SessionType, start: datetime, zone: ZoneInfo, account: Account | None) -> Response:
    """What is free now, from the day that was asked for."""
    set_rollback()
    today = timezone.now().astimezone(zone).date()
    first = max(start.astimezone(zone).date(), today)
    found = offers(kind, first, first + AROUND, zone, account=account) or offers(
        kind, today, today + timedelta(days=kind.horizon_days), zone, account=account
    )
    body = {"detail": str(refusal), "code": refusal.code, "slots": shown(kind, found[:FRESH], zone)}
    return Response(body, status=refusal.status)


class BookingDetail(View):
    scopes = {"PATCH": "write", "DELETE": "write"}

    @extend_schema(summary="One booking", responses=shapes.BookingOut)
    def get(self, request: Request, pk: int) -> Response:
        return Response(shapes.BookingOut(self.row(pk)).data)

    @extend_schema(
        summary="Move a booking",
        description="It keeps its address and its entry in calendars. The person gets a mail.",
        request=shapes.BookingMove,
        responses={200: shapes.BookingOut, 409: GONE},
    )
    def patch(self, request: Request, pk: int) -> Response:
        seat, start = self.row(pk), _start(read(shapes.BookingMove, request)["start"])
        account = seat.contact.account if seat.contact else seat.session.account
        try:
            moved = moving.move(seat, start, by=actor_of(request))
        except SlotGone as refusal:
            return fresh(refusal, seat.session.session_type, start, ZoneInfo(seat.time_zone or "UTC"), account)
        return Response(shapes.BookingOut(self.row(moved.pk)).data)

    @extend_schema(
        summary="Cancel a booking",
        description="The person gets a mail. Said twice, it is said once.",
        request=None,
        responses=shapes.BookingOut,
    )
    def delete(self, request: Request, pk: int) -> Response:
        moving.cancel(self.row(pk), by=actor_of(request))
        return Response(shapes.BookingOut(self.row(pk)).data)

    def row(self, pk: int) -> Seat:
        if (seat := seats().filter(pk=pk).first()) is None:
            raise Http404
        return seat
