"""Pages for people who do not sign in: their personal link says who they are."""

from collections.abc import Callable
from functools import wraps
from ipaddress import IPv6Address, IPv6Network
from typing import Any

import structlog
from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from redis.exceptions import RedisError

from accounts.domain.languages import supported
from accounts.domain.links import LinkGone, find_link, note_use
from accounts.exceptions import DomainError
from accounts.models import ContactLink

log = structlog.get_logger(__name__)

LANGUAGE_COOKIE = "visitor_language"
MINUTE = 60
HEADERS = {
    # The token stands in the address. Browsers name our host at most, never the path; with "no-referrer" they would
    # also send no origin along with a form, and the form would be refused as a foreign one.
    "Referrer-Policy": "strict-origin",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
}

View = Callable[..., HttpResponse]


def visitor(purpose: str) -> Callable[[View], View]:
    """`view(request, link, …)` at an address with `<str:token>`: the link is found (or the page says that it is
    gone), language and zone are the contact's, and nobody calls it more often than people do."""

    def decorate(view: View) -> View:
        @wraps(view)
        def page(request: HttpRequest, token: str, **kwargs: Any) -> HttpResponse:
            link = find_link(token, purpose)
            if request.method != "HEAD":
                note_use(link)
            with translation.override(language_of(request, link)), timezone.override(zone_of(link)):
                return _in_language(view(request, link, **kwargs))

        return public_page(page)

    return decorate


def public_page(view: View) -> View:
    """Open to everybody, without a link: counted, never cached, in the language chosen on the page."""

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with translation.override(language_of(request)):
            if wait := too_often(request):
                response = render(request, "visitors/slow.html", {"wait": wait}, status=429)
                response["Retry-After"] = str(wait)
            else:
                response = _answer(view, request, *args, **kwargs)
            return _finished(request, _in_language(response))

    return login_not_required(page)


def _answer(view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """What a rule refuses is told on a page of theirs, not of the team's."""
    try:
        return view(request, *args, **kwargs)
    except DomainError as error:
        template = "visitors/gone.html" if isinstance(error, LinkGone) else "visitors/refused.html"
        return render(request, template, {"error": error}, status=error.status)


def _in_language(response: HttpResponse) -> HttpResponse:
    """Said here: further out, the browser's language is active again."""
    response.headers.setdefault("Content-Language", translation.get_language())
    return response


def _finished(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if chosen := supported(request.GET.get("lang", "")):
        response.set_cookie(
            LANGUAGE_COOKIE, chosen, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax"
        )
    return response


# Language and zone --------------------------------------------------------------------------------


def language_of(request: HttpRequest, link: ContactLink | None = None) -> str:
    """What was chosen on the page, else the contact's own, else the browser's."""
    chosen = (request.GET.get("lang", ""), request.COOKIES.get(LANGUAGE_COOKIE, ""))
    wanted = (*chosen, link.contact.language if link else "")
    return next(filter(None, map(supported, wanted)), "") or translation.get_language_from_request(request)


def zone_of(link: ContactLink) -> Any:
    return link.contact.time_zone or link.contact.account.time_zone


# How often ----------------------------------------------------------------------------------------


def too_often(request: HttpRequest) -> int:
    """Seconds to wait, or 0. Counted by where the visitor comes from, within fixed minutes."""
    now = timezone.now().timestamp()
    key = f"visitor:{counted_as(request)}:{int(now // MINUTE)}"
    try:
        calls, _left = cache.count(key, MINUTE)  # type: ignore[attr-defined]  # our own cache
    except (RedisError, OSError) as error:  # nobody counts: better too many calls than none
        log.warning("visitors are not counted", error=str(error))
        return 0
    return MINUTE - int(now % MINUTE) if calls > settings.VISITOR_RATE else 0


def address_of_visitor(request: HttpRequest) -> str:
    try:
        return get_adapter().get_client_ip(request)
    except (PermissionDenied, ImproperlyConfigured):  # a socket, or a proxy that does not tell
        return "unknown"


def counted_as(request: HttpRequest) -> str:
    """The visitor's address; of an IPv6 one its network: whoever has one has all the addresses in it."""
    text = address_of_visitor(request).partition("%")[0]
    if ":" not in text:
        return text
    try:
        address = IPv6Address(text)
    except ValueError:
        return text
    return str(address.ipv4_mapped or IPv6Network((address, 64), strict=False))
