"""/r/<code>: on to the program's page, with the code and the click. Nobody has to wait here."""

import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.visitors import address_of_visitor, public_page
from referrals.domain import following
from referrals.tasks import keep_click

COOKIE = "referral_visitor"
DAY = 24 * 60 * 60


def _publish(visit: dict[str, Any]) -> None:
    keep_click.apply_async(kwargs={"visit": visit}, retry=False)


keep = following.Keeper(_publish)


@login_not_required
@require_safe
def follow(request: HttpRequest, code: str) -> HttpResponse:
    target = following.target_of(code)
    if target is None or not target.open or not target.landing_urls:
        return nowhere(request, target)
    visitor = following.Visitor(
        method=str(request.method),
        headers=request.headers,
        address=address_of_visitor(request),
        channel=request.GET.get("c", ""),
        wanted=request.GET.get("to", ""),
        browser=_browser(request),
    )
    response = HttpResponseRedirect(following.follow(target, visitor, keep))
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    # Its name tells where they came from; its path would tell by whom.
    response["Referrer-Policy"] = "strict-origin"
    if visitor.browser:
        response.set_cookie(
            COOKIE, visitor.browser, settings.REFERRAL_COOKIE_DAYS * DAY, path="/r/",
            secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax",
        )  # fmt: skip
    return response


def _browser(request: HttpRequest) -> str:
    """Only where the house has decided to keep a cookie, and never of a visitor whose browser says no to it."""
    if not settings.REFERRAL_COOKIE_DAYS or "1" in {request.headers.get("Sec-GPC"), request.headers.get("DNT")}:
        return ""
    given = request.COOKIES.get(COOKIE, "")
    return given if len(given) == 32 and given.isascii() and given.isalnum() else secrets.token_hex(16)


@public_page
def nowhere(request: HttpRequest, target: following.Target | None) -> HttpResponse:
    """Unknown, or over: said kindly, and counted, so that nobody tries codes by the thousand."""
    onwards = target.landing_urls[0] if target and target.landing_urls else ""
    context = {"known": target is not None, "onwards": onwards}
    return render(request, "referrals/nowhere.html", context, status=410 if target else 404)
