"""What must be read again and stands in the database: sealed with a key that is made of the installation's own."""

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.crypto import salted_hmac

PREFIX = "sealed:"


class SealLost(Exception):
    """Neither SECRET_KEY nor any of its fallbacks has sealed this."""


def seal(text: str) -> str:
    return PREFIX + _with(settings.SECRET_KEY).encrypt(text.encode()).decode()


def unsealed(text: str) -> str:
    """The text itself where nobody has sealed it yet."""
    if not text.startswith(PREFIX):
        return text
    keys = map(_with, (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))
    try:
        return MultiFernet(keys).decrypt(text.removeprefix(PREFIX)).decode()
    except InvalidToken:
        raise SealLost from None


def sealed_anew(text: str) -> str:
    """With today's key; the same where it is already."""
    if not text.startswith(PREFIX):
        return seal(text)
    try:
        _with(settings.SECRET_KEY).decrypt(text.removeprefix(PREFIX))
    except InvalidToken:
        return seal(unsealed(text))
    return text


@lru_cache(maxsize=8)
def _with(key: str | bytes) -> Fernet:
    made = salted_hmac("accounts.sealed", "", key, algorithm="sha256").digest()
    return Fernet(base64.urlsafe_b64encode(made))
