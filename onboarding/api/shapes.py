"""Booking over the API: what goes in and out, and what can be asked for."""

from typing import Any

from django.db.models import Q
from rest_framework import serializers

from accounts.api.fields import Day, Moment, Strict, Text, TimeZone
from accounts.api.filters import Asked, several
from accounts.api.serializers import optional
from onboarding.domain.letters import address_of
from onboarding.domain.questions import LONGEST
from onboarding.domain.wording import about, name_of
from onboarding.enums import SeatStatus, SessionStatus

SLUG: dict[str, Any] = {"max_length": 60}


class SessionTypeOut(serializers.Serializer):
    slug = serializers.CharField()
    name = serializers.SerializerMethodField()
    about = serializers.SerializerMethodField()
    minutes = serializers.IntegerField()
    seats = serializers.IntegerField(help_text="1: one-to-one. More: a group.")
    notice = serializers.IntegerField(help_text="Minutes.")
    horizon_days = serializers.IntegerField()
    public = serializers.BooleanField()
    questions = serializers.ListField(
        child=serializers.DictField(), help_text="By language; answers go by their `key`."
    )

    def get_name(self, kind: Any) -> str:
        return name_of(kind)

    def get_about(self, kind: Any) -> str:
        return about(kind)


# Free times ---------------------------------------------------------------------------------------


class SlotsAsked(serializers.Serializer):
    tz = TimeZone(required=False, help_text="Whose days `from` and `to` are; UTC, if it is not said.")
    account = Text(required=False, max_length=200, help_text="The external id of an account: its own CSM hosts.")

    def get_fields(self) -> dict[str, Any]:
        """`from` is no name Python has."""
        days = {
            "from": Day(required=False, help_text="The first day; today, if it is not said."),
            "to": Day(required=False, help_text="Up to and with this day; a week, if it is not said, at most 62 days."),
        }
        return {**days, **super().get_fields()}


class SlotOut(serializers.Serializer):
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    local = serializers.CharField(help_text="As the clock of `tz` shows it, with its offset.")
    seats_left = serializers.IntegerField()


class SlotsOut(serializers.Serializer):
    session_type = serializers.CharField()
    time_zone = serializers.CharField()
    minutes = serializers.IntegerField()
    slots = SlotOut(many=True)


class SlotGoneOut(serializers.Serializer):
    """409: somebody was faster, or it was never to be had (then with `slots`); or their answers lead elsewhere, they
    have booked enough, or the Idempotency-Key came before."""

    detail = serializers.CharField()
    code = serializers.CharField()
    slots = SlotOut(
        many=True, required=False, help_text="Code slot_gone: what is free now, around the time that was asked for."
    )


# Bookings -----------------------------------------------------------------------------------------


class BookingIn(Strict):
    session_type = Text(**SLUG)
    start = Moment(help_text="One of the starts that are offered.")
    name = optional(Text, max_length=160, help_text="Known already, where the address is that of a contact.")
    email = Text(max_length=254)
    account = optional(Text, max_length=200, help_text="The external id of an account; none is a prospect.")
    time_zone = optional(TimeZone)
    language = optional(Text, max_length=8, allow_blank=True)
    answers = optional(
        serializers.DictField,
        child=Text(max_length=LONGEST, allow_blank=True),
        help_text="By the key of the question.",
    )


class BookingMove(Strict):
    start = Moment(help_text="One of the starts that are offered.")


class BookingOut(serializers.Serializer):
    """One person's booking: in a group, each has their own."""

    id = serializers.IntegerField()
    session = serializers.IntegerField(source="session_id", help_text="The same for all of a group.")
    session_type = serializers.CharField(source="session.session_type.slug")
    start = serializers.DateTimeField(source="session.starts_at")
    end = serializers.DateTimeField(source="session.ends_at")
    host = serializers.CharField(source="session.host.email")
    where = serializers.CharField(source="session.where", allow_blank=True)
    account = serializers.SerializerMethodField()
    name = serializers.CharField()
    email = serializers.CharField()
    time_zone = serializers.CharField(allow_blank=True)
    language = serializers.CharField(allow_blank=True)
    answers = serializers.DictField()
    status = serializers.ChoiceField(choices=SeatStatus.choices)
    session_status = serializers.ChoiceField(source="session.status", choices=SessionStatus.choices)
    booked_at = serializers.DateTimeField()
    canceled_at = serializers.DateTimeField(allow_null=True)
    url = serializers.SerializerMethodField(help_text="Where the person sees, moves and cancels it. Keep it to them.")

    def get_account(self, seat: Any) -> str | None:
        account = seat.contact.account if seat.contact else seat.session.account
        return account.external_id if account else None

    def get_url(self, seat: Any) -> str:
        return address_of(seat)


class BookingsAsked(Asked):
    session_type = Text(required=False, **SLUG)
    status = several(SeatStatus.choices)
    account = Text(required=False, max_length=200, help_text="The external id of an account.")
    host = Text(required=False, max_length=254, help_text="The host's e-mail address.")
    email = Text(required=False, max_length=254, help_text="Of who has booked.")

    def get_fields(self) -> dict[str, Any]:
        days = {
            "from": Moment(required=False, help_text="Sessions that begin at this time or later."),
            "to": Moment(required=False, help_text="… and before this one."),
        }
        return {**super().get_fields(), **days}


BOOKINGS_BY = {
    "session_type": "session__session_type__slug",
    "status": "status__in",
    "host": "session__host__email__iexact",
    "email": "email__iexact",
    "from": "session__starts_at__gte",
    "to": "session__starts_at__lt",
}


def bookings_where(asked: dict[str, Any]) -> Q:
    where = Q(**{BOOKINGS_BY[name]: value for name, value in asked.items() if name in BOOKINGS_BY})
    if "account" in asked:
        account = asked["account"]
        where &= Q(contact__account__external_id=account) | Q(session__account__external_id=account)
    return where
