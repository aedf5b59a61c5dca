"""API tokens: made once, shown once, kept as a digest."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.domain import prepared
from accounts.domain.text import one_line
from accounts.exceptions import DomainError
from accounts.models import ApiToken, User

SCOPES = ("read", "ingest", "write", "admin")
PREFIX = "tnr_"


def create_token(
    *, name: str, scopes: Sequence[str], expires_at: datetime | None = None, by: User | None = None
) -> tuple[ApiToken, str]:
    """The row and the token itself, which nobody can read again."""
    if unknown := sorted(set(scopes) - set(SCOPES)):
        raise DomainError(_("There is no scope %(scope)s.") % {"scope": ", ".join(unknown)}, code="unknown_scope")
    if not scopes:
        raise DomainError(_("A token needs at least one scope."), code="scope_missing")
    if not (name := one_line(name, 80, field="name")):
        sentence = _("Say what the token is for.")
        raise DomainError(sentence, code="name_missing", errors={"name": [sentence]})
    if expires_at and expires_at <= timezone.now():
        sentence = _("This day has passed: the token would never work.")
        raise DomainError(sentence, code="expired", errors={"expires_at": [sentence]})
    token = PREFIX + secrets.token_urlsafe(32)
    try:
        with transaction.atomic():
            row = ApiToken.objects.create(
                name=name,
                prefix=token[:10],
                digest=digest(token),
                scopes=[scope for scope in SCOPES if scope in scopes],
                expires_at=expires_at,
                created_by=by,
            )
    except IntegrityError:
        raise DomainError(_("A token of that name exists already."), code="name_taken", status=409) from None
    return row, token


def digest(token: str) -> str:
    # A token is 256 random bits: a plain hash is enough, and the look-up by it leaks no timing of the token.
    return hashlib.sha256(token.encode()).hexdigest()


def find_token(token: str) -> ApiToken | None:
    """The row of a token that still works; its last use is kept to the minute, not to the request."""
    now = timezone.now()
    row = _with_digest(digest(token))
    if row is None or row.revoked_at or (row.expires_at and row.expires_at <= now):
        return None
    if row.last_used_at is None or row.last_used_at < now - timedelta(minutes=1):
        ApiToken.objects.filter(pk=row.pk).update(last_used_at=now)
    return row


def _with_digest(digest: str) -> ApiToken | None:
    """Asked at every call, and first: a query that is built anew each time takes longer than its answer."""
    fields = [field.attname for field in ApiToken._meta.concrete_fields]
    text = f"SELECT {', '.join(fields)} FROM accounts_apitoken WHERE digest = %(digest)s"  # noqa: S608 - names of the model
    rows = prepared.ask_first(text, {"digest": digest})
    return ApiToken.from_db(connection.alias, fields, rows[0]) if rows else None


def revoke_token(token: ApiToken) -> None:
    ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=timezone.now())
