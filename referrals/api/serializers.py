"""What goes in and out over the API about referrals. Money is in units of its currency, to the cent."""

from decimal import Decimal
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api.fields import Amount, Moment, Strict, Text
from accounts.api.filters import Asked, several
from accounts.api.serializers import Currency, optional
from referrals.domain.amounts import major
from referrals.enums import (
    Channel,
    EntryCause,
    EntryKind,
    FlagReason,
    PartnerStatus,
    ReferralStatus,
    RefundStatus,
    Review,
    WhyNothing,
)

PROGRAM = "The program's key. Not needed where a code, a click or the customer says which it is."
NOT_SAID = "Now, if it is not said."
MOST_PAID = Decimal(1_000_000_000)


@extend_schema_field(OpenApiTypes.DECIMAL)
class Minor(serializers.Field):
    """Minor units as they are kept, written in units of the row's currency: "12.34"."""

    def __init__(self, currency: str = "currency", **kwargs: Any) -> None:
        self.currency = currency
        super().__init__(read_only=True, **kwargs)

    def get_attribute(self, instance: Any) -> Any:
        row, *path = instance, *self.currency.split(".")
        for name in path:
            row = getattr(row, name)
        return super().get_attribute(instance), row

    def to_representation(self, value: tuple[int, str]) -> str:
        return f"{major(*value):f}"


# Sign-ups -----------------------------------------------------------------------------------------------------


class SignUpFields(Strict):
    """What says whose customer it is, and who they are."""

    clicks = optional(
        serializers.ListField,
        child=Text(max_length=64),
        max_length=100,
        help_text="Every `click` that your pages were given for this visitor, oldest first.",
    )
    code = optional(Text, max_length=200, help_text="The `ref` of the link they came by.")
    coupon = optional(Text, max_length=200, help_text="A partner's coupon: it wins over clicks.")
    name = optional(Text, max_length=200, allow_blank=True)
    email = optional(Text, max_length=254, allow_blank=True)
    ip = optional(Text, max_length=60, allow_blank=True, help_text="Kept as a hash, to recognise referrals of oneself.")
    device = optional(Text, max_length=200, allow_blank=True, help_text="An id of your own for it; kept as a hash.")


class ReferralIn(SignUpFields):
    program = optional(Text, max_length=60, help_text=PROGRAM)
    customer = Text(max_length=200, help_text="Your id of the customer; an account's external id, once they are one.")
    account = optional(Text, max_length=200, help_text="The external id of the account, if it is not `customer`.")
    signed_up_at = optional(Moment, help_text=NOT_SAID)
    channel = optional(serializers.ChoiceField, choices=Channel.choices)
    source = optional(Text, max_length=40, allow_blank=True)


class ReferralOut(serializers.Serializer):
    id = serializers.IntegerField()
    program = serializers.CharField(source="program.slug")
    partner = serializers.IntegerField(source="partner_id")
    partner_name = serializers.CharField(source="partner.name")
    customer = serializers.CharField()
    account = serializers.CharField(source="account.external_id", default=None, allow_null=True)
    status = serializers.ChoiceField(choices=ReferralStatus.choices)
    signed_up_at = serializers.DateTimeField()
    first_paid_at = serializers.DateTimeField(source="paid_at", allow_null=True)
    channel = serializers.ChoiceField(choices=Channel.choices)
    coupon = serializers.BooleanField()
    review = serializers.ChoiceField(choices=Review.choices)
    flags = serializers.ListField(child=serializers.ChoiceField(choices=FlagReason.choices))
    held = serializers.BooleanField(help_text="What it earns enters no payout for now.")
    clawed_back_at = serializers.DateTimeField(allow_null=True)


# Payments and refunds ---------------------------------------------------------------------------------------------


class ConversionIn(SignUpFields):
    program = optional(Text, max_length=60, help_text=PROGRAM)
    source = optional(Text, max_length=40, help_text="Where the id comes from, such as stripe; “api”, if not said.")
    external_id = Text(max_length=200, help_text="Of the invoice or charge: counted once in a program and source.")
    customer = Text(max_length=200, help_text="As in the referral.")
    amount = Amount(most=MOST_PAID, help_text="What was charged, with tax, before the discount.")
    tax = optional(Amount, most=MOST_PAID)
    discount = optional(Amount, most=MOST_PAID)
    currency = optional(Currency, help_text="The program's, if it is not said.")
    occurred_at = optional(Moment, help_text=NOT_SAID)


