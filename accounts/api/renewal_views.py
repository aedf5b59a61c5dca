"""`GET /renewals` and what a program may do with one: the verbs are those of the pages."""

from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.renewals import RenewalIn, RenewalOut, RenewalRow, RenewalsAsked, renewals_where
from accounts.api.schema import page_of
from accounts.api.views import View, actor_of, read
from accounts.domain.account_values import refuse
from accounts.domain.renewals import listing, work
from accounts.enums import RenewalStage
from accounts.models import Renewal

AGREED = ("mrr", "unit_amount", "quantity", "reason", "comment")


class RenewalList(View):
    @extend_schema(
        summary="Renewals",
        operation_id="renewals_list",
        description="One for each term: what is at stake, when it is decided, how likely it renews and who says so.",
        parameters=[RenewalsAsked],
        responses=page_of(RenewalRow),
    )
    def get(self, request: Request) -> Response:
        asked = RenewalsAsked.of(request)
        return self.page(listing.rows().filter(renewals_where(asked)), RenewalOut, only=asked.get("fields"))


class RenewalDetail(View):
    @extend_schema(summary="One renewal", responses=RenewalOut)
    def get(self, request: Request, pk: int) -> Response:
        return Response(RenewalOut(self.row(pk)).data)

    @extend_schema(
        summary="Move its stage, say how likely it is, decide it",
        description="Decided exactly once: whoever comes second gets 409 with who decided what.",
        request=RenewalIn,
        responses=RenewalOut,
    )
    def patch(self, request: Request, pk: int) -> Response:
        row, fields, actor = self.row(pk), read(RenewalIn, request), actor_of(request)
        if not fields.keys() & {"stage", "probability"}:
            raise refuse("stage", _("Say what to do: give a stage, or a probability."))
        with transaction.atomic():
            if "probability" in fields:
                work.call(row, fields["probability"], fields.get("probability_reason", ""), by=actor)
            if "stage" in fields:
                change_stage(row, fields, actor)
        return Response(RenewalOut(self.row(pk)).data)

    def row(self, pk: int) -> Renewal:
        if (row := listing.one(pk)) is None:
            raise Http404
        return row


def change_stage(row: Renewal, fields: dict[str, Any], actor: Any) -> None:
    if fields["stage"] in RenewalStage.open():
        work.move_stage(row, fields["stage"], by=actor)
    else:
        agreed = {name: fields[name] for name in AGREED if name in fields}
        work.decide(row, fields["stage"], by=actor, **agreed)
