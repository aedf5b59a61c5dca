"""Names and values beside our own fields."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _


@dataclass(frozen=True)
class CustomRow:
    number: int
    name: str
    value: str


def _is_plain(value: Any) -> bool:
    return value is None or (isinstance(value, str | int | float) and not isinstance(value, bool))


class CustomFields:
    """Names and values that an installation keeps beside ours. What is no plain text or number (a program put
    it there) is not shown here and stays as it is."""

    ROOM = 2  # empty rows to write new ones into
    MOST = 60

    def __init__(self, data: Any, custom: Any) -> None:
        self.stored = custom if isinstance(custom, dict) else {}
        self.plain = {k: v for k, v in self.stored.items() if _is_plain(v)}
        self.data = data

    @property
    def rows(self) -> list[CustomRow]:
        if self.data is not None:
            given = [(n, self._given("name", n), self._given("value", n)) for n in range(self.MOST)]
            written = [CustomRow(*row) for row in given if row[1] or row[2]]
            return written or self._empty(0)
        stored = [CustomRow(n, k, "" if v is None else str(v)) for n, (k, v) in enumerate(self.plain.items())]
        return stored[: self.MOST - self.ROOM] + self._empty(len(stored))

    def _empty(self, start: int) -> list[CustomRow]:
        return [CustomRow(n, "", "") for n in range(start, min(start + self.ROOM, self.MOST))]

    def _given(self, part: str, number: int) -> str:
        return str(self.data.get(f"custom-{number}-{part}", "")).strip()

    def read(self) -> tuple[dict[str, Any], list[str]]:
        """The fields as they are to be, and what is wrong with the rows."""
        errors = []
        shown = list(self.plain)[: self.MOST - self.ROOM]
        kept = {name: value for name, value in self.stored.items() if name not in shown}
        for row in self.rows:
            if row.value and not row.name:
                errors.append(_("The value “%(value)s” has no name.") % {"value": row.value[:80]})
            elif row.name and row.value:
                kept[row.name] = self._as_before(row)
        return kept, errors

    def _as_before(self, row: CustomRow) -> Any:
        """A number that was not touched stays a number."""
        before = self.plain.get(row.name)
        return before if before is not None and str(before) == row.value else row.value
