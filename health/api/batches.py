"""Facts in bulk: usage and custom readings."""

from dataclasses import asdict
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import transaction
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import UnsupportedMediaType, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.parsers import TooLarge
from accounts.api.views import View
from accounts.models import Account
from health.api import serializers as shapes
from health.domain.ingest import ingest_batch
from health.domain.readings import ReadingRow, store_readings

MOST_READINGS = 1000


class Usage(View):
    scopes = {"POST": "ingest"}

    @extend_schema(
        summary="Send what was used",
        description="Up to 5,000 events. All valid ones are stored, each once per account and event id; the others "
        "come back by their place in the list, with what is wrong with them.",
        request=shapes.UsageIn,
        responses=shapes.BatchOut,
    )
    def post(self, request: Request) -> Response:
        return Response(asdict(ingest_batch(raw_json(request))))


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
        "custom:key; each holds for 30 days.",
        request=shapes.ReadingsIn,
        responses=shapes.BatchOut,
    )
    def post(self, request: Request) -> Response:
        return Response(_stored(_listed(request.data)))


def _listed(data: Any) -> list[Any]:
    readings = data.get("readings") if isinstance(data, dict) else None
    if not isinstance(readings, list):
        raise ValidationError({"readings": [_("A list of readings is needed.")]})
    if len(readings) > MOST_READINGS:
        raise TooLarge
    return readings


@transaction.atomic
def _stored(items: list[Any]) -> dict[str, Any]:
    rejected: list[dict[str, Any]] = []
    given = list(_sound(items, rejected))
    ids = _accounts({fields["account"] for _, fields in given})
    rows: list[tuple[int, ReadingRow]] = []
    for index, fields in given:
        if fields["account"] in ids:
            rows.append((index, ReadingRow(ids[fields["account"]], fields["key"], fields["value"], fields.get("at"))))
        else:
            sentence = _("There is no account %(id)s.") % {"id": fields["account"]}
            rejected.append({"index": index, "errors": {"account": [sentence]}})
    counts = store_readings([row for _, row in rows])
    for place, error in counts.refused:
        errors = {field: [str(e) for e in errors] for field, errors in error.errors.items()}
        rejected.append({"index": rows[place][0], "errors": errors})
    return {
        "accepted": counts.created + counts.updated,
        "duplicates": counts.unchanged,
        "rejected": sorted(rejected, key=lambda r: r["index"]),
    }


def _sound(items: list[Any], rejected: list[dict[str, Any]]) -> Any:
    for index, item in enumerate(items):
        shape = shapes.ReadingIn(data=item)
        if shape.is_valid():
            yield index, shape.validated_data
        else:
            rejected.append({"index": index, "errors": shape.errors})


def _accounts(external_ids: set[str]) -> dict[str, int]:
    return dict(Account.objects.filter(external_id__in=external_ids).values_list("external_id", "pk"))