class ConversionOut(serializers.Serializer):
    id = serializers.IntegerField()
    program = serializers.CharField(source="program.slug")
    source = serializers.CharField()
    external_id = serializers.CharField()
    referral = serializers.IntegerField(source="referral_id")
    customer = serializers.CharField(source="referral.customer")
    partner = serializers.IntegerField(source="partner_id")
    partner_name = serializers.CharField(source="partner.name")
    occurred_at = serializers.DateTimeField()
    currency = serializers.CharField()
    amount = Minor(source="gross")
    tax = Minor()
    discount = Minor()
    refunded = Minor()
    base = Minor("program.currency", help_text="Net of tax and discount, in the program's currency.")
    rate = serializers.DecimalField(
        max_digits=24, decimal_places=12, help_text="Of one unit of `currency`, on that day."
    )
    commission = Minor("program.currency")
    commission_currency = serializers.CharField(source="program.currency")
    why = serializers.ChoiceField(
        choices=WhyNothing.choices, allow_blank=True, help_text="Why it earned nothing, or less than it could."
    )


class RefundIn(Strict):
    program = optional(Text, max_length=60, help_text="The program's key. Not needed where the payment is known.")
    source = optional(Text, max_length=40, help_text="The payment's; “api”, if not said.")
    external_id = Text(max_length=200, help_text="Of the refund: counted once in a program and source.")
    conversion = Text(max_length=200, help_text="The external id of the payment.")
    amount = optional(
        Amount, most=MOST_PAID, help_text="Without tax, in the payment's currency; all that is left, if not said."
    )
    currency = optional(Currency, help_text="The payment's; needed where that has not come, and is not the program's.")
    occurred_at = optional(Moment, help_text=NOT_SAID)


class RefundOut(serializers.Serializer):
    id = serializers.IntegerField()
    program = serializers.CharField(source="program.slug")
    source = serializers.CharField()
    external_id = serializers.CharField()
    conversion = serializers.CharField(source="conversion_external_id")
    status = serializers.ChoiceField(
        choices=RefundStatus.choices, help_text="“waiting”: its payment has not come yet; it is applied when it does."
    )
    amount = serializers.SerializerMethodField(help_text="Null while it waits and is for all that is left.")
    currency = serializers.SerializerMethodField()
    occurred_at = serializers.DateTimeField()
    note = serializers.CharField(allow_blank=True)

    def get_amount(self, row: Any) -> str | None:
        return None if row.amount is None else f"{major(row.amount, self.get_currency(row)):f}"

    def get_currency(self, row: Any) -> str:
        return row.conversion.currency if row.conversion else row.program.currency


# A partner's ledger -------------------------------------------------------------------------------------------------


class LedgerAsked(Asked):
    kind = several(EntryKind.choices)


class EntryOut(serializers.Serializer):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=EntryKind.choices)
    cause = serializers.ChoiceField(choices=EntryCause.choices)
    amount = Minor(help_text="Signed: the balance is the sum of all of them.")
    currency = serializers.CharField()
    occurred_at = serializers.DateTimeField()
    available_at = serializers.DateTimeField()
    customer = serializers.CharField(source="referral.customer", default=None, allow_null=True)
    conversion = serializers.CharField(source="conversion.external_id", default=None, allow_null=True)
    refund = serializers.CharField(source="refund.external_id", default=None, allow_null=True)
    reverses = serializers.IntegerField(source="reverses_id", allow_null=True)
    payout = serializers.IntegerField(source="payout_id", allow_null=True, help_text="The payout it is about.")
    paid_in = serializers.IntegerField(allow_null=True, help_text="The payout that it was paid with.")
    note = serializers.CharField(allow_blank=True)


class BalanceOut(serializers.Serializer):
    currency = serializers.CharField()
    total = serializers.CharField(help_text="available + pending + held.")
    available = serializers.CharField(help_text="What a payout would take now.")
    pending = serializers.CharField(help_text="Earned, and not available before its hold is over.")
    held = serializers.CharField(help_text="Of referrals under review, or not yet onboarded and paid.")
    earned = serializers.CharField(help_text="All that was earned, less what was taken back.")
    paid = serializers.CharField(help_text="All that was paid out, less what came back.")


class LedgerOut(serializers.Serializer):
    partner = serializers.IntegerField()
    name = serializers.CharField()
    program = serializers.CharField()
    status = serializers.ChoiceField(choices=PartnerStatus.choices)
    balance = BalanceOut()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = EntryOut(many=True)
