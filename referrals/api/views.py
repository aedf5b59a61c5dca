"""Sign-ups, payments and refunds in; a partner's ledger out."""

from typing import Any

from django.db.models import F
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from accounts.api.views import View, account_or_404, actor_of, read
from accounts.domain.account_values import refuse
from accounts.exceptions import DomainError
from referrals.api import serializers as shapes
from referrals.domain.amounts import major
from referrals.domain.balances import balance_of
from referrals.domain.conversions import Payment, record_conversion
from referrals.domain.exactly import in_minor_units
from referrals.domain.naming import program_of, program_of_payment
from referrals.domain.refunds import GivenBack, record_refund
from referrals.domain.signing_up import SignUp, refer
from referrals.models import LedgerEntry, Partner, Program, Referral

SAID = ("clicks", "code", "coupon", "name", "email", "ip", "device", "channel", "source")
MONEY = ("amount", "tax", "discount")


def once(shape: type[Serializer], what: str) -> dict[int, Any]:
    return {
        200: OpenApiResponse(shape, f"It was {what} before: this is the first result."),
        201: OpenApiResponse(shape, f"Just {what}."),
    }


def answered(shape: type[Serializer], row: Any, *, new: bool) -> Response:
    return Response(shape(row).data, status=201 if new else 200)


class Referrals(View):
    scopes = {"POST": "ingest"}

    @extend_schema(
        summary="Somebody signed up",
        operation_id="referrals_create",
        description="Binds the customer to the partner whose coupon, click or code counts, once and for good. Sent "
        "again, it answers with whose they are. 422 `not_referred` where nobody referred them.",
        request=shapes.ReferralIn,
        responses=once(shapes.ReferralOut, "bound"),
    )
    def post(self, request: Request) -> Response:
        fields = read(shapes.ReferralIn, request)
        account = account_named(fields["account"]) if "account" in fields else None
        at = fields.get("signed_up_at") or timezone.now()
        row, new = refer(sign_up_of(program_of(fields), fields, at, account=account), by=actor_of(request))
        return answered(shapes.ReferralOut, Referral.objects.select_related("account").get(pk=row.pk), new=new)


def sign_up_of(program: Program, fields: dict[str, Any], at: Any, **more: Any) -> SignUp:
    told = {name: fields[name] for name in SAID if name in fields}
    return SignUp(program, fields["customer"], at, **told, **more)


def account_named(external_id: str) -> Any:
    try:
        return account_or_404(external_id)
    except DomainError as error:
        raise DomainError(error.message, code="invalid", errors={"account": [error.message]}) from None


class Conversions(View):
    scopes = {"POST": "ingest"}

    @extend_schema(
        summary="A referred customer paid",
        operation_id="conversions_create",
        description="Counted once in a program and source; sent again, with whatever in it, the first result comes "
        "back. A customer who is not bound yet can be, by a coupon, code or clicks that come along.",
        request=shapes.ConversionIn,
        responses=once(shapes.ConversionOut, "counted"),
    )
    def post(self, request: Request) -> Response:
        row, new = record_conversion(payment_of(read(shapes.ConversionIn, request)), by=actor_of(request))
        return answered(shapes.ConversionOut, row, new=new)


def payment_of(fields: dict[str, Any]) -> Payment:
    program = program_of(fields)
    currency, at = fields.get("currency") or program.currency, fields.get("occurred_at") or timezone.now()
    given = {name: in_minor_units(fields[name], currency, field=name) for name in MONEY if name in fields}
    binds = any(fields.get(name) for name in ("clicks", "code", "coupon"))
    bare = {name: value for name, value in fields.items() if name != "source"}
    return Payment(
        program,
        fields.get("source", ""),
        fields["external_id"],
        fields["customer"],
        at,
        given.pop("amount"),
        currency,
        **given,
        sign_up=sign_up_of(program, bare, at) if binds else None,
    )


class Refunds(View):
    scopes = {"POST": "ingest"}

    @extend_schema(
        summary="A referred customer got money back",
        operation_id="refunds_create",
        description="Takes back what the payment had earned, in proportion. One that comes before its payment waits "
        "for it; one above what is left is refused.",
        request=shapes.RefundIn,
        responses=once(shapes.RefundOut, "taken"),
    )
    def post(self, request: Request) -> Response:
        fields = read(shapes.RefundIn, request)
        source, conversion = fields.get("source") or "api", fields["conversion"]
        program, known = program_of_payment(fields.get("program", ""), source, conversion)
        currency = fields.get("currency") or known or program.currency
        if known and currency != known:
            raise refuse("currency", _("The payment was in %(currency)s.") % {"currency": known})
        amount = in_minor_units(fields["amount"], currency) if "amount" in fields else None
        at = fields.get("occurred_at") or timezone.now()
        given = GivenBack(program, source, fields["external_id"], conversion, at, amount)
        row, new = record_refund(given, by=actor_of(request))
        return answered(shapes.RefundOut, row, new=new)


class PartnerLedger(View):
    @extend_schema(
        summary="A partner's ledger",
        operation_id="partners_ledger",
        description="Every entry there ever was, oldest first, and what they add up to now.",
        parameters=[shapes.LedgerAsked],
        responses=shapes.LedgerOut,
    )
    def get(self, request: Request, pk: int) -> Response:
        asked = shapes.LedgerAsked.of(request)
        partner = Partner.objects.select_related("program").filter(pk=pk).first()
        if partner is None:
            raise Http404
        rows = LedgerEntry.objects.filter(partner=partner).select_related("referral", "conversion", "refund")
        if "kind" in asked:
            rows = rows.filter(kind__in=asked["kind"])
        page = self.page(rows.annotate(paid_in=F("item__payout")), shapes.EntryOut)
        head = {"partner": partner.pk, "name": partner.name, "program": partner.program.slug, "status": partner.status}
        return Response({**head, "balance": told_balance(partner), **page.data})


def told_balance(partner: Partner) -> dict[str, str]:
    sums, currency = balance_of(partner.pk), partner.program.currency
    names = ("total", "available", "pending", "held", "earned", "paid")
    return {"currency": currency, **{name: f"{major(getattr(sums, name), currency):f}" for name in names}}
