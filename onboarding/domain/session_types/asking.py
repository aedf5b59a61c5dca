"""The questions of a session type, as an admin writes them: checked, and in the form in which they are kept."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.domain.account_values import refuse
from accounts.domain.text import one_line
from accounts.exceptions import DomainError
from onboarding.models import SessionType

KINDS = ("text", "number", "choice")
MOST, MOST_CHOICES = 20, 30
LONGEST, LONGEST_CHOICE = 300, 120
KEY = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")


def clean_questions(given: Any, *, own: str = "") -> list[dict[str, Any]]:
    """`own`: the address of the type itself, which no answer may lead to."""
    rows = [row for row in given if isinstance(row, Mapping)] if isinstance(given, Sequence) else []
    if len(rows) > MOST:
        raise refuse("questions", _("At most %(most)s questions: people came to book.") % {"most": MOST})
    kept, errors = list[dict[str, Any]](), dict[str, list[Any]]()
    for place, row in enumerate(rows):
        try:
            kept.append(_clean(row, {question["key"] for question in kept}, own))
        except DomainError as error:
            errors |= {f"questions-{place}-{name}": told for name, told in error.errors.items()}
    if errors:
        raise DomainError(_("Some of the questions cannot be taken as they are."), code="invalid", errors=errors)
    return kept


def _clean(row: Mapping[str, Any], taken: set[str], own: str) -> dict[str, Any]:
    texts = by_language(row.get("text"), LONGEST, "text")
    if not texts:
        raise refuse("text", _("What is asked? One language at least."))
    kind = row.get("kind", "text")
    if kind not in KINDS:
        raise refuse("kind", _("Choose one of the kinds."))
    question = {"key": _key(row, texts, taken), "text": texts, "kind": kind, "required": bool(row.get("required"))}
    if kind != "choice":
        return question | {"choices": [], "labels": {}, "routes": []}
    choices = _choices(row.get("choices"))
    return question | {
        "choices": choices, "labels": _labels(row.get("labels"), choices), "routes": _routes(row, choices, own),
    }  # fmt: skip


def by_language(given: Any, longest: int, field: str) -> dict[str, dict[str, str]]:
    """{"en": {"text": …}}, as wording.in_language reads it."""
    given = given if isinstance(given, Mapping) else {}
    found = {}
    for code, _name in settings.LANGUAGES:
        words = given.get(code) if isinstance(given.get(code), Mapping) else {}
        if text := one_line(words.get("text"), longest, field=f"{field}_{code}"):
            found[code] = {"text": text}
    return found


def _key(row: Mapping[str, Any], texts: Mapping[str, Any], taken: set[str]) -> str:
    """What answers are kept under. Once given it stays, whatever becomes of the words."""
    wanted = str(row.get("key") or "")
    known = KEY.fullmatch(wanted) and len(wanted) <= 40
    made = slugify(next(iter(texts.values()))["text"])[:40].strip("-_")
    key, number = wanted if known else made or "question", 1
    found = key
    while found in taken:
        number += 1
        found = f"{key}-{number}"
    return found


def _choices(given: Any) -> list[str]:
    lines = [one_line(line, LONGEST_CHOICE, field="choices") for line in given or () if isinstance(line, str)]
    choices = [line for line in lines if line]
    if len(choices) < 2 or len(choices) > MOST_CHOICES:
        raise refuse("choices", _("Two to %(most)s answers to choose from, one on each line.") % {"most": MOST_CHOICES})
    if len(set(choices)) < len(choices):
        raise refuse("choices", _("Each answer once."))
    return choices


def _labels(given: Any, choices: list[str]) -> dict[str, list[str]]:
    """How each answer reads in another language, in the same order; where one is missing, the answer itself."""
    found = {}
    for code, _name in settings.LANGUAGES:
        lines = [one_line(line, LONGEST_CHOICE, field=f"choices_{code}") for line in (given or {}).get(code, ())]
        if not any(lines):
            continue
        if len(lines) != len(choices):
            sentence = _("As many lines as there are answers, in the same order.")
            raise refuse(f"choices_{code}", sentence)
        found[code] = [label or choice for label, choice in zip(lines, choices, strict=True)]
    return found


# Where an answer leads instead ---------------------------------------------------------------------


def _routes(row: Mapping[str, Any], choices: list[str], own: str) -> list[dict[str, Any]]:
    routes, seen = [], set[str]()
    for route in row.get("routes") or ():
        value = one_line(route.get("value"), LONGEST_CHOICE, field="routes")
        if value not in choices:
            raise refuse("routes", _("“%(value)s” is none of the answers.") % {"value": value[:80]})
        if value in seen:
            raise refuse("routes", _("“%(value)s” leads to two places.") % {"value": value[:80]})
        seen.add(value)
        text = by_language(route.get("text"), LONGEST, "route_text")
        routes.append({"value": value, "text": text, **_target(str(route.get("target") or ""), route, own)})
    return routes


def _target(target: str, route: Mapping[str, Any], own: str) -> dict[str, str]:
    """A webinar (another session type, open to anybody) or material on the web."""
    target = (target or str(route.get("slug") or route.get("url") or "")).strip()
    if "://" in target:
        parts = urlsplit(target) if target.isprintable() and " " not in target else None
        if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname or len(target) > 1000:
            raise refuse("routes", _("“%(url)s” is no address on the web.") % {"url": target[:80]})
        return {"to": "material", "url": target}
    slug = target.strip("/").rpartition("/")[2]
    if slug == own:
        raise refuse("routes", _("An answer cannot lead back to the same session."))
    if not SessionType.objects.filter(slug=slug, public=True, active=True).exists():
        sentence = _("“%(slug)s” is no session type that is open to anybody.") % {"slug": slug[:80]}
        raise refuse("routes", sentence)
    return {"to": "webinar", "slug": slug}
