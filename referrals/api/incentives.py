"""Incentives over the API: what billing is to honour, and that it has."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.fields import Moment, Strict, Text
from accounts.api.filters import Asked, several
from accounts.api.schema import page_of
from accounts.api.views import View, actor_of, read
from accounts.exceptions import Conflict
from referrals.api.serializers import Minor
from referrals.api.views import account_named
from referrals.domain.honouring import mark_not_used, mark_used
from referrals.domain.naming import program_called
from referrals.enums import IncentiveKind, IncentiveStatus, Side
from referrals.models import Incentive

KINDS = [choice for choice in IncentiveKind.choices if choice[0] != IncentiveKind.NONE]
VERBS = {IncentiveStatus.USED: mark_used, IncentiveStatus.GRANTED: mark_not_used}
HELD = "Better not honoured yet: its referral is under review, or has not finished onboarding and paid."


class IncentivesAsked(Asked):
    status = several(IncentiveStatus.choices)
    kind = several(KINDS)
    side = serializers.ChoiceField(choices=Side.choices, required=False)
    program = Text(required=False, max_length=60, help_text="Of this one alone, by its key.")
    account = Text(required=False, max_length=200, help_text="The external id of the account that gets it.")
    granted_from = Moment(required=False)
    granted_before = Moment(required=False)


class IncentiveOut(serializers.Serializer):
    id = serializers.IntegerField()
    status = serializers.ChoiceField(choices=IncentiveStatus.choices)
    side = serializers.ChoiceField(choices=Side.choices, help_text="Whether it is for who refers, or who is referred.")
    account = serializers.CharField(
        source="account.external_id", default=None, allow_null=True, help_text="Whose invoices it is for, if we know."
    )
    kind = serializers.ChoiceField(choices=KINDS)
    amount = Minor(help_text="Of a credit, or money; else 0.")
    currency = serializers.CharField()
    percent = serializers.DecimalField(max_digits=7, decimal_places=4, help_text="Off each invoice; else 0.")
    months = serializers.IntegerField(help_text="For how many months, where it is per cent.")
    held = serializers.BooleanField(help_text=HELD)
    program = serializers.CharField(source="referral.program.slug")
    referral = serializers.IntegerField(source="referral_id")
    customer = serializers.CharField(source="referral.customer", help_text="Your id of who was referred.")
    partner = serializers.IntegerField(source="referral.partner_id")
    granted_at = serializers.DateTimeField()
    used_at = serializers.DateTimeField(allow_null=True)
    used_by = serializers.CharField(allow_blank=True)
    revoked_at = serializers.DateTimeField(allow_null=True)


class IncentiveIn(Strict):
    status = serializers.ChoiceField(
        choices=[(IncentiveStatus.USED.value, "Honoured"), (IncentiveStatus.GRANTED.value, "Not honoured after all")]
    )


class IncentiveList(View):
    @extend_schema(
        summary="What billing is to honour",
        operation_id="incentives_list",
        description="Credits and discounts of both sides of a referral; those still to be honoured have the status "
        "`granted`. Money for partners is not among them: it is in their ledger, and paid with the payouts.",
        parameters=[IncentivesAsked],
        responses=page_of(IncentiveOut),
    )
    def get(self, request: Request) -> Response:
        return self.page(
            Incentive.objects.by_hand().with_whose().filter(**where(IncentivesAsked.of(request))), IncentiveOut
        )


def where(asked: dict[str, Any]) -> dict[str, Any]:
    """An account or a program that is not there is a mistake, and not an empty list."""
    named = {"program": program_called, "account": account_named}
    by = {
        "status": "status__in", "kind": "kind__in", "side": "side", "program": "referral__program",
        "account": "account", "granted_from": "granted_at__gte", "granted_before": "granted_at__lt",
    }  # fmt: skip
    return {by[name]: named[name](value) if name in named else value for name, value in asked.items() if name in by}


class IncentiveDetail(View):
    @extend_schema(summary="One incentive", responses=IncentiveOut)
    def get(self, request: Request, pk: int) -> Response:
        return Response(IncentiveOut(self.row(pk)).data)

    @extend_schema(
        summary="Billing has honoured it",
        description="`used`: it is on an invoice, and not taken back any more. Sent again, it stays as it was. "
        "`granted`: it was not honoured after all. 409 for one that was taken back, or is paid with the payouts.",
        request=IncentiveIn,
        responses=IncentiveOut,
    )
    def patch(self, request: Request, pk: int) -> Response:
        row, status = self.row(pk), read(IncentiveIn, request)["status"]
        marked = VERBS[IncentiveStatus(status)]([row.pk], by=actor_of(request))
        if marked.refused:
            raise Conflict(marked.refused[0])
        return Response(IncentiveOut(self.row(pk)).data)

    def row(self, pk: int) -> Incentive:
        if (row := Incentive.objects.with_whose().filter(pk=pk).first()) is None:
            raise Http404
        return row
