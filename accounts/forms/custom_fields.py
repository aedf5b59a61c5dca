"""Names and values beside our own fields."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _


@dataclass(frozen=True)
class CustomRow:
    """As it is written now, and as its reader found it: others may have changed the account meanwhile."""

    number: int
    name: str
    value: str
    seen_name: str = ""
    seen_value: str = ""


PARTS = ("name", "value", "seen-name", "seen-value")


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
            given = [CustomRow(n, *(self._given(part, n) for part in PARTS)) for n in range(self.MOST)]
            return [row for row in given if row.name or row.value or row.seen_name] or self._empty(0)
        return self._stored() + self._empty(len(self.plain))

    def _stored(self) -> list[CustomRow]:
        texts = {name: "" if value is None else str(value) for name, value in self.plain.items()}
        rows = [CustomRow(n, name, text, name, text) for n, (name, text) in enumerate(texts.items())]
        return rows[: self.MOST - self.ROOM]

    def _empty(self, start: int) -> list[CustomRow]:
        return [CustomRow(n, "", "") for n in range(start, min(start + self.ROOM, self.MOST))]

    def _given(self, part: str, number: int) -> str:
        return str(self.data.get(f"custom-{number}-{part}", "")).strip()

    def read(self) -> tuple[dict[str, Any], list[str]]:
        """The fields as they are to be, and what is wrong with the rows. What was not touched is as it is by now: also
        a number stays a number."""
        errors, rows = [], self.rows
        seen = {row.seen_name: row.seen_value for row in rows if row.seen_name}
        seen = seen or {row.seen_name: row.seen_value for row in self._stored()}  # sent by a program
        kept = {name: value for name, value in self.stored.items() if name not in seen}
        for row in rows:
            if row.value and not row.name:
                errors.append(_("The value “%(value)s” has no name.") % {"value": row.value[:80]})
            elif row.name and row.value and seen.get(row.name) != row.value:
                kept[row.name] = row.value
            elif row.value and row.name in self.stored:
                kept[row.name] = self.stored[row.name]
        return kept, errors
