from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from accounts.models import ApiToken


class TokenThrottle(SimpleRateThrottle):
    """Per token; DRF adds Retry-After to the 429."""

    scope = "token"

    def get_cache_key(self, request: Request, view: object) -> str | None:
        who = f"t{request.auth.pk}" if isinstance(request.auth, ApiToken) else self.get_ident(request)
        return self.cache_format % {"scope": self.scope, "ident": who}
