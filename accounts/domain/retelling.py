"""What the product's own playbooks have written is told in the reader's language; what people wrote stays as written.

A follow-up keeps its words as it opened with them, in the language of who got it then. What reads, from the first
letter to the last, as a default playbook says it in one of our languages is that playbook's: it is said anew, with the
facts of its activity, and with the names that stand in it. Whatever else it is, somebody has written it.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from django.conf import settings
from django.utils import translation

from accounts import formats
from accounts.domain.wording import Template, Words, amounts_of, translated
from accounts.models import Activity, FollowUp
from accounts.registry import PlaybookDefault, playbook_defaults

Part = Literal["title", "instructions", "steps", "letters"]


NOT_KNOWN = (None, "")
YEAR = re.compile(r",?[ \u00a0]\d{4}$")
# For the account's name, while a text is read: a letter of no language.
NAME = "\ue000"


class Wording(NamedTuple):
    """A text of a default playbook in one language: to recognise it, and to say it."""

    reads: re.Pattern[str]
    reads_name: re.Pattern[str]
    template: Template

    def stood(self, text: str, account: str) -> dict[str, str] | None:
        """What stands in its places. Of “Charles de Gaulle de Acme”, only who knows the account knows who that is."""
        named = self.reads_name.fullmatch(text.replace(account, NAME)) if account else None
        if named:
            return {name: words.replace(NAME, account) for name, words in named.groupdict().items()}
        found = self.reads.fullmatch(text)
        return found.groupdict() if found else None


class Found(NamedTuple):
    """The language a text is kept in, how the reader's says it, and what stands in it."""

    language: str
    template: Template
    stood: dict[str, str]


def title_of(row: FollowUp | Mapping[str, Any], language: str = "") -> str:
    """A follow-up's title, in the reader's language. `row` may be one of queue_page(); who tells fifty says which
    language that is."""
    if isinstance(row, FollowUp):
        return _of(row, "title", row.title)
    return retold(
        "title", row["title"], row["activity__kind"], row["activity__data"], language, account=row["account__name"]
    )


def instructions_of(row: FollowUp) -> str:
    return _of(row, "instructions", row.instructions)


def steps_of(row: FollowUp) -> list[dict[str, Any]]:
    return [{**step, "text": _of(row, "steps", step.get("text", ""))} for step in row.steps]


def texts_of(row: FollowUp) -> list[dict[str, Any]]:
    """What may be sent, in the language of whom it is sent to; its name is for who sends it."""
    return [{**text, "name": _of(row, "letters", text.get("name", ""))} for text in row.texts]


def _of(row: FollowUp, part: Part, text: str) -> str:
    if row.activity is None:
        return text
    return retold(part, text, row.activity.kind, row.activity.data, account=name_at_hand(row))


def name_at_hand(row: FollowUp | Activity) -> str:
    """Of its account, if that is loaded."""
    return row.account.name if row._meta.get_field("account").is_cached(row) else ""


def retold(part: Part, text: str, kind: str | None, data: Any, language: str = "", *, account: str = "") -> str:
    """`text` as the default playbooks say it that activities of this kind set off; as it is, if none of them does."""
    found = _recognised(part, text, kind, language or formats.language(), account) if text and kind else None
    if found is None or not isinstance(data, dict):
        return text
    facts = _facts(found, Words(str(kind), data, {}))
    return text if facts is None else found.template.fill({**found.stood, **facts})


def _facts(found: Found, now: Words) -> dict[str, str] | None:
    """Those that stand in it, in the reader's words; None where something else stands for one: that was written by
    somebody. What is no longer known is left as it stands."""
    with translation.override(found.language):
        then = now.anew()
        told = {name: then[name] for name in found.stood if name in then.fields}
    same = {name for name, words in told.items() if _yearless(words) == _yearless(found.stood[name])}
    if any(now.data.get(name) not in NOT_KNOWN for name in told.keys() - same):
        return None
    return {name: now[name] for name in same}


def _yearless(words: str) -> str:
    """A day of this year is told without it; next year with it."""
    return YEAR.sub("", words)


def kept_titles(text: str) -> list[str]:
    """Who searches, searches for what they read: patterns for LIKE, of titles that read so to them and are kept in
    another language."""
    sought, code = _plain(text), formats.language()
    found: set[str] = set()
    for kind in {default.trigger for default in playbook_defaults} if sought else ():
        for number, wording in enumerate(_wordings("title", kind, code)):
            if _says(wording, sought):
                others = [_wordings("title", kind, other)[number] for other, _name in settings.LANGUAGES]
                found |= {_pattern(other) for other in others if not _says(other, sought)}
    return sorted(found)


def _says(wording: Wording, sought: str) -> bool:
    return any(sought in _plain(part) for part in wording.template.parts[::2])


def _plain(text: str) -> str:
    """As it is typed: nobody types a no-break space."""
    return " ".join(text.split()).casefold()


def _pattern(wording: Wording) -> str:
    """A sign of LIKE in a title of ours would only fit the more."""
    return "%".join(wording.template.parts[::2])


@lru_cache(maxsize=4096)
def _recognised(part: Part, text: str, kind: str, language: str, account: str) -> Found | None:
    """None where the language that is active now says so already, or where it is nothing of ours. The pages of a queue
    ask for the same fifty over and over."""
    ours = _wordings(part, kind, language)
    if any(wording.reads.fullmatch(text) for wording in ours):
        return None
    for code, _name in settings.LANGUAGES:
        for number, wording in enumerate(_wordings(part, kind, code)):
            if (stood := wording.stood(text, account)) is not None:
                return Found(code, ours[number].template, stood)
    return None


@lru_cache(maxsize=512)
def _wordings(part: Part, kind: str, language: str) -> list[Wording]:
    """Of all default playbooks with this trigger; in the same order in every language."""
    with translation.override(language):
        amounts = amounts_of(kind)
        said = [str(text) for default in playbook_defaults if default.trigger == kind for text in _said(default, part)]
        return [_wording(Template(translated(text), amounts)) for text in said]


def _said(default: PlaybookDefault, part: Part) -> list[Any]:
    if part == "steps":
        return list(default.steps)
    if part == "letters":
        return [text["name"] for text in default.texts]
    return [getattr(default, part)]


def _wording(template: Template) -> Wording:
    return Wording(_reading(template, {}), _reading(template, {"account": NAME}), template)


def _reading(template: Template, known: Mapping[str, str]) -> re.Pattern[str]:
    pattern, seen = "", set()
    for number, part in enumerate(template.parts):
        if number % 2 == 0:
            pattern += re.escape(part)
        else:
            pattern += f"(?P={part})" if part in seen else f"(?P<{part}>{known.get(part, '.+?')})"
            seen.add(part)
    return re.compile(pattern, re.DOTALL)
