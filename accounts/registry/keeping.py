"""What keeps the house in order: files that come in, checkups, what is known about a person."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from accounts.registry.base import Registry, Text


@dataclass(frozen=True)
class ImportKind:
    """A kind of file that can be imported. `module` has the fields and the verbs (see domain/imports)."""

    key: str
    title: Text
    loader: Any
    position: int = 100


@dataclass(frozen=True)
class AfterImport:
    """What an app does, in the import's own transaction, for the accounts that a file was about."""

    name: str
    handle: Callable[[Sequence[int]], None]


@dataclass(frozen=True)
class Checkup:
    """Something `manage.py doctor` looks at: `check` answers with a sentence for each thing that is wrong, and only
    reads."""

    name: str
    title: Text
    check: Callable[[], list[str]]
    position: int = 100


@dataclass(frozen=True)
class PersonalData:
    """What an app keeps about a contact. `export` answers with rows ready for JSON. `erase` takes out who it was, in
    the transaction of the erasure, and leaves what is counted: it gets the contact as it still is and a
    domain.privacy.Eraser, whose `cleaned()` takes name and address out of texts and JSON."""

    name: str
    title: Text
    export: Callable[[Any], list[dict[str, Any]]]
    erase: Callable[[Any, Any], None]
    position: int = 100


import_kinds: Registry[ImportKind] = Registry("import kind", lambda k: k.key)
after_imports: Registry[AfterImport] = Registry("after import", lambda a: a.name)
checkups: Registry[Checkup] = Registry("checkup", lambda c: c.name)
personal_data: Registry[PersonalData] = Registry("part of personal data", lambda p: p.name)
