"""API v1 of the ground floor: shape in, a verb of the domain, shape out."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.db.models import DecimalField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from accounts.api import serializers as shapes
from accounts.api.filters import AccountsAsked, FollowUpsAsked, accounts_where, follow_ups_where
from accounts.api.idempotency import IdempotentWrites
from accounts.api.paging import CursorPages
from accounts.api.schema import page_of
from accounts.domain import followups
from accounts.domain.account_values import refuse
from accounts.domain.accounts import upsert_account
from accounts.domain.activity import Actor
from accounts.domain.contacts import clean_email, upsert_contact
from accounts.domain.subscriptions import upsert_subscription
from accounts.enums import FollowUpStatus
from accounts.exceptions import DomainError
from accounts.models import Account, FollowUp, Subscription, User


class View(IdempotentWrites, APIView):
    """Writing methods take Idempotency-Key; bringing facts in asks for the scope `ingest`."""

    scopes = {"PUT": "ingest"}

    def page(self, rows: QuerySet, shape: type[Serializer], **kwargs: Any) -> Response:
        pages = CursorPages()
        page = pages.paginate_queryset(rows, self.request, view=self)
        return pages.get_paginated_response(shape(page, many=True, **kwargs).data)


def actor_of(request: Request) -> Actor:
    """The program that calls, by its token's name."""
    return request.user.actor  # type: ignore[union-attr]  # a Program (see authentication.py)


def accounts() -> QuerySet[Account]:
    committed = (
        Subscription.objects.filter(account=OuterRef("pk"), ended_on__isnull=True)
        .order_by()
        .values("account")
        .values(total=Sum("mrr"))
    )
    return Account.objects.select_related("segment", "csm", "plan").annotate(
        committed_mrr=Coalesce(Subquery(committed), 0, output_field=DecimalField(max_digits=20, decimal_places=8))
    )


def account_or_404(external_id: str) -> Account:
    found = accounts().filter(external_id=external_id).first()
    if found is None:
        raise DomainError(_("There is no account %(id)s.") % {"id": external_id}, code="not_found", status=404)
    return found


def read(shape: type[Serializer], request: Request) -> dict[str, Any]:
    given = shape(data=request.data)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


def upserted(shape: type[Serializer], row: Any, result: str) -> Response:
    row.result = result
    code = status.HTTP_201_CREATED if result == "created" else status.HTTP_200_OK
    return Response(shape(row).data, status=code)


def upsert_responses(shape: type[Serializer]) -> dict[int, Any]:
    return {200: OpenApiResponse(shape, "Updated or unchanged."), 201: OpenApiResponse(shape, "Created.")}


class AccountList(View):
    @extend_schema(
        summary="Find accounts",
        operation_id="accounts_list",
        parameters=[AccountsAsked],
        responses=page_of(shapes.AccountRow),
    )
    def get(self, request: Request) -> Response:
        asked = AccountsAsked.of(request)
        return self.page(accounts().filter(accounts_where(asked)), shapes.AccountOut, only=asked.get("fields"))


class AccountDetail(View):
    @extend_schema(summary="One account", responses=shapes.AccountOut)
    def get(self, request: Request, external_id: str) -> Response:
        return Response(shapes.AccountOut(account_or_404(external_id)).data)

    @extend_schema(
        summary="Add or change an account",
        description="What is left out stays as it is. A new account needs a name.",
        request=shapes.AccountIn,
        responses=upsert_responses(shapes.AccountUpserted),
    )
    def put(self, request: Request, external_id: str) -> Response:
        fields = read(shapes.AccountIn, request)
        _account, result = upsert_account(external_id, by=actor_of(request), **fields)
        return upserted(shapes.AccountUpserted, account_or_404(external_id), result)


EMAIL = OpenApiParameter("email", {"type": "string", "format": "email"}, OpenApiParameter.PATH)


@extend_schema(parameters=[EMAIL])
class ContactDetail(View):
    @extend_schema(summary="One contact", responses=shapes.ContactOut)
    def get(self, request: Request, external_id: str, email: str) -> Response:
        contact = account_or_404(external_id).contacts.filter(email__iexact=email).first()
        if contact is None:
            raise Http404
        return Response(shapes.ContactOut(contact).data)

    @extend_schema(
        summary="Add or change a contact",
        description="What is left out stays as it is.",
        request=shapes.ContactIn,
        responses=upsert_responses(shapes.ContactUpserted),
    )
    def put(self, request: Request, external_id: str, email: str) -> Response:
        account, fields = account_or_404(external_id), read(shapes.ContactIn, request)
        row, result = upsert_contact(account, clean_email(email), by=actor_of(request), **fields)
        return upserted(shapes.ContactUpserted, row, result)


