"""What lists can be asked for. Every parameter is checked: a misspelt one must not return everything."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from accounts.api.paging import CursorPages
from accounts.domain.listing import matching
from accounts.enums import Band, FollowUpStatus, Stage
from accounts.models.followup import OPEN

OPTIONAL: dict[str, Any] = {"required": False, "allow_blank": True}
MONEY: dict[str, Any] = {"max_digits": 20, "decimal_places": 8, "required": False}


class Asked(serializers.Serializer):
    cursor = serializers.CharField(**OPTIONAL, help_text="From `next` or `previous`.")
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=CursorPages.max_page_size)
    fields = serializers.CharField(**OPTIONAL, help_text="Only these, separated by commas.")

    @classmethod
    def of(cls, request: Request) -> dict[str, Any]:
        known = cls().fields.keys()
        if unknown := sorted(request.query_params.keys() - known):
            raise ValidationError({name: [_("There is no such parameter.")] for name in unknown})
        given = request.query_params  # as plain values: an empty date is no date, and not "left out" as in a form
        fields = cls().fields
        asked = cls(
            data={name: _value(fields[name], given, name) for name in fields if name in given and name != "cursor"}
        )
        asked.is_valid(raise_exception=True)
        return {name: value for name, value in asked.validated_data.items() if value not in ("", [], None)}


def _value(field: serializers.Field, given: Any, name: str) -> Any:
    return given.getlist(name) if isinstance(field, serializers.ListField) else given[name]


def only(asked: dict[str, Any], known: Iterable[str]) -> set[str] | None:
    """?fields=name,score: these and no others."""
    names, known = {name.strip() for name in asked.get("fields", "").split(",") if name.strip()}, set(known)
    if unknown := sorted(names - known):
        sentence = _("There is no field %(names)s; there are %(known)s.") % {
            "names": ", ".join(unknown)[:200],
            "known": ", ".join(sorted(known)),
        }
        raise ValidationError({"fields": [sentence]})
    return names or None


def several(choices: Any) -> Any:
    """?band=red&band=yellow"""
    return serializers.ListField(child=serializers.ChoiceField(choices=choices), required=False, max_length=20)


class AccountsAsked(Asked):
    q = serializers.CharField(**OPTIONAL, max_length=200, help_text="Part of the name, the domain or the id.")
    segment = serializers.CharField(**OPTIONAL, max_length=80, help_text="The key of a segment.")
    band = several(Band.choices)
    stage = several(Stage.choices)
    csm = serializers.EmailField(**OPTIONAL, help_text="The CSM's e-mail address.")
    mrr_min = serializers.DecimalField(**MONEY)
    mrr_max = serializers.DecimalField(**MONEY)
    decision_from = serializers.DateField(required=False)
    decision_to = serializers.DateField(required=False, help_text="Up to and with this day.")


ACCOUNTS_BY = {
    "segment": "segment__key",
    "band": "band__in",
    "stage": "stage__in",
    "csm": "csm__email__iexact",
    "mrr_min": "mrr__gte",
    "mrr_max": "mrr__lte",
    "decision_from": "decision_date__gte",
    "decision_to": "decision_date__lte",
}


def accounts_where(asked: dict[str, Any]) -> Q:
    where = Q(**{ACCOUNTS_BY[name]: value for name, value in asked.items() if name in ACCOUNTS_BY})
    if "band" in asked:  # those who have left have none, whatever their row still says
        where &= ~Q(stage=Stage.CHURNED)
    return where & matching(asked["q"]) if "q" in asked else where


class FollowUpsAsked(Asked):
    status = several([*FollowUpStatus.choices])
    assignee = serializers.EmailField(**OPTIONAL, help_text="An e-mail address.")
    account = serializers.CharField(**OPTIONAL, max_length=200, help_text="The external id of an account.")
    kind = serializers.CharField(**OPTIONAL, max_length=60, help_text="A playbook's key, or manual.")
    due_before = serializers.DateTimeField(required=False)
    due_from = serializers.DateTimeField(required=False)


FOLLOW_UPS_BY = {
    "status": "status__in",
    "assignee": "assignee__email__iexact",
    "account": "account__external_id",
    "kind": "kind",
    "due_before": "due_at__lt",
    "due_from": "due_at__gte",
}


def follow_ups_where(asked: dict[str, Any]) -> Q:
    """Those that are open or snoozed, unless a status is asked for."""
    where = Q(**{FOLLOW_UPS_BY[name]: value for name, value in asked.items() if name in FOLLOW_UPS_BY})
    return where if "status" in asked else where & OPEN
