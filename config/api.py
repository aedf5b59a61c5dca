"""API v1 as a whole: addresses, refusals, the schema and its page."""

from collections.abc import Iterator
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

import structlog
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path, re_path
from django.utils.translation import get_language, gettext as _
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework import status
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import APIException, NotFound, ValidationError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView, exception_handler as default_handler, set_rollback

from accounts.api.authentication import TokenAuthentication
from accounts.api.parsers import TooLarge
from accounts.exceptions import DomainError

log = structlog.get_logger(__name__)


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Every refusal has one shape: {"detail", "code", "errors"}. What is not a refusal stays a 500."""
    if isinstance(error, DomainError):
        return _refusal(error)
    if isinstance(error, (OperationalError, InterfaceError)):
        log.warning("database away", error=str(error))
        return _away()
    if isinstance(error, RequestDataTooBig):
        error = TooLarge()
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


def _refusal(error: DomainError) -> Response:
    set_rollback()
    body: dict[str, Any] = {"detail": str(error), "code": error.code}
    if error.errors:
        body["errors"] = {field: [str(e) for e in errors] for field, errors in error.errors.items()}
    return Response(body, status=error.status)


def _away() -> Response:
    """The database is restarting, or two writers met: a moment later it goes well."""
    body = {"detail": _("The database cannot answer right now: try again in a moment."), "code": "unavailable"}
    return Response(body, status=status.HTTP_503_SERVICE_UNAVAILABLE, headers={"Retry-After": "2"})


def _validation_body(error: ValidationError) -> dict[str, Any]:
    errors = error.detail if isinstance(error.detail, dict) else {"non_field_errors": error.detail}
    told = {field: list(dict.fromkeys(_sentences(found))) for field, found in errors.items()}
    return {"detail": _("Some of this cannot be taken as it is."), "code": "invalid", "errors": told}


def _sentences(found: Any) -> Iterator[str]:
    """Sentences alone, in whatever the rest framework wraps those of a list's items."""
    if isinstance(found, dict):
        for key, inner in found.items():
            yield from _sentences(inner) if isinstance(key, int) else (f"{key}: {one}" for one in _sentences(inner))
    elif isinstance(found, list | tuple):
        for inner in found:
            yield from _sentences(inner)
    else:
        yield str(found)


@extend_schema(exclude=True)
class Nowhere(APIView):
    """Addresses that are none, answered as the rest of the API answers."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        raise NotFound


class ByFormat(DefaultContentNegotiation):
    """?format=json, as other schemas have it; lists of ours know no such parameter."""

    settings = SimpleNamespace(URL_FORMAT_OVERRIDE="format")


@lru_cache(maxsize=8)
def _schema(_language: str | None, version: str | None) -> dict[str, Any]:
    return SchemaGenerator(api_version=version).get_schema(public=True)


class KeptSchema(SchemaGenerator):
    """Half a second of work, for the same answer to everybody: done once for each language."""

    def get_schema(self, request: Request | None = None, public: bool = False) -> dict[str, Any]:
        return _schema(get_language(), self.api_version)


class Schema(SpectacularAPIView):
    """For programs with any token, and for everybody who is signed in."""

    generator_class = KeptSchema
    content_negotiation_class = ByFormat

    authentication_classes = [TokenAuthentication, SessionAuthentication]
    permission_classes = [IsAuthenticated]


def docs(request: HttpRequest) -> HttpResponse:
    """The page of it, for people; its schema and scripts are ours, so the content security policy holds."""
    return render(request, "api_docs.html")


urlpatterns = [
    path("", include("accounts.api.urls")),
    path("", include("health.api.urls")),
    path("", include("onboarding.api.urls")),
    path("", include("referrals.api.urls")),
    re_path("", Nowhere.as_view()),
]
