"""Where links may lead: addresses that an admin has listed, and no others."""

import unicodedata
from collections.abc import Iterable, Sequence
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext as _

from accounts.exceptions import DomainError

LONGEST = 400
CODE, CLICK = "ref", "click"  # what the landing page gets along
_is_url = URLValidator(schemes=["https", "http"])


def checked(addresses: Iterable[str]) -> list[str]:
    """Each once, in their order. DomainError for what no browser should be sent to."""
    found = list(dict.fromkeys(filter(None, (address.strip() for address in addresses))))
    for address in found:
        if not is_address(address):
            sentence = _("“%(address)s” is no address: write it whole, with https:// and the host.")
            sentence %= {"address": address[:80]}
            raise DomainError(sentence, code="bad_address", errors={"landing_urls": [sentence]})
    return found


def is_address(text: str) -> bool:
    """A web address of a host, without a name and password, and without what browsers and people read differently."""
    if len(text) > LONGEST or "\\" in text or any(unicodedata.category(c)[0] in "CZ" for c in text):
        return False
    try:
        _is_url(text)
        parts = urlsplit(text)
    except (ValidationError, ValueError):
        return False
    return bool(parts.hostname) and parts.username is None and parts.password is None


def landing(allowed: Sequence[str], *wanted: str) -> str:
    """The first wish that is among those allowed, else the program's own; "" where it has none."""
    return next((address for address in wanted if address in allowed), allowed[0] if allowed else "")


def with_reference(address: str, code: str, click: str = "") -> str:
    """The address with the code, and the click where there was one, in the place of earlier ones."""
    parts = urlsplit(address)
    kept = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if k not in {CODE, CLICK}]
    added = [(CODE, code), *([(CLICK, click)] if click else [])]
    return urlunsplit(parts._replace(query=urlencode([*kept, *added])))
