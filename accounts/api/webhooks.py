"""Webhooks over the API: shapes, and what a program with the scope `admin` may do with them."""

from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.fields import Strict, Text, Truth
from accounts.api.filters import Asked, several
from accounts.api.paging import CursorPages
from accounts.api.schema import page_of
from accounts.api.serializers import optional
from accounts.api.views import View, read
from accounts.domain import webhooks
from accounts.domain.account_values import refuse
from accounts.domain.outgoing import LONGEST
from accounts.enums import WebhookStatus
from accounts.models import Webhook, WebhookDelivery
from accounts.registry import activity_kinds

MOST_EVENTS = 500


class WebhookIn(Strict):
    url = Text(max_length=LONGEST, help_text="https://… outside of private networks.")
    events = serializers.ListField(
        child=Text(max_length=60),
        max_length=MOST_EVENTS,
        help_text="Kinds of activities, as `GET /webhook-events` lists them.",
    )
    name = optional(Text, max_length=80, allow_blank=True, help_text="The host's, where there is none.")
    active = optional(Truth)


class WebhookChange(WebhookIn):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.required = False


class WebhookOut(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    url = serializers.CharField()
    events = serializers.ListField(child=serializers.CharField())
    active = serializers.BooleanField()
    gone_at = serializers.DateTimeField(allow_null=True, help_text="It answered 410, and was switched off.")
    created_at = serializers.DateTimeField()
    delivered_at = serializers.DateTimeField(allow_null=True, help_text="When something last arrived.")
    failures = serializers.IntegerField(help_text="In a row.")
    failing_since = serializers.DateTimeField(allow_null=True)


class WebhookMade(WebhookOut):
    secret = serializers.CharField(allow_null=True, help_text="Shown this once; a replay has null.")


class SecretOut(serializers.Serializer):
    secret = serializers.CharField(allow_null=True, help_text="Shown this once; a replay has null.")
    old_secret_until = serializers.DateTimeField(help_text="Until then both secrets sign.")


class DeliveryOut(serializers.Serializer):
    id = serializers.IntegerField()
    message_id = serializers.SerializerMethodField(help_text="As sent in webhook-id.")
    event = serializers.CharField()
    account = serializers.CharField(source="activity.account.external_id", default=None, allow_null=True)
    status = serializers.ChoiceField(choices=WebhookStatus.choices)
    attempts = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    tried_at = serializers.DateTimeField(allow_null=True)
    next_attempt_at = serializers.DateTimeField(allow_null=True)
    status_code = serializers.IntegerField(source="code", allow_null=True)
    milliseconds = serializers.IntegerField(source="took", allow_null=True)
    problem = serializers.CharField(allow_blank=True, help_text="Why there was no answer.")
    response = serializers.CharField(allow_blank=True, help_text="Its beginning.")

    def get_message_id(self, row: WebhookDelivery) -> str:
        return f"msg_{row.message.hex}"


class DeliveriesAsked(Asked):
    status = several(WebhookStatus.choices)


class EventOut(serializers.Serializer):
    event = serializers.CharField()
    label = serializers.CharField()


class EventsOut(serializers.Serializer):
    events = EventOut(many=True)


class NewestFirst(CursorPages):
    ordering = "-id"


class Webhooks(View):
    """Who reads them sees addresses that may be secret: all of it asks for `admin`."""

    scopes = dict.fromkeys(("GET", "HEAD", "OPTIONS", "POST", "PATCH", "DELETE"), "admin")

    def row(self, pk: int) -> Webhook:
        if (row := Webhook.objects.filter(pk=pk).first()) is None:
            raise Http404
        return row


def once(data: dict[str, Any], status: int) -> Response:
    """An answer with a secret: what is kept for a replay has none."""
    response = Response(data, status=status, headers={"Cache-Control": "no-store"})
    response.kept = {**data, "secret": None}  # type: ignore[attr-defined]  # read by idempotency.py
    return response


class WebhookList(Webhooks):
    @extend_schema(summary="Webhooks", operation_id="webhooks_list", parameters=[Asked], responses=page_of(WebhookOut))
    def get(self, request: Request) -> Response:
        Asked.of(request)
        return self.page(Webhook.objects.all(), WebhookOut)

    @extend_schema(
        summary="Add a webhook",
        description="From now on the address is told of these events, signed as Standard Webhooks have it.",
        request=WebhookIn,
        responses={201: WebhookMade},
    )
    def post(self, request: Request) -> Response:
        fields = read(WebhookIn, request)
        active = fields.pop("active", True)
        row, secret = webhooks.add(**fields)
        if not active:
            webhooks.switch_off(row)
        return once({**WebhookOut(row).data, "secret": secret}, 201)


class WebhookDetail(Webhooks):
    @extend_schema(summary="One webhook", responses=WebhookOut)
    def get(self, request: Request, pk: int) -> Response:
        return Response(WebhookOut(self.row(pk)).data)

    @extend_schema(
        summary="Change a webhook, switch it off or on",
        description="What is left out stays as it is. Switched off, what waits is canceled.",
        request=WebhookChange,
        responses=WebhookOut,
    )
    def patch(self, request: Request, pk: int) -> Response:
        row, fields = self.row(pk), read(WebhookChange, request)
        if not fields:
            raise refuse("url", _("Say what to change."))
        return Response(WebhookOut(webhooks.change(row, **fields)).data)

    @extend_schema(summary="Remove a webhook and its deliveries", responses={204: OpenApiResponse(description="Gone.")})
    def delete(self, request: Request, pk: int) -> Response:
        webhooks.remove(self.row(pk))
        return Response(status=204)


class WebhookSecret(Webhooks):
    @extend_schema(
        summary="Change a webhook's secret",
        description="For a day both sign: change it on your side in peace.",
        operation_id="webhooks_secret",
        request=None,
        responses={201: SecretOut},
    )
    def post(self, request: Request, pk: int) -> Response:
        row = self.row(pk)
        secret = webhooks.rotate(row)
        row.refresh_from_db()
        return once({"secret": secret, "old_secret_until": row.seal_before_until}, 201)


class WebhookTest(Webhooks):
    @extend_schema(
        summary="Send a test event", operation_id="webhooks_test", request=None, responses={202: DeliveryOut}
    )
    def post(self, request: Request, pk: int) -> Response:
        return Response(DeliveryOut(webhooks.send_test(self.row(pk))).data, status=202)


class Deliveries(Webhooks):
    @extend_schema(
        summary="What became of its deliveries",
        operation_id="webhooks_deliveries",
        description="The newest first.",
        parameters=[DeliveriesAsked],
        responses=page_of(DeliveryOut),
    )
    def get(self, request: Request, pk: int) -> Response:
        asked, row = DeliveriesAsked.of(request), self.row(pk)
        rows = WebhookDelivery.objects.filter(webhook=row).select_related("activity__account")
        if "status" in asked:
            rows = rows.filter(status__in=asked["status"])
        pages = NewestFirst()
        page = pages.paginate_queryset(rows, request, view=self)
        return pages.get_paginated_response(DeliveryOut(page, many=True).data)


class DeliveryAgain(Webhooks):
    @extend_schema(
        summary="Send a delivery again",
        operation_id="webhooks_send_again",
        description="Under the same id, and if need be for another day.",
        request=None,
        responses={202: DeliveryOut},
    )
    def post(self, request: Request, pk: int, delivery: int) -> Response:
        row = WebhookDelivery.objects.select_related("webhook").filter(webhook=self.row(pk), pk=delivery).first()
        if row is None:
            raise Http404
        return Response(DeliveryOut(webhooks.send_again(row)).data, status=202)


class WebhookEvents(Webhooks):
    @extend_schema(summary="What a webhook can listen to", operation_id="webhook_events_list", responses=EventsOut)
    def get(self, request: Request) -> Response:
        kinds = sorted(activity_kinds, key=lambda kind: kind.name)
        return Response({"events": [{"event": kind.name, "label": str(kind.label)} for kind in kinds]})
