"""Answers in, and what they add up to."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models.functions import Lower
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.batch import Batch, listed
from accounts.api.views import View, actor_of
from accounts.models import Contact
from health.api import survey_serializers as shapes
from health.api.serializers import BatchOut
from health.api.views import asked_of
from health.domain.answers import AnswerRow, upsert_answers
from health.domain.surveys.figures import Figure, Part, Period, Voice, voice
from health.models import Survey

USUAL_DAYS = 90


class SurveyAnswers(View):
    scopes = {"POST": "ingest"}

    @extend_schema(
        summary="Send answers given elsewhere",
        description="In the product itself, by telephone, to another tool: up to 1,000 a call. The same external id of "
        "an account is the same answer; sent again, it is changed. What is older than 7 days opens no follow-ups.",
        request=shapes.AnswersIn,
        responses=BatchOut,
    )
    def post(self, request: Request, slug: str) -> Response:
        survey = Survey.objects.filter(slug=slug).first()
        if survey is None:
            raise Http404
        answers = listed(request.data, "answers", _("A list of answers is needed."))
        return Response(_stored(survey, Batch(answers, shapes.AnswerIn), actor_of(request)))


@transaction.atomic
def _stored(survey: Survey, batch: Batch, by: Any) -> dict[str, Any]:
    found = batch.of_accounts()
    addresses = {fields.get("email", "").lower() for _place, _account, fields in found} - {""}
    contacts = _contacts({account for _place, account, _fields in found}, addresses)
    rows = [
        _row(survey, fields, account, contacts.get((account, fields.get("email", "").lower())))
        for _place, account, fields in found
    ]
    return batch.answer(upsert_answers(rows, by=by), [place for place, _account, _fields in found])


def _contacts(accounts: Iterable[int], addresses: set[str]) -> dict[tuple[int, str], int]:
    rows = Contact.objects.annotate(address=Lower("email")).filter(account__in=accounts, address__in=addresses)
    return {(account_id, address): pk for account_id, address, pk in rows.values_list("account_id", "address", "pk")}


def _row(survey: Survey, fields: dict[str, Any], account_id: int, contact_id: int | None) -> AnswerRow:
    return AnswerRow(
        account_id,
        fields["external_id"],
        fields.get("score"),
        fields.get("answered_at") or timezone.now(),
        fields.get("comment", ""),
        contact_id,
        survey.slug[:40],
        survey.kind,
        survey.pk,
        fields.get("reason", ""),
    )


# Figures ----------------------------------------------------------------------------------------------------


class Nps(View):
    @extend_schema(
        summary="NPS of a period",
        description="With its margin of error, its change against as long a time before, and three views of the same "
        "answers: every answer, every account, every unit of MRR. The last 90 days, if nothing is said.",
        parameters=[shapes.NpsAsked],
        responses=shapes.NpsOut,
    )
    def get(self, request: Request) -> Response:
        asked = asked_of(shapes.NpsAsked, request)
        told = voice(_period(asked.get("from"), asked.get("to")))
        return Response(shapes.NpsOut(_told(told, asked.get("by", ""))).data)


def _period(first: date | None, until: date | None) -> Period:
    if until is None:
        until = timezone.now().date() + timedelta(days=1)
    if first is None:
        first = until - timedelta(days=USUAL_DAYS) if until.toordinal() > USUAL_DAYS else date.min
    return Period.of(first, until)


def _told(told: Voice, by: str) -> dict[str, Any]:
    parts: dict[str, list[Part]] = {"segment": told.segments, "csm": told.csms, "plan": told.plans}
    return {
        **_figure(told.figure),
        "from": told.period.first,
        "to": told.period.until,
        "change": told.change,
        "previous": _figure(told.previous),
        "views": told.views,
        "response": told.rates,
        "closed_loop": told.loop,
        "months": [{"month": part.key, **_figure(part.figure)} for part in told.trend],
        "by": by or None,
        "groups": [{"key": part.key, "name": part.name, **_figure(part.figure)} for part in parts.get(by, ())],
    }


def _figure(figure: Figure) -> dict[str, Any]:
    names = ("promoters", "passives", "detractors", "n", "nps", "display", "se", "moe95", "too_few")
    return {name: getattr(figure, name) for name in names}
