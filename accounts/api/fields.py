"""Fields that take what the schema says and nothing else: "5" is no number, 1 is not true."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.domain.account_values import zones

DECIMAL = r"^-?\d{1,12}(\.\d{1,8})?$"


class Text(serializers.CharField):
    default_error_messages = {"invalid": _("This is no text.")}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        # What cannot be stored is taken out by the domain (text.one_line), not refused.
        if isinstance(data, str):
            data = data.replace("\x00", "").encode("utf-8", "ignore").decode()
        return super().run_validation(data)


class Whole(serializers.IntegerField):
    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return super().to_internal_value(data)


class Truth(serializers.BooleanField):
    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Day(serializers.DateField):
    def to_internal_value(self, value: Any) -> Any:
        if not isinstance(value, str):
            self.fail("invalid", format="YYYY-MM-DD")
        return super().to_internal_value(value)


class Moment(serializers.DateTimeField):
    def to_internal_value(self, value: Any) -> Any:
        if not isinstance(value, str):
            self.fail("invalid", format="YYYY-MM-DDThh:mm[:ss][+HH:MM|-HH:MM|Z]")
        try:
            return super().to_internal_value(value)
        except (OverflowError, ValueError):  # year 1 or 9999, moved over the edge by its zone
            self.fail("invalid", format="YYYY-MM-DDThh:mm[:ss][+HH:MM|-HH:MM|Z]")


class TimeZone(serializers.ChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=sorted(zones()), **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        return super().to_internal_value(data) if isinstance(data, str) else self.fail("invalid_choice", input=data)


@extend_schema_field(
    {"oneOf": [{"type": "number", "minimum": 0}, {"type": "string", "pattern": r"^\d{1,12}(\.\d{1,8})?$"}]}
)
class Amount(serializers.DecimalField):
    """Money or a per cent: a number, or a text that keeps every digit."""

    def __init__(self, *, most: Decimal = Decimal(1_000_000_000), places: int = 8, **kwargs: Any) -> None:
        super().__init__(max_digits=12 + places, decimal_places=places, min_value=Decimal(0), max_value=most, **kwargs)

    def to_internal_value(self, data: Any) -> Decimal:
        if isinstance(data, bool) or not isinstance(data, (int, float, str)) or len(str(data)) > 60:
            self.fail("invalid")
        return super().to_internal_value(data)


@extend_schema_field(OpenApiTypes.OBJECT)
class Anything(serializers.JSONField):
    """An object of the caller's own."""


class Strict(serializers.Serializer):
    """Refuses what it does not know: a misspelt field must not be lost in silence."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            known = {name for name, field in self.fields.items() if not field.read_only}
            if unknown := sorted(set(data) - known):
                raise serializers.ValidationError({name: [_("There is no such field.")] for name in unknown})
        return super().to_internal_value(data)


class Rejected(serializers.Serializer):
    """A row of a batch that was not taken, by its place."""

    index = serializers.IntegerField()
    errors = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))  # type: ignore[assignment]
