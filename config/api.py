"""API v1 as a whole: addresses, paging, errors."""

from typing import Any

from django.urls import include, path
from django.utils.translation import gettext as _
from rest_framework import status
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.response import Response
from rest_framework.views import exception_handler as default_handler, set_rollback

from accounts.exceptions import DomainError


class CursorPages(CursorPagination):
    ordering = "id"
    page_size_query_param = "page_size"
    max_page_size = 500


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Every refusal has one shape: {"detail", "code", "errors"}. What is not a refusal stays a 500."""
    if isinstance(error, DomainError):
        set_rollback()
        body = {"detail": str(error), "code": error.code}
        if error.errors:
            body["errors"] = {field: [str(e) for e in errors] for field, errors in error.errors.items()}
        return Response(body, status=error.status)
    response = default_handler(error, context)
    if response is None:
        return None
    if isinstance(error, ValidationError):
        response.status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
        response.data = _validation_body(error)
    elif isinstance(error, APIException):
        response.data = {"detail": str(error.detail), "code": error.get_codes()}
    else:  # Django's own Http404 and PermissionDenied
        response.data = {"detail": str(response.data["detail"]), "code": response.data["detail"].code}
    return response


def _validation_body(error: ValidationError) -> dict[str, Any]:
    errors = error.detail if isinstance(error.detail, dict) else {"non_field_errors": error.detail}
    return {"detail": _("Some of this cannot be taken as it is."), "code": "invalid", "errors": errors}


urlpatterns = [
    path("", include("accounts.api.urls")),
    path("", include("health.api.urls")),
]
