"""How the product looks to one reader: light, dark, or as their system has it."""

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from accounts.http import Request

A_YEAR = 60 * 60 * 24 * 365
THEMES = ("light", "dark")


def _back(request: Request) -> str:
    url = request.POST.get("next", "")
    allowed = url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())
    return url if allowed else "/"


@require_POST
def theme(request: Request) -> HttpResponse:
    """Kept in a cookie, so that the very first byte of a page is already in the right colours."""
    response = HttpResponseRedirect(_back(request))
    chosen = request.POST.get("theme", "")
    if chosen in THEMES:
        response.set_cookie(
            "theme", chosen, max_age=A_YEAR, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax"
        )
    else:
        response.delete_cookie("theme", samesite="Lax")
    return response
