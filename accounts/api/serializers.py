"""What goes in and out over the API. Rules beyond shape are the domain's (see domain/account_values.py)."""

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api.fields import Amount, Anything, Day, Moment, Strict, Text, TimeZone, Truth, Whole
from accounts.enums import Band, ChurnReason, FollowUpStatus, Interval, Outcome, Stage, SubscriptionStatus

RESULTS = ("created", "updated", "unchanged")
FIRST, LAST = "1970-01-01", "2200-01-01"
CURRENCY = r"^[A-Z]{3}$"


def optional(field: type, *args: Any, **kwargs: Any) -> Any:
    return field(*args, required=False, **kwargs)


class Currency(serializers.RegexField):
    def __init__(self, **kwargs: Any) -> None:
        message = _("A currency is three capital letters, such as EUR.")
        super().__init__(CURRENCY, max_length=3, error_messages={"invalid": message}, **kwargs)


# Accounts -------------------------------------------------------------------------------------------


class AccountIn(Strict):
    name = optional(Text, max_length=200)
    domain = optional(Text, max_length=253, allow_blank=True)
    segment = optional(Text, max_length=80, allow_null=True, allow_blank=True, help_text="The key of a segment.")
    csm = optional(Text, max_length=254, allow_null=True, allow_blank=True, help_text="The CSM's e-mail address.")
    stage = optional(serializers.ChoiceField, choices=Stage.choices)
    currency = optional(Currency)
    time_zone = optional(TimeZone)
    country = optional(Text, max_length=80, allow_blank=True)
    industry = optional(Text, max_length=80, allow_blank=True)
    channel = optional(Text, max_length=40, allow_blank=True, help_text="Where they came from.")
    custom = optional(Anything, help_text="Fields of your own; they replace those that were there.")
    started_on = optional(Day, allow_null=True, help_text="Customer since.")