class SubscriptionDetail(View):
    @extend_schema(summary="One subscription", responses=shapes.SubscriptionOut)
    def get(self, request: Request, external_id: str, subscription_id: str) -> Response:
        rows = account_or_404(external_id).subscriptions.select_related("plan")
        if (row := rows.filter(external_id=subscription_id).first()) is None:
            raise Http404
        return Response(shapes.SubscriptionOut(row).data)

    @extend_schema(
        summary="Add or change a subscription",
        description="What is left out stays as it is. A change of price, seats or plan makes its MRR movement.",
        request=shapes.SubscriptionIn,
        responses=upsert_responses(shapes.SubscriptionUpserted),
    )
    def put(self, request: Request, external_id: str, subscription_id: str) -> Response:
        account, fields = account_or_404(external_id), read(shapes.SubscriptionIn, request)
        if not account.subscriptions.filter(external_id=subscription_id).exists():
            today = timezone.now().astimezone(account.time_zone).date()
            fields = {"currency": account.currency, "started_on": today, **fields}
        row, result = upsert_subscription(account, subscription_id, by=actor_of(request), **fields)
        return upserted(shapes.SubscriptionUpserted, row, result)


def follow_ups() -> QuerySet[FollowUp]:
    return FollowUp.objects.select_related("account", "assignee")


class FollowUpList(View):
    @extend_schema(
        summary="The queue",
        operation_id="follow_ups_list",
        description="Follow-ups that are open or snoozed, unless `status` says otherwise.",
        parameters=[FollowUpsAsked],
        responses=page_of(shapes.FollowUpRow),
    )
    def get(self, request: Request) -> Response:
        asked = FollowUpsAsked.of(request)
        return self.page(follow_ups().filter(follow_ups_where(asked)), shapes.FollowUpOut, only=asked.get("fields"))


class FollowUpDetail(View):
    @extend_schema(summary="One follow-up", responses=shapes.FollowUpOut)
    def get(self, request: Request, pk: int) -> Response:
        return Response(shapes.FollowUpOut(self.row(pk)).data)

    @extend_schema(
        summary="Do, snooze, hand over, cancel",
        request=shapes.FollowUpIn,
        responses=shapes.FollowUpOut,
    )
    def patch(self, request: Request, pk: int) -> Response:
        row, fields, actor = self.row(pk), read(shapes.FollowUpIn, request), actor_of(request)
        if not fields.keys() & {"status", "assignee"}:
            raise refuse("status", _("Say what to do: give a status, or an assignee."))
        with transaction.atomic(), named_as_sent():
            if "assignee" in fields:
                followups.reassign(row, to=worker(fields["assignee"]), by=actor, note=fields.get("note", ""))
            if "status" in fields:
                change_status(row, fields, actor)
        return Response(shapes.FollowUpOut(self.row(pk)).data)

    def row(self, pk: int) -> FollowUp:
        if (row := follow_ups().filter(pk=pk).first()) is None:
            raise Http404
        return row


SENT_AS = {"to": "assignee", "until": "snoozed_until", "why": "reason"}


@contextmanager
def named_as_sent() -> Iterator[None]:
    """A refusal names the fields as the program sent them, not as the verbs call them."""
    try:
        yield
    except DomainError as error:
        error.errors = {SENT_AS.get(name, name): said for name, said in error.errors.items()}
        raise


def worker(email: str) -> User:
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        raise refuse("assignee", _("Nobody here has the address %(email)s.") % {"email": email})
    return user


def change_status(row: FollowUp, fields: dict[str, Any], actor: Any) -> None:
    note, reason = fields.get("note", ""), fields.get("reason", "")
    match fields["status"]:
        case FollowUpStatus.DONE:
            followups.complete(row, by=actor, outcome=fields.get("outcome", ""), note=note)
        case FollowUpStatus.CANCELED:
            followups.cancel(row, by=actor, why=reason)
        case FollowUpStatus.OPEN:
            followups.wake(row, by=actor)
        case _snoozed:
            if "snoozed_until" not in fields:
                raise refuse("snoozed_until", _("Say until when."))
            until, over = fields["snoozed_until"], fields.get("past_promise", False)
            followups.snooze(row, by=actor, until=until, reason=reason, past_promise=over)
