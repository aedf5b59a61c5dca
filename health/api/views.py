"""Tickets and invoices in, health out."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from accounts.api.views import View, account_or_404, read, upsert_responses, upserted
from accounts.domain.account_values import clean_external_id
from accounts.enums import Band, Stage
from accounts.exceptions import DomainError
from accounts.models import Account
from health.api import serializers as shapes
from health.domain.breakdown import Breakdown, breakdown
from health.domain.explain import moves
from health.domain.history import latest_score, trend_of
from health.domain.invoices import InvoiceRow, save_invoice
from health.domain.tickets import TicketRow, save_ticket
from health.models import Invoice, Ticket


class TicketDetail(View):
    @extend_schema(summary="One ticket", responses=shapes.TicketOut)
    def get(self, request: Request, external_id: str, ticket_id: str) -> Response:
        return Response(shapes.TicketOut(_part(account_or_404(external_id).tickets, ticket_id)).data)

    @extend_schema(
        summary="Add or change a ticket",
        description="What is left out stays as it is.",
        request=shapes.TicketIn,
        responses=upsert_responses(shapes.TicketUpserted),
    )
    def put(self, request: Request, external_id: str, ticket_id: str) -> Response:
        account, fields = account_or_404(external_id), read(shapes.TicketIn, request)
        known = _known(account.tickets, clean_external_id(ticket_id), TicketRow)
        defaults = {"account_id": account.pk, "external_id": ticket_id, "opened_at": timezone.now()}
        result = save_ticket(TicketRow(**{**defaults, **_reopened(known, fields)}))
        return upserted(shapes.TicketUpserted, account.tickets.get(external_id=ticket_id), result)


def _reopened(known: dict[str, Any], fields: dict[str, Any]) -> dict[str, Any]:
    """Said to be open again, a ticket has no end; said to be closed, it has one."""
    if fields.get("status") == "open" and "closed_at" not in fields:
        fields["closed_at"] = None
    if fields.get("status") == "closed" and not (fields.get("closed_at") or known.get("closed_at")):
        fields["closed_at"] = timezone.now()
    return {**known, **fields}


class InvoiceDetail(View):
    @extend_schema(summary="One invoice", responses=shapes.InvoiceOut)
    def get(self, request: Request, external_id: str, invoice_id: str) -> Response:
        return Response(shapes.InvoiceOut(_part(account_or_404(external_id).invoices, invoice_id)).data)

    @extend_schema(
        summary="Add or change an invoice",
        description="What is left out stays as it is. A day of payment makes it paid.",
        request=shapes.InvoiceIn,
        responses=upsert_responses(shapes.InvoiceUpserted),
    )
    def put(self, request: Request, external_id: str, invoice_id: str) -> Response:
        account, fields = account_or_404(external_id), read(shapes.InvoiceIn, request)
        known = _known(account.invoices, clean_external_id(invoice_id), InvoiceRow)
        result = save_invoice(_invoice_row(account, invoice_id, known, fields))
        return upserted(shapes.InvoiceUpserted, account.invoices.get(external_id=invoice_id), result)


def _invoice_row(account: Account, invoice_id: str, known: dict[str, Any], fields: dict[str, Any]) -> InvoiceRow:
    if not known and (missing := [name for name in ("amount", "due_on") if name not in fields]):
        raise ValidationError({name: [_("A new invoice needs this.")] for name in missing})
    if fields.get("status") == "open" and "paid_on" not in fields:
        fields["paid_on"] = None
    row = {"account_id": account.pk, "external_id": invoice_id, "currency": account.currency, **known, **fields}
    row.setdefault("issued_on", min(_today(account), row["due_on"]))
    if row.get("status") == "paid" and not row.get("paid_on"):
        row["paid_on"] = _today(account)
    return InvoiceRow(**{**row, "amount": Decimal(row["amount"])})


def _today(account: Account) -> date:
    return timezone.now().astimezone(account.time_zone).date()


def _part(rows: Any, external_id: str) -> Ticket | Invoice:
    if (row := rows.filter(external_id=external_id).first()) is None:
        raise Http404
    return row


def _known(rows: Any, external_id: str, shape: Any) -> dict[str, Any]:
    """The stored row by its fields, or nothing."""
    return rows.filter(external_id=external_id).values(*shape._fields).first() or {}


class Health(View):
    @extend_schema(
        summary="How an account stands, and why",
        parameters=[shapes.DayAsked],
        responses=shapes.HealthOut,
    )
    def get(self, request: Request, external_id: str) -> Response:
        account, asked = account_or_404(external_id), asked_of(shapes.DayAsked, request)
        # Who has left has no health; a past day can still be asked for.
        gone = account.stage == Stage.CHURNED and "on" not in asked
        parts = None if gone else breakdown(account, asked.get("on"))
        return Response(shapes.HealthOut(_health(account, parts)).data)


def _health(account: Account, parts: Breakdown | None) -> dict[str, Any]:
    if parts is None:
        nothing = dict.fromkeys(("day", "score", "capped_by", "low", "high", "trend", "model", "version"))
        band = None if account.stage == Stage.CHURNED else Band.UNKNOWN
        return {"account": account.external_id, **nothing, "band": band, "known_weight": 0, "indicators": []}
    return {
        "account": account.external_id,
        "day": parts.day,
        "score": parts.score,
        "band": parts.band,
        "capped_by": parts.capped_by or None,
        "known_weight": parts.known_weight,
        "low": parts.low,
        "high": parts.high,
        "trend": trend_of(account, parts.day),
        "model": str(parts.version.model),
        "version": parts.version.number,
        "indicators": parts.parts,
    }


class HealthMoves(View):
    @extend_schema(
        summary="What moved the score between two days",
        description="Effects in tenths of a point; they add up exactly to the change.",
        parameters=[shapes.DaysAsked],
        responses=shapes.MovesOut,
    )
    def get(self, request: Request, external_id: str) -> Response:
        account, asked = account_or_404(external_id), asked_of(shapes.DaysAsked, request)
        latest = latest_score(account)
        day_to = asked.get("to") or (latest.day if latest else _today(account))
        day_from = asked.get("from") or day_to - min(timedelta(days=28), day_to - date.min)
        if day_from >= day_to:
            raise DomainError(
                _("The first day comes before the second."),
                code="invalid",
                errors={"from": [_("Choose an earlier day.")]},
            )
        return Response(shapes.MovesOut(moves(account, day_from, day_to)).data)


def asked_of(shape: type[Serializer], request: Request) -> dict[str, Any]:
    if unknown := sorted(set(request.query_params) - set(shape().fields)):
        raise ValidationError({name: [_("There is no such parameter.")] for name in unknown})
    asked = shape(data=request.query_params.dict())  # of a form, an empty day would count as none
    asked.is_valid(raise_exception=True)
    return dict(asked.validated_data)
