"""The translation catalogues, judged: complete, nothing fuzzy, placeholders kept, compiled form up to date."""

import gettext
import io
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings

SOURCE_LANGUAGE = "en"
PLACEHOLDER = re.compile(r"%\([^)]+\)[sd]|%[sd]|\{[a-z_][a-z0-9_]*\}", re.IGNORECASE)
Key = tuple[str, str | None]


def languages() -> list[str]:
    return [code for code, _name in settings.LANGUAGES if code != SOURCE_LANGUAGE]


def po_path(language: str) -> Path:
    return Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / "django.po"


def read_catalogue(path: Path, language: str | None = None) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def compiled(catalogue: Catalog) -> bytes:
    """Without fuzzy entries: a guess is not a translation."""
    target = io.BytesIO()
    write_mo(target, catalogue)
    return target.getvalue()


def key(message: Message) -> Key:
    msgid = message.id if isinstance(message.id, str) else message.id[0]
    return msgid, message.context


def entries(catalogue: Catalog) -> dict[Key, Message]:
    return {key(message): message for message in catalogue if message.id}


def problems(path: Path, language: str, source: Catalog | None) -> list[str]:
    """One line per finding. `source` holds what the code says; None where xgettext is missing."""
    if not path.exists():
        return [f"{path} does not exist"]
    catalogue = read_catalogue(path, language)
    known = entries(catalogue)
    found = [f"{key_[0]!r}: {text}" for key_, message in known.items() for text in message_problems(message)]
    if source is not None:
        wanted = entries(source).keys()
        found += [f"{msgid!r}: not in the catalogue" for msgid, _context in wanted - known.keys()]
        found += [f"{msgid!r}: no longer in the code" for msgid, _context in known.keys() - wanted]
    if not compiled_matches(path, catalogue):
        found.append("the compiled catalogue is out of date")
    return [f"{language}: {text}" for text in sorted(found)]


def message_problems(message: Message) -> Iterator[str]:
    texts = [message.string] if isinstance(message.string, str) else list(message.string or ())
    if message.fuzzy:
        yield "fuzzy"
    if not all(texts):
        yield "not translated"
        return
    sources = [message.id] if isinstance(message.id, str) else list(message.id)
    allowed = set().union(*map(placeholders, sources))
    for text in texts:
        used = placeholders(text)
        # A plural form may say "one account" without its number; nothing else may lose a placeholder.
        if not used <= allowed or (len(sources) == 1 and used != allowed):
            yield f"placeholders differ in {text!r}"


def placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))


def compiled_matches(path: Path, catalogue: Catalog) -> bool:
    committed = path.with_suffix(".mo")
    return committed.exists() and translations(committed.read_bytes()) == translations(compiled(catalogue))


def translations(compiled_form: bytes) -> dict:
    found = dict(gettext.GNUTranslations(io.BytesIO(compiled_form))._catalog)  # type: ignore[attr-defined]
    return {msgid: text for msgid, text in found.items() if msgid}
