"""Figures over the API: those of the pages, unrounded, by month and, where asked, by segment, plan, CSM and alike."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext as _, gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.views import View
from accounts.domain.anniversaries import anniversary
from accounts.domain.metrics.cohorts import Cohort, simple, weighted
from accounts.domain.metrics.orders import Orders, together
from accounts.domain.metrics.ratios import ratio
from accounts.domain.numbers.asking import Asked, last_full_month
from accounts.domain.numbers.averages import orders_by, orders_of
from accounts.domain.numbers.by_member import worth_by
from accounts.domain.numbers.kpis import SIX, churn_of, lifetime
from accounts.domain.numbers.sums import Sum, sums_by
from accounts.enums import MovementKind

BY = ("segment", "plan", "csm", "channel", "touch", "currency")
MOST_MONTHS = 120
EARLIEST, LATEST = date(1990, 1, 1), date(2200, 1, 1)
TOO_LONG = gettext_lazy("Ask for 120 months at the most.")
BACKWARDS = gettext_lazy("The period ends before it begins.")
OUT_OF_REACH = gettext_lazy("Ask for days between 1990 and 2200.")


class MetricsAsked(serializers.Serializer):
    """`from` is a word of the language, so it is added by hand."""

    def get_fields(self) -> dict[str, serializers.Field]:
        return {
            "from": serializers.DateField(
                required=False, help_text="A day of the first month; a year back, if not said."
            ),
            "to": serializers.DateField(
                required=False, help_text="A day of the last month; the last full one, if not said."
            ),
            "by": serializers.ChoiceField(choices=BY, required=False),
        }


class MrrMonthOut(serializers.Serializer):
    month = serializers.DateField(help_text="Its first day.")
    start = serializers.DecimalField(max_digits=30, decimal_places=8)
    new = serializers.DecimalField(max_digits=30, decimal_places=8)
    reactivation = serializers.DecimalField(max_digits=30, decimal_places=8)
    expansion = serializers.DecimalField(max_digits=30, decimal_places=8)
    contraction = serializers.DecimalField(max_digits=30, decimal_places=8, help_text="Below 0.")
    churn = serializers.DecimalField(max_digits=30, decimal_places=8, help_text="Below 0.")
    fx = serializers.DecimalField(max_digits=30, decimal_places=8)
    end = serializers.DecimalField(max_digits=30, decimal_places=8)
    customers = serializers.IntegerField(help_text="That pay at its end.")
    customers_lost = serializers.IntegerField()


class MrrGroupOut(serializers.Serializer):
    key = serializers.CharField(allow_blank=True, help_text="The member; empty for those without one, or for all.")
    months = MrrMonthOut(many=True)


class MrrOut(serializers.Serializer):
    currency = serializers.CharField()
    net = serializers.BooleanField(help_text="What each month as a whole was for each customer.")
    by = serializers.CharField(allow_null=True)
    months = MrrMonthOut(many=True)
    groups = MrrGroupOut(many=True)


class RetentionMonthOut(serializers.Serializer):
    month = serializers.DateField()
    nrr = serializers.FloatField(allow_null=True, help_text="Over the twelve months that end with it.")
    grr = serializers.FloatField(allow_null=True)
    customer_churn = serializers.FloatField(allow_null=True, help_text="Of the month itself.")
    mrr_churn = serializers.FloatField(allow_null=True)
    quick_ratio = serializers.FloatField(allow_null=True, help_text="Null: none lost.")


class CohortOut(serializers.Serializer):
    month = serializers.DateField(help_text="Of the first payment.")
    size = serializers.IntegerField()
    kept = serializers.ListField(child=serializers.IntegerField(), help_text="Customers, month by month.")
    mrr = serializers.ListField(child=serializers.DecimalField(max_digits=30, decimal_places=8))


class RetentionGroupOut(serializers.Serializer):
    key = serializers.CharField(allow_blank=True)
    months = RetentionMonthOut(many=True)


class RetentionOut(serializers.Serializer):
    by = serializers.CharField(allow_null=True)
    months = RetentionMonthOut(many=True)
    groups = RetentionGroupOut(many=True)
    cohorts = CohortOut(many=True)
    weighted = serializers.ListField(child=serializers.FloatField(allow_null=True))
    simple = serializers.ListField(child=serializers.FloatField(allow_null=True))


class LtvFormsOut(serializers.Serializer):
    simple = serializers.FloatField(allow_null=True)
    margin = serializers.FloatField(allow_null=True)
    discounted = serializers.FloatField(allow_null=True)
    horizon = serializers.FloatField(allow_null=True)
    lifetime_months = serializers.FloatField(allow_null=True)
    reason = serializers.CharField(allow_null=True, help_text="Why one is missing: no_customers, no_churn, diverges.")


class OrdersOut(serializers.Serializer):
    """Averages of what was ordered (invoices that stand); null where nobody ordered, or a rate is missing."""

    customers = serializers.IntegerField(help_text="Who ordered in the period.")
    orders = serializers.IntegerField()
    order_value = serializers.FloatField(allow_null=True)
    frequency = serializers.FloatField(allow_null=True, help_text="Orders of a customer in a month.")
    customer_value = serializers.FloatField(allow_null=True, help_text="Order value × frequency.")
    orders_per_customer = serializers.FloatField(allow_null=True, help_text="Up to the end of the period.")
    lifetime = serializers.FloatField(allow_null=True, help_text="Months from the first order to the last one.")
    lifetime_value = serializers.FloatField(allow_null=True, help_text="Customer value × lifetime.")


class LtvGroupOut(LtvFormsOut):
    key = serializers.CharField(allow_blank=True)
    mrr = serializers.DecimalField(max_digits=30, decimal_places=8)
    customers = serializers.IntegerField()
    arpa = serializers.FloatField(allow_null=True)
    churn = serializers.FloatField(allow_null=True)
    cac = serializers.FloatField(allow_null=True)
    ltv_to_cac = serializers.FloatField(allow_null=True)
    payback_months = serializers.FloatField(allow_null=True)
    crc = serializers.FloatField(allow_null=True)
    ltv_to_crc = serializers.FloatField(allow_null=True)
    orders = OrdersOut()


class LtvOut(LtvFormsOut):
    month = serializers.DateField()
    currency = serializers.CharField()
    arpa = serializers.FloatField(allow_null=True)
    churn = serializers.FloatField(allow_null=True)
    by = serializers.CharField(allow_null=True)
    orders = OrdersOut()
    groups = LtvGroupOut(many=True)


def asked_of(request: Request) -> tuple[Asked, str]:
    """The months from that of `from` to that of `to`; ValidationError for what cannot be asked."""
    if unknown := sorted(set(request.query_params) - set(MetricsAsked().fields)):
        raise ValidationError({name: [_("There is no such parameter.")] for name in unknown})
    shape = MetricsAsked(data=request.query_params.dict() if isinstance(request.query_params, QueryDict) else {})
    shape.is_valid(raise_exception=True)
    data = shape.validated_data
    for name in ("from", "to"):
        if name in data and not EARLIEST <= data[name] < LATEST:
            raise ValidationError({name: [OUT_OF_REACH]})
    last = data.get("to") or max(last_full_month(), data.get("from") or EARLIEST)
    first = data.get("from") or anniversary(last.replace(day=1), -11)
    if last.replace(day=1) < first.replace(day=1):
        raise ValidationError({"to": [BACKWARDS]})
    if anniversary(first.replace(day=1), MOST_MONTHS) <= last:
        raise ValidationError({"from": [TOO_LONG]})
    return Asked(first, last), data.get("by", "")


class Mrr(View):
    @extend_schema(
        summary="MRR by month, and what moved it",
        description="Start + moves = end in every month, to the last decimal place. Net, per customer and month.",
        parameters=[MetricsAsked],
        responses=MrrOut,
    )
    def get(self, request: Request) -> Response:
        asked, by = asked_of(request)
        groups = sums_by(by, asked.first, asked.last) if by else {}
        told = {
            "currency": settings.REPORTING_CURRENCY,
            "net": True,
            "by": by or None,
            "months": [_month(s) for s in asked.sums],
            "groups": [{"key": key, "months": [_month(s) for s in sums]} for key, sums in groups.items()],
        }
        return Response(MrrOut(told).data)


def _month(s: Sum) -> dict[str, Any]:
    people = {"customers": s.customers_end, "customers_lost": s.customers_lost}
    moves = {str(MovementKind(kind)): amount for kind, amount in s.moves(net=True).items()}
    return {"month": s.month, "start": s.start, "end": s.end, **moves, **people}


class Retention(View):
    @extend_schema(
        summary="Retention by month, and cohorts",
        parameters=[MetricsAsked],
        responses=RetentionOut,
    )
    def get(self, request: Request) -> Response:
        asked, by = asked_of(request)
        groups = sums_by(by, asked.first, asked.last) if by else {}
        cohorts = _cohorts(asked)
        plain = [Cohort(row["size"], row["kept"]) for row in cohorts]
        told = {
            "by": by or None,
            "months": [_kept(s) for s in asked.sums],
            "groups": [{"key": key, "months": [_kept(s) for s in sums]} for key, sums in groups.items()],
            "cohorts": cohorts,
            "weighted": weighted(plain),
            "simple": simple(plain),
        }
        return Response(RetentionOut(told).data)


def _kept(s: Sum) -> dict[str, Any]:
    w = s.waterfall()
    return {
        "month": s.month,
        "nrr": s.year_nrr,
        "grr": s.year_grr,
        "customer_churn": w.customer_churn,
        "mrr_churn": w.mrr_churn,
        "quick_ratio": w.quick_ratio,
    }


def _cohorts(asked: Asked) -> list[dict[str, Any]]:
    found = []
    for member, sums in sorted(sums_by("cohort", asked.first, asked.last).items()):
        begun = date.fromisoformat(member)
        own = [s for s in sums if s.month >= begun]
        if begun >= asked.first and own and own[0].customers_new:
            people, money = [s.customers_end for s in own], [s.end for s in own]
            found.append({"month": begun, "size": people[0], "kept": people, "mrr": money})
    return found


class Ltv(View):
    @extend_schema(
        summary="Lifetime value in each of its forms",
        description="Of the last month; churn is the mean of the six full months before. By member: with CAC and CRC.",
        parameters=[MetricsAsked],
        responses=LtvOut,
    )
    def get(self, request: Request) -> Response:
        asked, by = asked_of(request)
        s, months = asked.at(asked.last), len(asked.months)
        ordered = orders_by(by, asked) if by else {}
        told = {
            **_forms(lifetime(asked, asked.last)),
            "month": asked.last,
            "currency": settings.REPORTING_CURRENCY,
            "arpa": ratio(s.end, s.customers_end),
            "churn": churn_of(asked.back_from(asked.last, SIX)),
            "by": by or None,
            "orders": together(ordered.values(), months) if by else orders_of(asked),
            "groups": [
                _group(row) | {"orders": ordered.get(row.member, Orders(months))}
                for row in (worth_by(by, asked) if by else [])
            ],
        }
        return Response(LtvOut(told).data)


def _forms(found: Any) -> dict[str, Decimal | str | None]:
    names = ("simple", "margin", "discounted", "horizon", "lifetime_months", "reason")
    return {name: getattr(found, name) for name in names}


def _group(row: Any) -> dict[str, Any]:
    return {
        **_forms(row.ltv),
        "key": row.member, "mrr": row.last.end, "customers": row.last.customers_end,
        "arpa": ratio(row.last.end, row.last.customers_end), "churn": row.churn, "cac": row.cac,
        "ltv_to_cac": row.ltv_to_cac, "payback_months": row.payback, "crc": row.crc, "ltv_to_crc": row.ltv_to_crc,
    }  # fmt: skip
