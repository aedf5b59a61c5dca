"""What became of mails out there: told by the sending service, or by a script that reads the bounces' mailbox."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.batch import MOST, listed
from accounts.api.fields import Rejected, Strict, Text
from accounts.api.views import View
from accounts.domain.mails.bounces import EVENTS, record_event

UNKNOWN = _("No mail of ours is that.")


class MailEvent(Strict):
    event = serializers.ChoiceField(choices=[(event, event) for event in EVENTS])
    message_id = Text(required=False, max_length=255, help_text="The Message-ID, or the id of the sending service.")
    address = Text(required=False, max_length=254, help_text="Without an id: the last mail to this address.")
    reason = Text(required=False, allow_blank=True, max_length=2000)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not (attrs.get("message_id") or attrs.get("address")):
            raise ValidationError({"message_id": [_("Give the message's id, or the address.")]})
        return attrs


class MailEventsIn(serializers.Serializer):
    events = serializers.ListField(child=MailEvent(), max_length=MOST)


class MailEventsOut(serializers.Serializer):
    accepted = serializers.IntegerField()
    duplicates = serializers.IntegerField(help_text="Known before.")
    rejected = Rejected(many=True)


class MailEvents(View):
    scopes = {"POST": "ingest"}

    @extend_schema(
        summary="Tell what became of mails",
        description="Bounced ones are marked; who complained or unsubscribed is asked nothing more. What is not ours "
        "comes back by its place in the list.",
        request=MailEventsIn,
        responses=MailEventsOut,
    )
    def post(self, request: Request) -> Response:
        return Response(_recorded(listed(request.data, "events", _("A list of events is needed."))))


def _recorded(events: list[Any]) -> dict[str, Any]:
    """Each by itself: what one is about says nothing of the next."""
    told: dict[str, Any] = {"accepted": 0, "duplicates": 0, "rejected": []}
    for index, event in enumerate(events):
        shape = MailEvent(data=event)
        errors = None if shape.is_valid() else shape.errors
        result = record_event(**shape.validated_data) if errors is None else ""
        if result == "unknown":
            errors = {"address" if not event.get("message_id") else "message_id": [UNKNOWN]}
        if errors:
            told["rejected"].append({"index": index, "errors": errors})
        else:
            told["accepted" if result == "new" else "duplicates"] += 1
    return told
