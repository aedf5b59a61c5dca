"""What OpenAPI says of every operation without each saying it: refusals, Idempotency-Key, tags."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, inline_serializer
from rest_framework import serializers

from accounts.api.authentication import scope_of
from accounts.api.fields import Strict
from accounts.api.idempotency import HEADER, LONGEST, WRITES

REFUSALS = {
    "400": "The request is malformed: no JSON, or a cursor that is none.",
    "401": "The token is missing, unknown, expired or revoked.",
    "403": "The token does not have the scope for that.",
    "404": "There is no such thing.",
    "409": "It cannot be so as things stand, or the Idempotency-Key came before with another request.",
    "413": "The body is too large.",
    "415": "The body is not JSON.",
    "422": "Some of it cannot be taken as it is; `errors` says which field and why.",
    "429": "Too many calls: wait as many seconds as Retry-After says.",
    "503": "The database is away: try again in a moment.",
}
READING = ("400", "401", "403", "404", "422", "429", "503")


class Errors(serializers.Serializer):
    detail = serializers.CharField()
    code = serializers.CharField()
    errors = serializers.DictField(  # type: ignore[assignment]
        required=False, child=serializers.JSONField()
    )


def page_of(shape: type[serializers.Serializer]) -> Any:
    """A page of a list, as CursorPages answers it."""
    address: dict[str, Any] = {"allow_null": True, "help_text": "The whole address, with its cursor."}
    fields = {
        "next": serializers.URLField(**address),
        "previous": serializers.URLField(**address),
        "results": shape(many=True),
    }
    return inline_serializer(f"{shape.__name__}Page", fields)


class Schema(AutoSchema):
    def get_description(self) -> str:  # type: ignore[override]  # as drf-spectacular has it
        """A call that says nothing of itself is not told what its class is about inside."""
        return getattr(self.view, self.method.lower()).__doc__ or ""

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation = super().get_operation(*args, **kwargs)
        if operation is not None:
            told = (operation.get("description", ""), f"Scope: `{scope_of(self.view, self.method)}`.")
            operation["description"] = "\n\n".join(filter(None, told))
        return operation

    def get_override_parameters(self) -> list[Any]:
        if self.method.lower() not in WRITES:
            return []
        about = "Sent again with the same key, the same request answers what it answered first."
        return [
            OpenApiParameter(
                HEADER,
                {"type": "string", "minLength": 1, "maxLength": LONGEST, "pattern": "^[!-~]+$"},
                OpenApiParameter.HEADER,
                description=about,
            )
        ]

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> dict[str, Any]:
        schema = super()._map_basic_serializer(serializer, direction)
        if getattr(serializer, "sparse", False):  # ?fields= leaves out any of them
            schema.pop("required", None)
        return {**schema, "additionalProperties": False} if isinstance(serializer, Strict) else schema

    def get_tags(self) -> list[str]:
        return [self.path.removeprefix("/api/v1/").split("/")[0]]

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies = super()._get_response_bodies(direction)
        codes = REFUSALS if self.method.lower() in WRITES else READING
        for code in codes:
            if code not in bodies:
                response = OpenApiResponse(Errors, description=REFUSALS[code])
                bodies[code] = self._get_response_for_code(response, code)
        return bodies
