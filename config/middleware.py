"""What happens around every page: health addresses, the reader's language and zone, htmx, sign-in, refusals."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.middleware import LoginRequiredMiddleware as DjangoLoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.exceptions import DomainError
from config import health, metrics
from config.toasts import toast, toast_messages

GetResponse = Callable[[HttpRequest], HttpResponse]


class HealthMiddleware:
    """Answers the machines' addresses before sessions and sign-in, and counts what goes by."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if view := health.ADDRESSES.get(request.path):
            return view(request)
        started = time.perf_counter()
        response = self.get_response(request)
        metrics.count_request(request, response, time.perf_counter() - started)
        return response


class ReaderMiddleware:
    """Pages speak the reader's language and show times in the reader's zone."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if not user.is_authenticated:
            return self.get_response(request)  # LocaleMiddleware has asked the browser
        # Not undone here: LocaleMiddleware, further out, names the language in the response.
        translation.activate(user.language)
        request.LANGUAGE_CODE = translation.get_language()  # type: ignore[attr-defined]
        with timezone.override(user.time_zone):
            return self.get_response(request)


class HtmxResponseMiddleware:
    """One URL is one thing: asked by htmx, redirects and messages arrive in htmx's way."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        patch_vary_headers(response, ["HX-Request"])
        if request.htmx:  # type: ignore[attr-defined]
            if response.has_header("Location") and 300 <= response.status_code < 400:
                redirect_by_htmx(response)
            else:
                toast_messages(request, response)
        return response


def redirect_by_htmx(response: HttpResponse) -> None:
    """The browser would follow a 3xx by itself and swap a whole page into a cell.

    Messages stay where they are: the page that is opened next shows them.
    """
    response["HX-Redirect"] = response["Location"]
    del response["Location"]
    response.status_code = 200


class LoginRequiredMiddleware(DjangoLoginRequiredMiddleware):
    """Everything wants a sign-in unless its view says otherwise. The API answers for itself (DRF, 401)."""

    def handle_no_permission(  # type: ignore[override]  # htmx gets no redirect
        self, request: HttpRequest, view_func: Callable
    ) -> HttpResponse:
        if not request.htmx:  # type: ignore[attr-defined]
            return super().handle_no_permission(request, view_func)
        login = redirect_to_login(page_of(request), resolve_url(self.get_login_url(view_func)))
        return HttpResponse(status=401, headers={"HX-Redirect": login.url})


def page_of(request: HttpRequest) -> str:
    """The page the fragment was asked from: where to come back to after signing in."""
    current = request.headers.get("HX-Current-URL", "")
    if not url_has_allowed_host_and_scheme(current, {request.get_host()}):
        return "/"
    address = urlsplit(current)
    return f"{address.path}?{address.query}" if address.query else address.path


class DomainErrorMiddleware:
    """A rule said no: its sentence reaches the person. Anything else is a bug and stays a 500."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, DomainError):
            return None
        if request.htmx:  # type: ignore[attr-defined]
            return refusal_by_htmx(str(error), error.status)
        context: dict[str, Any] = {"message": str(error), "errors": error.errors}
        return render(request, "422.html", context, status=error.status)


def refusal_by_htmx(sentence: str, status: int) -> HttpResponse:
    """The page stays as it is, with what was typed; the sentence appears as a toast."""
    response = HttpResponse(sentence, status=status, content_type="text/plain; charset=utf-8")
    response["HX-Reswap"] = "none"
    toast(response, "error", sentence)
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form is older than the session, or comes from another site. `reason` is for developers."""
    sentence = translation.gettext("This page is out of date. Reload it and try again.")
    if request.headers.get("HX-Request") == "true":
        return refusal_by_htmx(sentence, 403)
    return render(request, "403_csrf.html", {"message": sentence}, status=403)
