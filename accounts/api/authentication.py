from typing import Any

from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.domain.activity import Actor
from accounts.domain.tokens import find_token
from accounts.models import ApiToken


class Program:
    """Who calls with a token: takes the place of request.user."""

    is_authenticated = True
    is_active = True
    is_anonymous = False
    pk = None

    def __init__(self, token: ApiToken) -> None:
        self.token = token

    @cached_property
    def actor(self) -> Actor:
        return Actor(label=f"API: {self.token.name}")


class TokenAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[Program, ApiToken] | None:
        scheme, _space, token = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        row = find_token(token.decode("ascii", "replace").strip()) if token else None
        if row is None:
            raise AuthenticationFailed(_("This token is unknown, expired or revoked."))
        return Program(row), row

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def scope_of(view: Any, method: str) -> str:
    usual = "read" if method in {"GET", "HEAD", "OPTIONS"} else "write"
    return getattr(view, "scopes", {}).get(method) or usual


class HasScope(BasePermission):
    """`scopes` on the view: a scope by HTTP method; GET asks for `read`, everything else for `write`.
    A token with `admin` may do all of it, one with `write` may read and bring facts in too."""

    def has_permission(self, request: Request, view: Any) -> bool:
        token = request.auth
        if not isinstance(token, ApiToken):
            return False
        needed, held = scope_of(view, str(request.method)), set(token.scopes)
        self.message = _("This token does not have the scope for that: it needs %(scope)s.") % {"scope": needed}
        return bool(held & {needed, "admin"}) or (needed in ("read", "ingest") and "write" in held)


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}
