"""Secrets and signatures, as Standard Webhooks have them: whsec_…, HMAC-SHA256 over id, time and body.

Neither the database nor the installation's key alone can make a secret: a row keeps a random seal, and a digest that
tells which key of the installation (SECRET_KEY, or one of its fallbacks) made the secret out of it.
"""

import base64
import hashlib
import hmac
import secrets

from django.conf import settings
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models import Webhook

PREFIX = "whsec_"


class SecretLost(Exception):
    """The installation has another key by now: the secret must be changed."""


def make_seal() -> str:
    salt = secrets.token_urlsafe(24)
    return f"{salt}:{_digest(_secret(salt, settings.SECRET_KEY))}"


def secret_of(seal: str) -> str:
    salt, _colon, digest = seal.partition(":")
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        secret = _secret(salt, key)
        if hmac.compare_digest(_digest(secret), digest):
            return secret
    raise SecretLost


def _secret(salt: str, key: str | bytes) -> str:
    made = salted_hmac("accounts.webhooks", salt, key, algorithm="sha256").digest()
    return PREFIX + base64.b64encode(made).decode()


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def sign(secret: str, message: str, at: int, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    made = hmac.new(key, f"{message}.{at}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(made).decode()


def headers_of(webhook: Webhook, message: str, body: bytes) -> dict[str, str]:
    """For a day after a change the old secret signs too, so that the other side can change in peace."""
    now = timezone.now()
    seals = [webhook.seal]
    if webhook.seal_before_until and webhook.seal_before_until > now:
        seals.append(webhook.seal_before)
    at = int(now.timestamp())
    return {
        "webhook-id": message,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(sign(secret_of(seal), message, at, body) for seal in seals),
    }
