"""Public forms are sent by people, a few times an hour."""

import structlog
from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone
from redis.exceptions import RedisError

from accounts.visitors import counted_as

log = structlog.get_logger(__name__)

HOUR = 60 * 60


def too_many(request: HttpRequest, what: str, most: int, who: str = "") -> int:
    """Seconds to wait, or 0: counted by where the visitor comes from (or by `who`), within fixed hours."""
    now = timezone.now().timestamp()
    key = f"{what}:{who or counted_as(request)}:{int(now // HOUR)}"
    try:
        cache.add(key, 0, HOUR)
        calls = cache.incr(key)
    except (RedisError, OSError, ValueError) as error:  # nobody counts: better too many calls than none
        log.warning("visitors are not counted", error=str(error))
        return 0
    return HOUR - int(now % HOUR) if calls > most else 0
