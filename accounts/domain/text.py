"""Text that people and programs give us, ready to be stored: what PostgreSQL cannot hold is taken out."""

import unicodedata

from django.utils.translation import ngettext

from accounts.exceptions import DomainError


def one_line(text: object, limit: int, *, field: str = "") -> str:
    """Without line breaks and other control characters, spaces collapsed."""
    plain = _given(text)
    if plain.isprintable() and "  " not in plain:  # nearly all of it, and imports bring a great deal
        return _within(plain.strip(), limit, field)
    line = "".join(" " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c for c in plain)
    return _within(" ".join(line.split()), limit, field)


def prose(text: object, limit: int, *, field: str = "") -> str:
    """Line breaks and tabs stay."""
    kept = "".join(c for c in str(text or "") if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs"})
    return _within(kept.strip(), limit, field)


def _given(text: object) -> str:
    return "" if text is None else str(text)


def shortened(text: str, limit: int) -> str:
    """For lines we make ourselves of other people's words: cut, and seen to be cut."""
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"


def _within(text: str, limit: int, field: str) -> str:
    # Half a character: PostgreSQL refuses it.
    if not text.isprintable() and any(unicodedata.category(c) == "Cs" for c in text):
        text = text.encode("utf-8", "replace").decode()
    if len(text) <= limit:
        return text
    sentence = ngettext("Too long: at most %(limit)s character.", "Too long: at most %(limit)s characters.", limit) % {
        "limit": limit
    }
    raise DomainError(sentence, code="too_long", errors={field: [sentence]} if field else None) from None
