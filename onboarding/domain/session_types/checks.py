"""What a session type must be before it is kept: every bad field is told at once, by its name."""

import re
from collections.abc import Callable, Collection, Iterable
from typing import Any

from django.conf import settings
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.domain.account_values import refuse
from accounts.domain.text import one_line, prose
from accounts.exceptions import DomainError
from onboarding.domain.session_types.asking import clean_questions
from onboarding.enums import HostRule
from onboarding.models import SessionType

LONGEST = {"name": 120, "about": 1000}
# Least and most of each number; what may be left empty is None then.
BOUNDS = {
    "minutes": (5, 480), "every": (5, 480), "before": (0, 240), "after": (0, 240), "notice": (0, 43_200),
    "horizon_days": (1, 180), "seats": (1, 1000), "per_day": (1, 100), "per_week": (1, 500),
    "minutes_per_week": (5, 10_080),
}  # fmt: skip
OPTIONAL = {"per_day", "per_week", "minutes_per_week"}
MOST_SITES = 20
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
# A site as browsers compare it: scheme, name (all below it with "*."), port.
SITE = re.compile(
    r"(https?)://((?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(:\d{1,5})?"
)


def check(kind: SessionType, pool: Collection[int]) -> None:
    """`pool`: whose turn it may be."""
    errors: dict[str, list[Any]] = {}
    for part in (_address, _words, _numbers, _place, _questions, _sites):
        _collect(errors, part, kind)
    _collect(errors, lambda one: _hosts(one, pool), kind)
    if errors:
        raise DomainError(_("Some of this cannot be taken as it is."), code="invalid", errors=errors)


def _collect(errors: dict[str, list[Any]], part: Callable[[SessionType], None], kind: SessionType) -> None:
    try:
        part(kind)
    except DomainError as error:
        errors |= error.errors


def _address(kind: SessionType) -> None:
    """Made from the name where none is given: without either, it is the name that is missing."""
    name = _first_name(kind)
    kind.slug = one_line(kind.slug, 60, field="slug").lower() or slugify(name)[:60].strip("-")
    if not kind.slug and not name.strip():
        return
    if not SLUG.fullmatch(kind.slug):
        raise refuse("slug", _("Small letters, digits and hyphens, such as kick-off."))
    if SessionType.objects.filter(slug=kind.slug).exclude(pk=kind.pk).exists():
        raise refuse("slug", _("Another session type has this address."))


def _first_name(kind: SessionType) -> str:
    texts = kind.texts if isinstance(kind.texts, dict) else {}
    named = (words.get("name", "") for words in texts.values() if isinstance(words, dict))
    return next((str(name) for name in named if name), "")


def _words(kind: SessionType) -> None:
    """Languages and texts we know; one name at least."""
    given = kind.texts if isinstance(kind.texts, dict) else {}
    kept, errors = dict[str, dict[str, str]](), dict[str, list[Any]]()
    for code, _language in settings.LANGUAGES:
        words: Any = given.get(code) if isinstance(given.get(code), dict) else {}
        try:
            clean = {
                "name": one_line(words.get("name"), LONGEST["name"], field=f"name_{code}"),
                "about": prose(words.get("about"), LONGEST["about"], field=f"about_{code}"),
            }
        except DomainError as error:
            errors |= error.errors
        else:
            kept |= {code: {name: text for name, text in clean.items() if text}} if any(clean.values()) else {}
    kind.texts = kept
    if not errors and not _first_name(kind):
        errors[f"name_{settings.LANGUAGES[0][0]}"] = [_("It needs a name in one language at least.")]
    if errors:
        raise DomainError("", errors=errors)


def has_sound_numbers(kind: SessionType) -> bool:
    """Whether there is anything to be worked out for it."""
    try:
        _numbers(kind)
    except DomainError:
        return False
    return True


def _numbers(kind: SessionType) -> None:
    errors: dict[str, list[Any]] = {}
    for name, (least, most) in BOUNDS.items():
        number = getattr(kind, name)
        if number is None and name in OPTIONAL:
            continue
        if not isinstance(number, int) or not least <= number <= most:
            errors[name] = [_("A whole number from %(least)s to %(most)s.") % {"least": least, "most": most}]
    errors |= {} if errors else _that_fit(kind)
    if errors:
        raise DomainError("", errors=errors)


def _that_fit(kind: SessionType) -> dict[str, list[Any]]:
    errors: dict[str, list[Any]] = {}
    if kind.notice >= kind.horizon_days * 24 * 60:
        errors["notice"] = [_("That much notice leaves nothing: it reaches beyond how far ahead people can book.")]
    if kind.minutes_per_week is not None and kind.minutes_per_week < kind.minutes:
        errors["minutes_per_week"] = [_("Not even one session fits into that.")]
    if kind.per_day and kind.per_week and kind.per_week < kind.per_day:
        errors["per_week"] = [_("A week cannot have fewer than one of its days.")]
    return errors


def _place(kind: SessionType) -> None:
    kind.where = one_line(kind.where, 400, field="where")


def _questions(kind: SessionType) -> None:
    kind.questions = clean_questions(kind.questions, own=kind.slug)


def _sites(kind: SessionType) -> None:
    kind.embed_hosts = clean_sites(kind.embed_hosts)
    if kind.embed_hosts and not kind.public:
        raise refuse("embed_hosts", _("Only a page that is open to anybody can stand in another site."))


def clean_sites(given: Iterable[str]) -> list[str]:
    sites = list(dict.fromkeys(_site(line) for line in given if line.strip()))
    if len(sites) > MOST_SITES:
        raise refuse("embed_hosts", _("At most %(most)s sites.") % {"most": MOST_SITES})
    return sites


def _site(line: str) -> str:
    """Also of a whole address that somebody has copied."""
    text = line.strip().lower()
    text = text if "://" in text else f"https://{text}"
    found = SITE.fullmatch("/".join(text.split("/")[:3]))
    if not found or len(text) > 253 or int((found[3] or ":0")[1:]) > 65_535:
        raise refuse(
            "embed_hosts", _("“%(site)s” is no site, such as https://www.example.com.") % {"site": line.strip()[:80]}
        )
    return found[0]


def _hosts(kind: SessionType, pool: Collection[int]) -> None:
    if kind.host_rule == HostRule.POOL and not pool:
        raise refuse("pool", _("Choose who takes turns: one person at least."))
    if kind.public and kind.active and not pool:
        sentence = _("Who books without a personal link has no CSM: choose who takes those.")
        raise refuse("pool", sentence)
