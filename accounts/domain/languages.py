from contextlib import suppress

from django.conf import settings
from django.utils.translation import get_supported_language_variant


def supported(code: str) -> str:
    """The language of ours that somebody who asks for `code` reads: "fr-CA" reads French; "" for none."""
    with suppress(LookupError):
        return get_supported_language_variant(code) if code else ""
    return ""


def first_supported(*codes: str) -> str:
    return next(filter(None, map(supported, codes)), "") or settings.LANGUAGE_CODE
