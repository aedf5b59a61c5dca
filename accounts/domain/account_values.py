"""What may stand in an account's fields: one rule a field, for form, API and file alike."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.utils.translation import gettext as _, gettext_lazy

from accounts.domain.languages import supported
from accounts.domain.text import one_line
from accounts.enums import Stage
from accounts.exceptions import DomainError
from accounts.models import Segment, User

CURRENCY = re.compile(r"[A-Z]{3}")
DOMAIN = re.compile(r"[^\s/@]{1,253}")
CUSTOM_BYTES, CUSTOM_DEPTH = 20_000, 8
FIRST_DAY = date(1970, 1, 1)


@dataclass(frozen=True)
class Value:
    label: Any
    clean: Callable[[Any], Any]


def refuse(field: str, sentence: Any) -> DomainError:
    return DomainError(sentence, code="invalid", errors={field: [sentence]})


def clean_external_id(text: Any) -> str:
    """Kept to the letter: it is the caller's. What no address or file could carry is refused."""
    if not isinstance(text, str) or not text or len(text) > 200:
        raise refuse("external_id", _("An external id has 1 to 200 characters."))
    if text != text.strip() or not text.isprintable():
        raise refuse("external_id", _("An external id has no control characters and no spaces around it."))
    return text


def clean_account(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The values as the model takes them; every bad one is told at once."""
    values, errors = {}, {}
    for name, given in fields.items():
        try:
            values[name] = FIELDS[name].clean(given)
        except KeyError:
            errors[name] = [_("There is no such field.")]
        except DomainError as error:
            errors[name] = [error.message]
    if errors:
        raise DomainError(_("Some of this cannot be taken as it is."), code="invalid", errors=errors)
    return values


def told(value: Any) -> Any:
    """A value as the activity's data carries it."""
    return value if value is None or isinstance(value, (dict, list, bool, int)) else str(value)


def line(limit: int, *, required: bool = False) -> Callable[[Any], str]:
    def clean(given: Any) -> str:
        text = one_line("" if given is None else given, limit)
        if required and not text:
            raise DomainError(_("This cannot be empty."))
        return text

    return clean


def language(given: Any) -> str:
    """A language of ours, also where one of its countries is given: "fr-CA" is French."""
    text = one_line("" if given is None else given, 40)
    code = supported(text.replace("_", "-").lower())
    if text and not code:
        known = ", ".join(f"{code} ({name})" for code, name in settings.LANGUAGES)
        raise DomainError(_("“%(text)s” is not one of our languages: %(known)s.") % {"text": text, "known": known})
    return code


def domain(given: Any) -> str:
    text = one_line(given, 253).lower().removeprefix("https://").removeprefix("http://").rstrip("/")
    if text and not DOMAIN.fullmatch(text):
        raise DomainError(_("“%(text)s” is no domain name.") % {"text": text})
    return text


def segment(given: Any) -> Segment | None:
    if given in (None, "") or isinstance(given, Segment):
        return given or None
    key = one_line(given, 200)
    found = Segment.objects.filter(key__iexact=key).first() or Segment.objects.filter(name__iexact=key).first()
    if found is None:
        raise DomainError(_("There is no segment “%(key)s”.") % {"key": key})
    return found


def csm(given: Any) -> User | None:
    if given in (None, ""):
        return None
    user = given if isinstance(given, User) else User.objects.filter(email__iexact=one_line(given, 254)).first()
    if user is None:
        raise DomainError(_("Nobody here has the address %(email)s.") % {"email": given})
    if not (user.is_active and user.may("followup.work")):
        raise DomainError(_("%(name)s cannot look after accounts.") % {"name": user})
    return user


def stage(given: Any) -> str:
    if given not in Stage.values:
        raise DomainError(_("One of: %(choices)s.") % {"choices": ", ".join(Stage.values)})
    return Stage(given).value


def currency(given: Any) -> str:
    code = str(given or "").strip().upper()
    if not CURRENCY.fullmatch(code):
        raise DomainError(_("A currency is three letters, such as EUR."))
    return code


@lru_cache(maxsize=1)
def zones() -> frozenset[str]:
    """Of places and offsets. Files of this computer that lie among them are none: its own clock, one for no place."""
    return frozenset(available_timezones() - {"localtime", "Factory"})


def time_zone(given: Any) -> ZoneInfo:
    if isinstance(given, ZoneInfo):
        return given
    name = str(given or "").strip() or "UTC"
    if name not in zones():
        raise DomainError(_("There is no time zone “%(name)s”; a known one is Europe/Paris.") % {"name": name[:80]})
    return ZoneInfo(name)


def day(given: Any) -> date | None:
    if given in (None, ""):
        return None
    try:
        found = given if isinstance(given, date) else date.fromisoformat(str(given))
    except ValueError:
        raise DomainError(_("A day is written YYYY-MM-DD.")) from None
    if not FIRST_DAY <= found <= date(2200, 1, 1):
        raise DomainError(_("This day is out of reach."))
    return found


def custom(given: Any) -> dict[str, Any]:
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise DomainError(_("Custom fields are an object of names and values."))
    if depth(given) > CUSTOM_DEPTH:
        raise DomainError(_("Custom fields are nested too deeply."))
    text = json.dumps(given, ensure_ascii=False)
    if len(text) > CUSTOM_BYTES:
        raise DomainError(_("Custom fields are too long: at most 20,000 characters."))
    if "\\u0000" in text or any("\ud800" <= c <= "\udfff" for c in text):
        raise DomainError(_("Custom fields have a character that cannot be stored."))
    return given


def depth(value: Any) -> int:
    """How deep it is nested, without recursion: the value may be somebody's attack."""
    deepest, level = 0, [value]
    while level and deepest <= CUSTOM_DEPTH:
        deepest += 1
        level = [
            inner
            for outer in level
            if isinstance(outer, (dict, list))
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return deepest


FIELDS: dict[str, Value] = {
    "name": Value(gettext_lazy("name"), line(200, required=True)),
    "domain": Value(gettext_lazy("domain"), domain),
    "segment": Value(gettext_lazy("segment"), segment),
    "csm": Value(gettext_lazy("CSM"), csm),
    "stage": Value(gettext_lazy("stage"), stage),
    "currency": Value(gettext_lazy("currency"), currency),
    "time_zone": Value(gettext_lazy("time zone"), time_zone),
    "country": Value(gettext_lazy("country"), line(80)),
    "industry": Value(gettext_lazy("industry"), line(80)),
    "channel": Value(gettext_lazy("channel"), line(40)),
    "custom": Value(gettext_lazy("custom fields"), custom),
    "started_on": Value(gettext_lazy("customer since"), day),
}


def changed_fields(data: Mapping[str, Any]) -> str:
    """Which ones an account.updated tells of, in the reader's language."""
    labels = (FIELDS.get(name, FIELDS["custom"]).label for name in data.get("changes") or ())
    return ", ".join(dict.fromkeys(str(label) for label in labels))
