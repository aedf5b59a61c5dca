"""Idempotency-Key: a write that is sent again answers what it answered first.

Work and answer are kept in one transaction: a process that dies leaves neither, and whoever sends the same key
meanwhile is asked to come back. So nothing ever hangs "at work" that nobody works on.
"""

import hashlib
import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.exceptions import Conflict, DomainError
from accounts.models import IdempotentReply

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
LONGEST = 200
WRITES = ("post", "put", "patch", "delete")

Handler = Callable[..., Response]


class IdempotentWrites:
    """Mixin for an APIView: all its writing methods take Idempotency-Key."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for method in WRITES:
            if method in cls.__dict__:
                setattr(cls, method, idempotent(cls.__dict__[method]))


def idempotent(handler: Handler) -> Handler:
    """The same for one method or action."""

    @wraps(handler)
    def guarded(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get(HEADER)
        if key is None:
            return handler(view, request, *args, **kwargs)
        _check(key)
        return _once(key, view, request, lambda: handler(view, request, *args, **kwargs))

    return guarded


def _check(key: str) -> None:
    if not 0 < len(key) <= LONGEST or not key.isascii() or not key.isprintable():
        sentence = _("An Idempotency-Key has 1 to 200 plain characters.")
        raise DomainError(sentence, code="idempotency_key_wrong", status=400)


def _once(key: str, view: Any, request: Request, work: Callable[[], Response]) -> Response:
    fingerprint = _fingerprint(request)
    with transaction.atomic():
        if not _mine(request.auth.pk, key):
            return _at_work()
        known = IdempotentReply.objects.filter(token_id=request.auth.pk, key=key).first()
        if known:
            return _replay(known, fingerprint)
        response = _worked(view, work)
        if response.status_code < 500:
            IdempotentReply.objects.create(
                token_id=request.auth.pk,
                key=key,
                fingerprint=fingerprint,
                status=response.status_code,
                # Secrets are shown once: an answer says by `kept` what of it may be kept.
                body=JSONRenderer().render(getattr(response, "kept", response.data)) or b"null",
            )
    return response


def _mine(token_id: int, key: str) -> bool:
    """Ours until the transaction ends, or somebody is at it right now."""
    number = int.from_bytes(hashlib.sha256(f"{token_id}:{key}".encode()).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s)", [number])
        return cursor.fetchone()[0]


def _worked(view: Any, work: Callable[[], Response]) -> Response:
    """A refusal is an answer too; what it may have written is taken back."""
    try:
        with transaction.atomic():
            return work()
    except Exception as error:
        return view.handle_exception(error)  # raises what is no refusal


def _replay(known: IdempotentReply, fingerprint: str) -> Response:
    if known.fingerprint != fingerprint:
        raise Conflict(
            _("This Idempotency-Key came before with another request: use a new one."), code="idempotency_key_reused"
        )
    return Response(json.loads(bytes(known.body)), status=known.status, headers={REPLAYED: "true"})


def _at_work() -> Response:
    body = {
        "detail": _("The first request with this Idempotency-Key is still at work: try again in a moment."),
        "code": "idempotency_key_at_work",
    }
    return Response(body, status=409, headers={"Retry-After": "1"})


def _fingerprint(request: Request) -> str:
    plain = request._request
    parts = (plain.method, plain.get_full_path(), plain.content_type or "")
    return hashlib.sha256("\n".join(map(str, parts)).encode() + b"\n" + plain.body).hexdigest()
