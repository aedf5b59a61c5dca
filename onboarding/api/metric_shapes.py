"""What goes in and out of `GET /metrics/onboarding`."""

from typing import Any

from rest_framework import serializers

from accounts.api.filters import Asked
from onboarding.domain.reports.figures import BY


class OnboardingAsked(Asked):
    """`from` is a word of the language, so it is added by hand; there are no pages."""

    def get_fields(self) -> dict[str, serializers.Field]:
        return {
            "from": serializers.DateField(required=False, help_text="The first day; 365 before `to`, if not said."),
            "to": serializers.DateField(required=False, help_text="The day after the last; tomorrow, if not said."),
            "by": serializers.ChoiceField(choices=list(BY), required=False),
        }


class IntervalOut(serializers.Serializer):
    value = serializers.FloatField(allow_null=True, help_text="null: there is none.")
    low = serializers.FloatField(allow_null=True, help_text="Of the 95 % interval.")
    high = serializers.FloatField(allow_null=True)
    n = serializers.IntegerField()
    too_few = serializers.BooleanField(help_text="Too few to tell.")


class TimeToValueOut(serializers.Serializer):
    activated = serializers.IntegerField()
    waiting = serializers.IntegerField(help_text="Not activated (yet): watched until now, or until they ended.")
    median_hours_of_activated = serializers.FloatField(allow_null=True)
    kaplan_meier_median_hours = serializers.FloatField(allow_null=True, help_text="null: fewer than half got there.")


class TotalsOut(serializers.Serializer):
    started = serializers.IntegerField()
    running = serializers.IntegerField()
    finished = serializers.IntegerField()
    canceled = serializers.IntegerField()
    activated = serializers.IntegerField()
    behind = serializers.IntegerField()
    stuck = serializers.IntegerField()
    activation_rate = IntervalOut()
    completion_rate = IntervalOut()
    engagement = serializers.FloatField(allow_null=True, help_text="The mean engagement score, 0 to 100.")
    time_to_value = TimeToValueOut()


class OnboardingGroupOut(TotalsOut):
    key = serializers.CharField(allow_null=True, help_text="null: those without one.")
    name = serializers.CharField(allow_blank=True)


class StepOut(serializers.Serializer):
    """Of the checklists that have it."""

    key = serializers.CharField()
    title = serializers.CharField()
    of = serializers.IntegerField()
    reached = serializers.IntegerField()
    done = serializers.IntegerField()
    left_out = serializers.IntegerField(help_text="Skipped, or it does not apply.")
    open = serializers.IntegerField(help_text="And in time.")
    late = serializers.IntegerField(help_text="Open, and the checklist is behind or stuck.")
    given_up = serializers.IntegerField(help_text="Was open when the checklist was canceled.")
    here = serializers.IntegerField(help_text="Running checklists that stand at it.")
    median_hours = serializers.FloatField(allow_null=True, help_text="From opened to done.")


class SeatsOut(serializers.Serializer):
    attended = serializers.IntegerField()
    no_show = serializers.IntegerField()
    canceled = serializers.IntegerField()
    unmarked = serializers.IntegerField()
    ahead = serializers.IntegerField()
    no_show_rate = IntervalOut(source="missed")


class FrictionOut(serializers.Serializer):
    tag = serializers.CharField()
    sessions = serializers.IntegerField()
    accounts = serializers.IntegerField()


class ColleaguesOut(serializers.Serializer):
    active = serializers.IntegerField()
    inviters = serializers.IntegerField()
    sent = serializers.IntegerField()
    accepted = serializers.IntegerField()
    conversion = IntervalOut()
    k = serializers.FloatField(allow_null=True, help_text="Invitations by active person × share accepted.")


class ComparedOut(serializers.Serializer):
    figure = serializers.CharField()
    yes = IntervalOut()
    no = IntervalOut()
    differs = serializers.BooleanField(help_text="More than chance explains; no proof of cause.")
    too_few = serializers.BooleanField()


class ComparisonOut(serializers.Serializer):
    compared = serializers.ChoiceField(choices=["finished", "attended"])
    yes = serializers.IntegerField(help_text="Accounts.")
    no = serializers.IntegerField()
    figures = ComparedOut(many=True)


class OnboardingOut(TotalsOut):
    engagement_by_tenths = serializers.ListField(child=serializers.IntegerField())
    template = serializers.CharField(allow_null=True, help_text="The one most go through: its steps follow.")
    steps = StepOut(many=True)
    seats = SeatsOut()
    friction = FrictionOut(many=True)
    colleagues = ColleaguesOut()
    comparisons = ComparisonOut(many=True)
    by = serializers.CharField(allow_null=True)
    groups = OnboardingGroupOut(many=True)

    def get_fields(self) -> dict[str, Any]:
        return {"from": serializers.DateField(), "to": serializers.DateField(), **super().get_fields()}
