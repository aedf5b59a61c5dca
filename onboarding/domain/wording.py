"""Texts that an admin has written in several languages, in the reader's."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.text import capfirst

from accounts import formats
from onboarding.models import Session, SessionType


def in_language(texts: Any, field: str) -> str:
    """The reader's language, else the installation's, else any that has it."""
    by_language: Mapping[str, Any] = texts if isinstance(texts, dict) else {}
    wanted = (translation.get_language() or "", settings.LANGUAGE_CODE)
    for language in (*wanted, *by_language):
        words = by_language.get(language)
        if isinstance(words, dict) and words.get(field):
            return str(words[field])
    return ""


def name_of(kind: SessionType) -> str:
    return in_language(kind.texts, "name") or kind.slug


def about(kind: SessionType) -> str:
    return in_language(kind.texts, "about")


def in_words(key: str) -> str:
    """A product event's name without the signs that programs put between words."""
    return " ".join(key.replace("_", " ").replace(".", " ").replace("-", " ").split())


def weekday(day: int, *, short: bool = False) -> str:
    """Its name (Monday is 0), as the reader's language writes it."""
    return capfirst(date_format(date(2024, 1, 1 + day), "D" if short else "l"))


class When(NamedTuple):
    """A session's time as its reader writes it."""

    day: str
    begins: str
    ends: str
    zone: str


def when(session: Session, zone: ZoneInfo) -> When:
    with timezone.override(zone):
        read = formats.Reader()
        day = read.day(session.starts_at.astimezone(zone).date(), form="full")
        return When(day, read.clock(session.starts_at), read.clock(session.ends_at), str(zone))
