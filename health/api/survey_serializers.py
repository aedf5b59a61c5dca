"""What goes in and out over the API about surveys."""

from typing import Any

from rest_framework import serializers

from accounts.api.fields import Moment, Strict, Text, Whole
from accounts.api.serializers import optional
from accounts.enums import ChurnReason


class AnswerIn(Strict):
    external_id = Text(max_length=200, help_text="Counted once per account.")
    account = Text(max_length=200, help_text="Its external id.")
    email = optional(Text, max_length=254, allow_blank=True, help_text="Of a contact there; who is none stays unnamed.")
    score = optional(
        Whole, min_value=0, max_value=10, allow_null=True, help_text="NPS from 0 to 10, satisfaction from 1 to 5."
    )
    reason = optional(
        serializers.ChoiceField, choices=ChurnReason.choices, help_text="For a survey that asks why they left."
    )
    comment = optional(Text, max_length=10_000, allow_blank=True)
    answered_at = optional(Moment, help_text="Now, if it is not said.")


class AnswersIn(serializers.Serializer):
    answers = serializers.ListField(child=AnswerIn(), max_length=1000)


class NpsAsked(serializers.Serializer):
    """`from` is a word of the language, so it is added by hand."""

    def get_fields(self) -> dict[str, serializers.Field]:
        return {
            "from": serializers.DateField(required=False, help_text="The first day; 90 days before `to`, if not said."),
            "to": serializers.DateField(required=False, help_text="The day after the last; tomorrow, if not said."),
            "by": serializers.ChoiceField(choices=["segment", "csm", "plan"], required=False),
        }


class FigureOut(serializers.Serializer):
    promoters = serializers.IntegerField()
    passives = serializers.IntegerField()
    detractors = serializers.IntegerField()
    n = serializers.IntegerField()
    nps = serializers.FloatField(allow_null=True, help_text="Not rounded; null without answers.")
    display = serializers.IntegerField(allow_null=True, help_text="Rounded half away from zero.")
    se = serializers.FloatField(allow_null=True)
    moe95 = serializers.FloatField(allow_null=True)
    too_few = serializers.BooleanField(help_text="Fewer answers than the rules ask for (30): too few to tell.")


class ChangeOut(serializers.Serializer):
    delta = serializers.FloatField(allow_null=True)
    se_delta = serializers.FloatField(allow_null=True)
    z = serializers.FloatField(allow_null=True)
    p_two_sided = serializers.FloatField(allow_null=True)
    significant = serializers.BooleanField()
    too_few = serializers.BooleanField()


class ViewsOut(serializers.Serializer):
    respondent = serializers.FloatField(allow_null=True)
    account = serializers.FloatField(allow_null=True)
    revenue = serializers.FloatField(allow_null=True)
    accounts = serializers.IntegerField()


class RatesOut(serializers.Serializer):
    sent = serializers.IntegerField()
    bounced = serializers.IntegerField()
    delivered = serializers.IntegerField()
    answered = serializers.IntegerField()
    response_rate = serializers.FloatField(allow_null=True)
    comment_rate = serializers.FloatField(allow_null=True)


class LoopOut(serializers.Serializer):
    detractors = serializers.IntegerField()
    in_time = serializers.IntegerField()
    late = serializers.IntegerField()
    missed = serializers.IntegerField()
    waiting = serializers.IntegerField()
    rate = serializers.FloatField(allow_null=True)
    median_hours = serializers.FloatField(allow_null=True)


class MonthOut(FigureOut):
    month = serializers.DateField()


class GroupOut(FigureOut):
    key = serializers.CharField(allow_null=True)
    name = serializers.CharField(allow_blank=True)


class NpsOut(FigureOut):
    change = ChangeOut()
    previous = FigureOut()
    views = ViewsOut()
    response = RatesOut()
    closed_loop = LoopOut()
    months = MonthOut(many=True)
    by = serializers.CharField(allow_null=True)
    groups = GroupOut(many=True)

    def get_fields(self) -> dict[str, Any]:
        return {"from": serializers.DateField(), "to": serializers.DateField(), **super().get_fields()}
