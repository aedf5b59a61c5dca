"""What lists can be asked for. Every parameter is checked: a misspelt one must not return everything."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from accounts.api.fields import DECIMAL, Day, Moment, Text
from accounts.api.paging import CURSOR, CursorPages
from accounts.api.serializers import AccountOut, FollowUpOut
from accounts.domain.listing import matching
from accounts.enums import Band, FollowUpStatus, Stage
from accounts.models.followup import OPEN


@extend_schema_field({"type": "string", "pattern": CURSOR})
class CursorField(serializers.CharField):
    """Read by CursorPages; here for the schema's sake."""


def chosen(shape: type[serializers.Serializer]) -> type[serializers.Field]:
    """?fields=name,score: these and no others."""
    known = list(shape().fields)
    one = f"({'|'.join(known)})"

    @extend_schema_field({"type": "string", "pattern": f"^{one}(,{one})*$"})
    class Chosen(Text):
        def to_internal_value(self, data: Any) -> Any:
            names = {name.strip() for name in super().to_internal_value(data).split(",")}
            if unknown := sorted(names - set(known)):
                sentence = _("There is no field %(names)s; there are %(known)s.") % {
                    "names": ", ".join(unknown)[:200],
                    "known": ", ".join(sorted(known)),
                }
                raise ValidationError([sentence])
            return names

    return Chosen


@extend_schema_field({"type": "string", "pattern": DECIMAL})
class Money(serializers.DecimalField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=20, decimal_places=8, **kwargs)


class Asked(serializers.Serializer):
    cursor = CursorField(required=False, help_text="From `next` or `previous`.")
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=CursorPages.max_page_size)

    @classmethod
    def of(cls, request: Request) -> dict[str, Any]:
        given, known = request.query_params, cls().fields
        if unknown := sorted(set(given) - set(known)):
            raise ValidationError({name: [_("There is no such parameter.")] for name in unknown})
        # As plain values: an empty date is no date, and not "left out" as in a form.
        values = {name: _value(known[name], given, name) for name in known if name in given and name != "cursor"}
        asked = cls(data=values)
        asked.is_valid(raise_exception=True)
        return dict(asked.validated_data)


def _value(field: serializers.Field, given: Any, name: str) -> Any:
    return given.getlist(name) if isinstance(field, serializers.ListField) else given[name]


def several(choices: Iterable[tuple[str, Any]]) -> Any:
    """?band=red&band=yellow"""
    child = serializers.ChoiceField(choices=list(choices))
    return serializers.ListField(child=child, required=False, min_length=1, max_length=20)


class AccountsAsked(Asked):
    fields = chosen(AccountOut)(required=False, help_text="Only these, separated by commas.")  # type: ignore[assignment]
    q = Text(required=False, max_length=200, help_text="Part of the name, the domain or the id.")
    segment = Text(required=False, max_length=80, help_text="The key of a segment.")
    band = several(Band.choices)
    stage = several(Stage.choices)
    csm = Text(required=False, max_length=254, help_text="The CSM's e-mail address.")
    mrr_min = Money(required=False)
    mrr_max = Money(required=False)
    decision_from = Day(required=False)
    decision_to = Day(required=False, help_text="Up to and with this day.")


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
    fields = chosen(FollowUpOut)(required=False, help_text="Only these, separated by commas.")  # type: ignore[assignment]
    status = several(FollowUpStatus.choices)
    assignee = Text(required=False, max_length=254, help_text="An e-mail address.")
    account = Text(required=False, max_length=200, help_text="The external id of an account.")
    kind = Text(required=False, max_length=60, help_text="A playbook's key, or manual.")
    due_before = Moment(required=False)
    due_from = Moment(required=False)


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
