"""Batches: many facts in one call. The good ones are taken, the others come back by their place in the list."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from accounts.api.parsers import TooLarge
from accounts.domain.bulk import Counts
from accounts.models import Account

MOST = 1000


def listed(data: Any, name: str, sentence: str) -> list[Any]:
    """The list of that name; refused as a whole where it is none, or too long."""
    items = data.get(name) if isinstance(data, dict) else None
    if not isinstance(items, list):
        raise ValidationError({name: [sentence]})
    if len(items) > MOST:
        raise TooLarge
    return items


class Batch:
    """What came in, checked one by one: `given` holds what is sound, with its place."""

    def __init__(self, items: Sequence[Any], shape: type[serializers.Serializer]) -> None:
        self.given: list[tuple[int, dict[str, Any]]] = []
        self.rejected: list[dict[str, Any]] = []
        for index, item in enumerate(items):
            row = shape(data=item)
            if row.is_valid():
                self.given.append((index, row.validated_data))
            else:
                self.reject(index, row.errors)

    def reject(self, index: int, errors: Any) -> None:
        self.rejected.append({"index": index, "errors": errors})

    def of_accounts(self) -> list[tuple[int, int, dict[str, Any]]]:
        """(place, account's id, fields) of those whose `account` there is; the others are rejected."""
        named = Account.objects.filter(external_id__in={fields["account"] for _index, fields in self.given})
        ids = dict(named.values_list("external_id", "pk"))
        for index, fields in self.given:
            if fields["account"] not in ids:
                self.reject(index, {"account": [_("There is no account %(id)s.") % {"id": fields["account"]}]})
        return [(index, ids[fields["account"]], fields) for index, fields in self.given if fields["account"] in ids]

    def answer(self, counts: Counts, places: Sequence[int]) -> dict[str, Any]:
        """How it ended; `places` of the rows that `counts` is about, in their order."""
        for row, error in counts.refused:
            self.reject(places[row], {field: [str(e) for e in errors] for field, errors in error.errors.items()})
        return {
            "accepted": counts.created + counts.updated,
            "duplicates": counts.unchanged,
            "rejected": sorted(self.rejected, key=lambda rejected: rejected["index"]),
        }