class AccountOut(serializers.Serializer):
    external_id = serializers.CharField()
    name = serializers.CharField()
    domain = serializers.CharField(allow_blank=True)
    segment = serializers.CharField(source="segment.key", default=None, allow_null=True)
    csm = serializers.CharField(source="csm.email", default=None, allow_null=True)
    stage = serializers.ChoiceField(choices=Stage.choices)
    currency = serializers.CharField()
    time_zone = serializers.CharField()
    country = serializers.CharField(allow_blank=True)
    industry = serializers.CharField(allow_blank=True)
    channel = serializers.CharField(allow_blank=True)
    custom = Anything()
    started_on = serializers.DateField(allow_null=True)
    churned_on = serializers.DateField(allow_null=True)
    mrr = serializers.SerializerMethodField(help_text="In the reporting currency, to the cent.")
    committed_mrr = serializers.SerializerMethodField(help_text="Less what is canceled already and has not ended.")
    mrr_currency = serializers.SerializerMethodField()
    seats = serializers.IntegerField()
    plan = serializers.CharField(source="plan.key", default=None, allow_null=True)
    trial_ends_on = serializers.DateField(allow_null=True)
    decision_date = serializers.DateField(allow_null=True)
    score = serializers.DecimalField(max_digits=7, decimal_places=3, allow_null=True)
    band = serializers.SerializerMethodField(help_text="Null for those who have left.")
    capped_by = serializers.CharField(allow_blank=True)
    known_weight = serializers.IntegerField()
    trend = serializers.DecimalField(max_digits=7, decimal_places=3, allow_null=True)
    scored_at = serializers.DateTimeField(allow_null=True)
    last_contact_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()

    def __init__(self, *args: Any, only: set[str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in set(self.fields) - (only or set(self.fields)):
            del self.fields[name]

    @extend_schema_field(serializers.DecimalField(max_digits=20, decimal_places=2))
    def get_mrr(self, account: Any) -> str:
        return _cents(account.mrr)

    @extend_schema_field(serializers.DecimalField(max_digits=20, decimal_places=2))
    def get_committed_mrr(self, account: Any) -> str:
        return _cents(account.committed_mrr)

    @extend_schema_field(serializers.ChoiceField(choices=Band.choices, allow_null=True))
    def get_band(self, account: Any) -> str | None:
        return None if account.stage == Stage.CHURNED else account.band

    @extend_schema_field(serializers.CharField())
    def get_mrr_currency(self, account: Any) -> str:
        return settings.REPORTING_CURRENCY


class AccountRow(AccountOut):
    sparse = True


class AccountUpserted(AccountOut):
    result = serializers.ChoiceField(choices=RESULTS)


# Contacts -------------------------------------------------------------------------------------------


class ContactIn(Strict):
    name = optional(Text, max_length=160, allow_blank=True)
    title = optional(Text, max_length=160, allow_blank=True)
    phone = optional(Text, max_length=60, allow_blank=True)
    decides = optional(Truth)
    champion = optional(Truth)
    language = optional(Text, max_length=40, allow_blank=True)
    time_zone = optional(TimeZone, allow_null=True)
    left_on = optional(Day, allow_null=True)


class ContactOut(serializers.Serializer):
    email = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    title = serializers.CharField(allow_blank=True)
    phone = serializers.CharField(allow_blank=True)
    decides = serializers.BooleanField()
    champion = serializers.BooleanField()
    language = serializers.CharField(allow_blank=True)
    time_zone = serializers.CharField(allow_null=True)
    left_on = serializers.DateField(allow_null=True)


class ContactUpserted(ContactOut):
    result = serializers.ChoiceField(choices=RESULTS)


# Subscriptions --------------------------------------------------------------------------------------


class SubscriptionIn(Strict):
    plan = optional(Text, max_length=80, allow_null=True, allow_blank=True)
    plan_version = optional(
        Whole,
        min_value=1,
        max_value=32767,
        allow_null=True,
        help_text="Which version of the plan it is on, by its number; what it costs is what `unit_amount` says. "
        "Another plan without a version is on none.",
    )
    status = optional(
        serializers.ChoiceField,
        choices=SubscriptionStatus.choices,
        help_text="Canceled without `ended_on` ends today. A trial that renews by itself is active once it is over; "
        "one that does not ends on its last day.",
    )
    currency = optional(Currency, help_text="The account's, if it is not said for a new subscription.")
    unit_amount = optional(Amount, help_text="The recurring list price, without tax, one-off fees and usage.")
    quantity = optional(Whole, min_value=0, max_value=10_000_000)
    per_seat = optional(Truth, help_text="False: the price is for the whole, whatever the quantity.")
    interval = optional(serializers.ChoiceField, choices=Interval.choices)
    interval_count = optional(Whole, min_value=1, max_value=1200)
    discount_percent = optional(
        Amount, most=Decimal(100), places=4, help_text="Only what is discounted as long as it lasts."
    )
    discount_amount = optional(Amount, help_text="Per interval, and only what is discounted as long as it lasts.")
    started_on = optional(Day, help_text="Today, if it is not said for a new subscription.")
    ended_on = optional(Day, allow_null=True, help_text="The first day without it; MRR stays until then.")
    trial_ends_on = optional(Day, allow_null=True, help_text="The first day that is paid for.")
    past_due_since = optional(Day, allow_null=True)
    term_end = optional(Day, allow_null=True)
    notice_days = optional(Whole, min_value=0, max_value=1000)
    auto_renew = optional(Truth)
    term_months = optional(Whole, min_value=1, max_value=1200, allow_null=True, help_text="How long a term is.")
    churn_reason = optional(serializers.ChoiceField, choices=ChurnReason.choices, allow_blank=True)
    churn_comment = optional(Text, max_length=5000, allow_blank=True)
    effective_on = optional(
        Day, help_text="The day from which the new terms count: today, if it is not said; never ahead."
    )


class SubscriptionOut(serializers.Serializer):
    external_id = serializers.CharField()
    plan = serializers.CharField(source="plan.key", default=None, allow_null=True)
    plan_version = serializers.IntegerField(source="plan_version.number", default=None, allow_null=True)
    status = serializers.ChoiceField(choices=SubscriptionStatus.choices)
    currency = serializers.CharField()
    unit_amount = serializers.DecimalField(max_digits=20, decimal_places=8)
    quantity = serializers.IntegerField()
    per_seat = serializers.BooleanField()
    interval = serializers.ChoiceField(choices=Interval.choices)
    interval_count = serializers.IntegerField()
    discount_percent = serializers.DecimalField(max_digits=7, decimal_places=4)
    discount_amount = serializers.DecimalField(max_digits=20, decimal_places=8)
    started_on = serializers.DateField()
    ended_on = serializers.DateField(allow_null=True)
    trial_ends_on = serializers.DateField(allow_null=True)
    past_due_since = serializers.DateField(allow_null=True)
    cancel_scheduled_on = serializers.DateField(allow_null=True)
    term_end = serializers.DateField(allow_null=True)
    notice_days = serializers.IntegerField()
    auto_renew = serializers.BooleanField()
    term_months = serializers.IntegerField(allow_null=True)
    churn_reason = serializers.ChoiceField(choices=ChurnReason.choices, allow_blank=True)
    churn_comment = serializers.CharField(allow_blank=True)
    mrr = serializers.SerializerMethodField(help_text="In the reporting currency, to the cent.")

    @extend_schema_field(serializers.DecimalField(max_digits=20, decimal_places=2))
    def get_mrr(self, subscription: Any) -> str:
        return _cents(subscription.mrr)


class SubscriptionUpserted(SubscriptionOut):
    result = serializers.ChoiceField(choices=RESULTS)


# Follow-ups -----------------------------------------------------------------------------------------


class FollowUpIn(Strict):
    status = optional(
        serializers.ChoiceField,
        choices=FollowUpStatus.choices,
        help_text="done (with `outcome`), snoozed (with `snoozed_until` and `reason`), canceled (with `reason`), "
        "open (wakes what is snoozed).",
    )
    outcome = optional(serializers.ChoiceField, choices=Outcome.choices)
    note = optional(Text, max_length=10_000, allow_blank=True)
    snoozed_until = optional(Moment)
    reason = optional(Text, max_length=400)
    past_promise = optional(Truth, help_text="Snooze a promise beyond its due time all the same.")
    assignee = optional(Text, max_length=254, help_text="The e-mail address of who takes it over.")


class Step(serializers.Serializer):
    text = serializers.CharField()
    done = serializers.BooleanField()


class FollowUpOut(serializers.Serializer):
    id = serializers.IntegerField()
    account = serializers.CharField(source="account.external_id")
    account_name = serializers.CharField(source="account.name")
    band = serializers.ChoiceField(source="account.band", choices=Band.choices)
    kind = serializers.CharField()
    subject = serializers.CharField(allow_blank=True)
    title = serializers.CharField()
    reason = serializers.CharField()
    instructions = serializers.CharField(allow_blank=True)
    steps = serializers.ListField(child=Anything())
    priority = serializers.IntegerField()
    promise = serializers.BooleanField()
    assignee = serializers.CharField(source="assignee.email", default=None, allow_null=True)
    status = serializers.ChoiceField(choices=FollowUpStatus.choices)
    opened_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    occurrences = serializers.IntegerField()
    snoozed_until = serializers.DateTimeField(allow_null=True)
    snooze_reason = serializers.CharField(allow_blank=True)
    escalated_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    outcome = serializers.ChoiceField(choices=Outcome.choices, allow_blank=True)
    outcome_note = serializers.CharField(allow_blank=True)

    def __init__(self, *args: Any, only: set[str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in set(self.fields) - (only or set(self.fields)):
            del self.fields[name]


class FollowUpRow(FollowUpOut):
    sparse = True


def _cents(amount: Any) -> str:
    from accounts.domain.mrr import displayed

    return f"{displayed(Decimal(amount)):f}"
