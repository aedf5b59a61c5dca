"""What goes in and out over the API about readings and health."""

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from accounts.api.fields import Amount, Day, Moment, Rejected, Strict, Text, Truth
from accounts.api.serializers import RESULTS, Currency, optional
from accounts.enums import Band
from health.enums import Freshness, InvoiceStatus, Severity, TicketStatus


class TicketIn(Strict):
    subject = optional(Text, max_length=400, allow_blank=True)
    theme = optional(Text, max_length=80, allow_blank=True, help_text="What it is about, in a word: integration.")
    severity = optional(serializers.ChoiceField, choices=Severity.choices)
    strategic = optional(Truth, help_text="A question of how to get more out of it, not a basic problem.")
    status = optional(serializers.ChoiceField, choices=TicketStatus.choices)
    opened_at = optional(Moment, help_text="Now, if it is not said for a new ticket.")
    closed_at = optional(Moment, allow_null=True)


class TicketOut(serializers.Serializer):
    external_id = serializers.CharField()
    subject = serializers.CharField(allow_blank=True)
    theme = serializers.CharField(allow_blank=True)
    severity = serializers.ChoiceField(choices=Severity.choices)
    strategic = serializers.BooleanField()
    status = serializers.ChoiceField(choices=TicketStatus.choices)
    opened_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)


class TicketUpserted(TicketOut):
    result = serializers.ChoiceField(choices=RESULTS)


class InvoiceIn(Strict):
    amount = optional(Amount, places=4, help_text="A new invoice needs one.")
    currency = optional(Currency, help_text="The account's, if it is not said for a new invoice.")
    status = optional(serializers.ChoiceField, choices=InvoiceStatus.choices)
    issued_on = optional(Day, help_text="Today, or the day it is due, if it is not said for a new invoice.")
    due_on = optional(Day, help_text="A new invoice needs one.")
    paid_on = optional(Day, allow_null=True)


class InvoiceOut(serializers.Serializer):
    external_id = serializers.CharField()
    amount = serializers.DecimalField(max_digits=20, decimal_places=4)
    currency = serializers.CharField()
    status = serializers.ChoiceField(choices=InvoiceStatus.choices)
    issued_on = serializers.DateField()
    due_on = serializers.DateField()
    paid_on = serializers.DateField(allow_null=True)


class InvoiceUpserted(InvoiceOut):
    result = serializers.ChoiceField(choices=RESULTS)


# Batches. The shapes of usage are for the schema alone: what comes in is read by domain/events.py. ---------------


class UsageEventIn(serializers.Serializer):
    event_id = serializers.CharField(min_length=1, max_length=200, help_text="Counted once per account.")
    account = serializers.CharField(min_length=1, max_length=200, help_text="Its external id.")
    action = serializers.CharField(min_length=1, max_length=120)
    count = serializers.IntegerField(min_value=1, max_value=1_000_000, required=False, default=1)
    occurred_at = serializers.DateTimeField(help_text="With its zone; at most 400 days ago.")
    user = serializers.CharField(max_length=200, required=False, allow_blank=True, allow_null=True)


class UsageIn(serializers.Serializer):
    events = serializers.ListField(child=UsageEventIn(), max_length=5000)


class ReadingIn(Strict):
    account = Text(max_length=200, help_text="Its external id.")
    key = Text(max_length=59, help_text="Small letters, digits, - and _. A score model weighs it as custom:key.")
    value = Amount(most=Decimal(100), places=3)
    at = optional(Moment, help_text="Now, if it is not said.")


class ReadingsIn(serializers.Serializer):
    readings = serializers.ListField(child=ReadingIn(), max_length=1000)


class BatchOut(serializers.Serializer):
    accepted = serializers.IntegerField()
    duplicates = serializers.IntegerField()
    rejected = Rejected(many=True)


# Health -----------------------------------------------------------------------------------------------------


class Points(serializers.DecimalField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=7, decimal_places=kwargs.pop("decimal_places", 1), **kwargs)


class PartOut(serializers.Serializer):
    key = serializers.CharField()
    label = serializers.CharField()
    weight = serializers.IntegerField()
    value = Points(decimal_places=3, allow_null=True)
    contribution = Points(allow_null=True, help_text="They add up to the score, rounded to tenths.")
    reading = serializers.CharField(allow_blank=True)
    freshness = serializers.ChoiceField(choices=Freshness.choices)
    as_of = serializers.DateField(allow_null=True)


class HealthOut(serializers.Serializer):
    account = serializers.CharField()
    day = serializers.DateField(allow_null=True)
    score = Points(decimal_places=3, allow_null=True)
    band = serializers.ChoiceField(choices=Band.choices, allow_null=True)
    capped_by = serializers.CharField(allow_null=True)
    known_weight = serializers.IntegerField()
    low = Points(allow_null=True, help_text="The score if all that is missing were 0.")
    high = Points(allow_null=True, help_text="The score if all that is missing were 100.")
    trend = Points(decimal_places=3, allow_null=True, help_text="Against 28 days before.")
    model = serializers.CharField(allow_null=True)
    version = serializers.IntegerField(allow_null=True)
    indicators = PartOut(many=True)


class EffectOut(serializers.Serializer):
    key = serializers.CharField(help_text="An indicator, or missing, or version.")
    label = serializers.CharField()
    points = Points()
    detail = serializers.CharField(allow_blank=True)


class MovesOut(serializers.Serializer):
    day_from = serializers.DateField()
    day_to = serializers.DateField()
    before = Points()
    after = Points()
    change = Points()
    effects = EffectOut(many=True)
    sentence = serializers.CharField()


class DayAsked(serializers.Serializer):
    on = serializers.DateField(required=False, help_text="A past day; the latest score, if it is not said.")


class DaysAsked(serializers.Serializer):
    """`from` is a word of the language, so it is added by hand."""

    def get_fields(self) -> dict[str, serializers.Field]:
        return {
            "from": serializers.DateField(required=False, help_text="28 days before, if it is not said."),
            "to": serializers.DateField(required=False, help_text="The latest day with a score, if it is not said."),
        }
