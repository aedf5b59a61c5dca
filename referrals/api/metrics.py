"""What referrals bring and cost, over the API."""

from datetime import date, timedelta
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.fields import Text
from accounts.api.filters import Asked
from accounts.api.views import View
from referrals.domain.amounts import major
from referrals.domain.figures import GROUPS, Funnel, Window, funnels, in_all, virality
from referrals.domain.naming import program_called
from referrals.models import Partner

USUAL_DAYS = 90


class ReferralsAsked(Asked):
    """`from` is a word of the language, so it is added by hand."""

    def get_fields(self) -> dict[str, serializers.Field]:
        return {
            "from": serializers.DateField(required=False, help_text="The first day; 90 days before `to`, if not said."),
            "to": serializers.DateField(required=False, help_text="The day after the last; tomorrow, if not said."),
            "by": serializers.ChoiceField(choices=GROUPS, required=False),
            "program": Text(required=False, max_length=60, help_text="Of this one alone, by its key."),
        }


class MoneyOut(serializers.Serializer):
    currency = serializers.CharField()
    revenue = serializers.CharField(help_text="What referred customers paid, net of tax, discount and refunds.")
    commission = serializers.CharField(help_text="What partners earned, less what was taken back.")
    credits = serializers.CharField(help_text="What both sides were given otherwise.")
    cost_per_customer = serializers.CharField(allow_null=True)


class FunnelOut(serializers.Serializer):
    invitations = serializers.IntegerField()
    clicks = serializers.IntegerField()
    sign_ups = serializers.IntegerField()
    customers = serializers.IntegerField(help_text="Those who paid for the first time.")
    churned = serializers.IntegerField()
    sign_up_rate = serializers.FloatField(allow_null=True, help_text="Sign-ups of clicks.")
    customer_rate = serializers.FloatField(allow_null=True, help_text="Customers of sign-ups.")
    money = MoneyOut(many=True)


class KOut(serializers.Serializer):
    active_users = serializers.IntegerField(
        help_text="People who used the product in the period; where no usage names them, people of customers."
    )
    by_usage = serializers.BooleanField(help_text="Whether `active_users` are counted by usage.")
    invitations_per_user = serializers.FloatField(source="per_user", allow_null=True)
    conversion = serializers.FloatField(allow_null=True, help_text="Customers of invitations.")
    k = serializers.FloatField(allow_null=True)


class ReferralGroupOut(FunnelOut):
    key = serializers.CharField()
    name = serializers.CharField()


class ReferralFiguresOut(FunnelOut):
    k_factor = KOut()
    by = serializers.CharField(allow_null=True)
    groups = ReferralGroupOut(many=True)

    def get_fields(self) -> dict[str, Any]:
        return {"from": serializers.DateField(), "to": serializers.DateField(), **super().get_fields()}


class ReferralFigures(View):
    @extend_schema(
        summary="What referrals bring, and what they cost",
        operation_id="metrics_referrals",
        description="The funnel of a period with its money, each currency by itself, and the k-factor: invitations "
        "sent per active user × the share of them that became customers. The last 90 days, if nothing is said.",
        parameters=[ReferralsAsked],
        responses=ReferralFiguresOut,
    )
    def get(self, request: Request) -> Response:
        asked = ReferralsAsked.of(request)
        window = _window(asked.get("from"), asked.get("to"))
        program = program_called(asked["program"]) if "program" in asked else None
        whole, by = in_all(funnels(window, program=program)), asked.get("by", "")
        told = {
            "from": window.first,
            "to": window.until,
            **_told(whole),
            "k_factor": virality(window, whole, program),
            "by": by or None,
            "groups": _groups(funnels(window, by, program), by) if by else [],
        }
        return Response(ReferralFiguresOut(told).data)


def _window(first: date | None, until: date | None) -> Window:
    if until is None:
        until = timezone.now().date() + timedelta(days=1)
    if first is None:
        first = until - timedelta(days=USUAL_DAYS) if until.toordinal() > USUAL_DAYS else date.min
    return Window(first, until)


def _told(funnel: Funnel) -> dict[str, Any]:
    names = ("invitations", "clicks", "sign_ups", "customers", "churned", "sign_up_rate", "customer_rate")
    return {**{name: getattr(funnel, name) for name in names}, "money": _money(funnel)}


def _money(funnel: Funnel) -> list[dict[str, Any]]:
    def written(amount: int, currency: str) -> str:
        return f"{major(amount, currency):f}"

    return [
        {
            "currency": currency,
            **{name: written(getattr(money, name), currency) for name in ("revenue", "commission", "credits")},
            "cost_per_customer": written(round(money.cost / funnel.customers), currency) if funnel.customers else None,
        }
        for currency, money in sorted(funnel.money.items())
    ]


def _groups(found: dict[Any, Funnel], by: str) -> list[dict[str, Any]]:
    names = dict(Partner.objects.filter(pk__in=found).values_list("pk", "name")) if by == "partner" else {}
    rows = [{"key": str(key), "name": names.get(key, str(key)), **_told(funnel)} for key, funnel in found.items()]
    return sorted(rows, key=lambda row: (-row["customers"], -row["sign_ups"], row["name"]))
