"""Facts in bulk: usage and custom readings."""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import transaction
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.batch import Batch, listed
from accounts.api.parsers import TooLarge
from accounts.api.views import View
from health.api import serializers as shapes
from health.domain.ingest import ingest_batch
from health.domain.readings import ReadingRow, store_readings


class Usage(View):
    scopes = {"POST": "ingest"}

    @extend_schema(
        summary="Send what was used",
        description="Up to 5,000 events. All valid ones are stored, each once per account and event id; the others "
        "come back by their place in the list, with what is wrong with them. What else an event carries is left aside.",
        request=shapes.UsageIn,
        responses=shapes.BatchOut,
    )
    def post(self, request: Request) -> Response:
        return Response(vars(ingest_batch(raw_json(request))))


def raw_json(request: Request) -> bytes:
    """The body as it came: a thousand events are not first made into dictionaries."""
    kind = (request.content_type or "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise UnsupportedMediaType(request.content_type or "")
    try:
        return request._request.body.removeprefix(b"\xef\xbb\xbf")
    except RequestDataTooBig as e:
        raise TooLarge from e


class Readings(View):
    scopes = {"POST": "ingest"}

    @extend_schema(
        summary="Send custom readings",
        description="Values from 0 to 100 under keys of your own, up to 1,000 a call. A score model weighs them as "
        "custom:key; each holds for 30 days. `onboarding` and `ttv` count as the indicators of these names for "
        "accounts without a checklist here.",
        request=shapes.ReadingsIn,
        responses=shapes.BatchOut,
    )
    def post(self, request: Request) -> Response:
        readings = listed(request.data, "readings", _("A list of readings is needed."))
        return Response(_stored(Batch(readings, shapes.ReadingIn)))


@transaction.atomic
def _stored(batch: Batch) -> dict[str, Any]:
    found = batch.of_accounts()
    rows = [ReadingRow(account, fields["key"], fields["value"], fields.get("at")) for _place, account, fields in found]
    return batch.answer(store_readings(rows), [place for place, _account, _fields in found])
