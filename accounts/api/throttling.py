from typing import Any

import structlog
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from accounts.models import ApiToken

log = structlog.get_logger(__name__)


class TokenThrottle(SimpleRateThrottle):
    """Per token; DRF adds Retry-After to the 429. Its own way keeps the time of every call, reads them all, and
    writes them all: here the calls are counted, from the first one on for as long as the rate says."""

    scope = "token"
    left = 1.0

    def allow_request(self, request: Request, view: Any) -> bool:
        if self.num_requests is None:
            return True
        try:
            calls, self.left = self.cache.count(self.get_cache_key(request, view), self.duration)
            return calls <= self.num_requests
        except (RedisError, OSError) as error:  # nobody counts: better too many calls than none
            log.warning("calls are not counted", error=str(error))
            return True

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        who = f"t{request.auth.pk}" if isinstance(request.auth, ApiToken) else self.get_ident(request)
        return self.cache_format % {"scope": self.scope, "ident": who}

    def wait(self) -> float:
        return max(self.left, 1.0)
