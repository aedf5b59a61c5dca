"""Renewals over the API: what goes in and out, and what the list can be asked for."""

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Q
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api.fields import Amount, Day, Strict, Text, Whole
from accounts.api.filters import Asked, chosen, several
from accounts.api.serializers import optional
from accounts.domain.mrr import displayed
from accounts.domain.renewals.listing import DISPUTED
from accounts.enums import Band, ChurnReason, RenewalStage

SOURCES = ("decided", "call", "band")
CENTS = extend_schema_field(serializers.DecimalField(max_digits=20, decimal_places=2, allow_null=True))
CHANCE: dict[str, Any] = {"max_digits": 4, "decimal_places": 3, "allow_null": True}


class RenewalOut(serializers.Serializer):
    id = serializers.IntegerField()
    account = serializers.CharField(source="account.external_id")
    account_name = serializers.CharField(source="account.name")
    segment = serializers.CharField(source="account.segment.key", default=None, allow_null=True)
    csm = serializers.CharField(source="account.csm.email", default=None, allow_null=True)
    band = serializers.ChoiceField(choices=Band.choices)
    subscription = serializers.CharField(source="subscription.external_id")
    plan = serializers.CharField(source="subscription.plan.key", default=None, allow_null=True)
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(help_text="The first day after the term.")
    notice_days = serializers.IntegerField()
    auto_renew = serializers.BooleanField()
    decision_date = serializers.DateField(help_text="Term end less notice where it renews by itself, else term end.")
    stage = serializers.ChoiceField(choices=RenewalStage.choices)
    mrr = serializers.SerializerMethodField(help_text="At stake, in the reporting currency, to the cent.")
    mrr_currency = serializers.SerializerMethodField()
    probability = serializers.DecimalField(**CHANCE, help_text="Of 1: what the forecast reckons with.")
    probability_source = serializers.ChoiceField(source="source", choices=SOURCES)
    call_probability = serializers.DecimalField(**CHANCE)
    call_reason = serializers.CharField(allow_blank=True)
    intent_probability = serializers.DecimalField(**CHANCE, help_text="A tenth for each point of their answers.")
    settle_by = serializers.SerializerMethodField(help_text="While health, CSM and customer are far apart.")
    outcome_mrr = serializers.SerializerMethodField(help_text="Of the next term, once decided.")
    reason = serializers.ChoiceField(choices=ChurnReason.choices, allow_blank=True)
    comment = serializers.CharField(allow_blank=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    decided_by = serializers.CharField(source="decided_by.email", default=None, allow_null=True)
    lapsed_at = serializers.DateTimeField(allow_null=True)

    def __init__(self, *args: Any, only: set[str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in set(self.fields) - (only or set(self.fields)):
            del self.fields[name]

    @CENTS
    def get_mrr(self, row: Any) -> str:
        return f"{displayed(row.worth):f}"

    @extend_schema_field(serializers.CharField())
    def get_mrr_currency(self, row: Any) -> str:
        return settings.REPORTING_CURRENCY

    @CENTS
    def get_outcome_mrr(self, row: Any) -> str | None:
        return None if row.outcome_mrr is None else f"{displayed(row.outcome_mrr):f}"

    @extend_schema_field(serializers.DateField(allow_null=True))
    def get_settle_by(self, row: Any) -> str | None:
        open_ = row.disagreement_since and not row.settled_at and not row.decided_at
        return row.settle_by.isoformat() if open_ and row.settle_by else None


class RenewalRow(RenewalOut):
    sparse = True


class RenewalIn(Strict):
    stage = optional(
        serializers.ChoiceField,
        choices=RenewalStage.choices,
        help_text="A stage to move to, or an outcome: renewed, expanded, contracted, lost.",
    )
    mrr = optional(Amount, help_text="Of the next term, expanded or contracted; or give its price and seats.")
    unit_amount = optional(Amount)
    quantity = optional(Whole, min_value=1, max_value=10_000_000)
    reason = optional(serializers.ChoiceField, choices=ChurnReason.choices, help_text="Why it is lost.")
    comment = optional(Text, max_length=5000, allow_blank=True)
    probability = optional(
        Amount, most=Decimal(1), places=3, allow_null=True, help_text="The CSM's own call, of 1; null takes it back."
    )
    probability_reason = optional(Text, max_length=400)


class RenewalsAsked(Asked):
    fields = chosen(RenewalOut)(required=False, help_text="Only these, separated by commas.")  # type: ignore[assignment]
    stage = several(RenewalStage.choices)
    band = several(Band.choices)
    segment = Text(required=False, max_length=80, help_text="The key of a segment.")
    csm = Text(required=False, max_length=254, help_text="The CSM's e-mail address.")
    account = Text(required=False, max_length=200, help_text="The external id of an account.")
    ends_from = Day(required=False, help_text="Terms that end on this day or later.")
    ends_to = Day(required=False, help_text="… and before this one.")
    open = serializers.BooleanField(required=False, help_text="Still to be decided, or not.")
    disputed = serializers.BooleanField(required=False, help_text="Health, CSM and customer are far apart, or not.")

    def get_fields(self) -> dict[str, Any]:
        """`from` is no name Python has."""
        days = {
            "from": Day(required=False, help_text="Decision dates from this day."),
            "to": Day(required=False, help_text="… and before this one."),
        }
        return {**super().get_fields(), **days}


RENEWALS_BY = {
    "stage": "stage__in",
    "band": "account__band__in",
    "segment": "account__segment__key",
    "csm": "account__csm__email__iexact",
    "account": "account__external_id",
    "from": "decision_date__gte",
    "to": "decision_date__lt",
    "ends_from": "ends_on__gte",
    "ends_to": "ends_on__lt",
}


def renewals_where(asked: dict[str, Any]) -> Q:
    where = Q(**{RENEWALS_BY[name]: value for name, value in asked.items() if name in RENEWALS_BY})
    if "open" in asked:
        where &= Q(decided_at__isnull=asked["open"])
    if "disputed" in asked:
        where &= DISPUTED if asked["disputed"] else ~DISPUTED
    return where
