"""Public pages are used by people: from one address on the internet, so many bookings an hour and no more."""

import structlog
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from redis.exceptions import RedisError

from accounts.domain import rules
from accounts.visitors import counted_as

log = structlog.get_logger(__name__)

HOUR = 60 * 60
UNKNOWN = "unknown"


def known_address(request: HttpRequest) -> str:
    """Where they come from, or "" behind a proxy that does not tell: all would be one."""
    address = counted_as(request)
    return "" if address == UNKNOWN else address


def booked_too_often(request: HttpRequest) -> int:
    """Seconds to wait, or 0. What was booked counts, not what was tried: many may want the same time."""
    key = _key(request)
    try:
        booked = int(cache.get(key) or 0) if key else 0
    except (RedisError, OSError, ValueError) as error:  # nobody counts: better too many bookings than none
        log.warning("bookings are not counted", error=str(error))
        return 0
    return HOUR - int(timezone.now().timestamp() % HOUR) if booked >= rules.number("booking.hourly") else 0


def count_booking(request: HttpRequest) -> None:
    if not (key := _key(request)):
        return
    try:
        cache.add(key, 0, HOUR)
        cache.incr(key)
    except (RedisError, OSError, ValueError) as error:
        log.warning("bookings are not counted", error=str(error))


def _key(request: HttpRequest) -> str:
    address = known_address(request)
    return f"booked:{address}:{int(timezone.now().timestamp() // HOUR)}" if address else ""


def too_often_page(request: HttpRequest, wait: int) -> HttpResponse:
    response = render(request, "visitors/slow.html", {"wait": wait}, status=429)
    response["Retry-After"] = str(wait)
    return response
