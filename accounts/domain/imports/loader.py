"""What a kind of file knows beyond its fields: which rows are still refused, and how the rest is written."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from accounts.domain.imports.fields import DELETED, ImportField
from accounts.domain.imports.staging import ROWS, Stage


@dataclass
class Counts:
    created: int = 0
    updated: int = 0
    unchanged: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.created + other.created, self.updated + other.updated, self.unchanged + other.unchanged)


class Loader(ABC):
    """One kind of file."""

    fields: ClassVar[tuple[ImportField, ...]] = ()
    # Of each group at least one must be mapped.
    one_of: ClassVar[tuple[tuple[str, ...], ...]] = ()
    # What makes a row the same thing again: columns of the stage, and how a sentence calls it.
    key: ClassVar[tuple[str, ...]] = ()
    called: ClassVar[str] = ""
    # Whether rows that say the same twice are looked for.
    copies: ClassVar[bool] = True
    # Words in a header that speak for this kind.
    signs: ClassVar[frozenset[str]] = frozenset()

    def keys(self, stage: Stage) -> tuple[str, ...]:
        return self.key

    def field(self, name: str) -> ImportField:
        return next(f for f in self.all_fields() if f.name == name)

    def all_fields(self) -> tuple[ImportField, ...]:
        return (*self.fields, DELETED)

    def refuse(self, stage: Stage) -> None:  # noqa: B027 - many kinds have nothing to refuse here
        """Take the rows out of the stage that only the database knows to be wrong."""

    @abstractmethod
    def write(self, stage: Stage, *, by: object) -> Counts:
        """The rows that are left, in sets."""

    def touched(self, stage: Stage) -> list[int]:
        """The accounts that the rows are about."""
        return [pk for (pk,) in stage.ask(f"SELECT DISTINCT account_id FROM {ROWS} WHERE account_id IS NOT NULL")]
