"""A column's converter, run once per distinct cell: dates, plans and actions repeat a thousand times in a file."""

import re
from collections.abc import Callable

from accounts.domain.exports import FORMULA
from accounts.domain.imports.cells import Convert, Refused

# Distinct cells remembered per column; ids never repeat, so the memory is emptied between batches when full.
REMEMBERED = 20_000
NOTHING = "\\N"

_HARMLESS = re.compile(f"'['\"]*[{re.escape(''.join(FORMULA))}]")
_SPECIAL = re.compile(r"[\\\n\r\t\0]")
_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def escaped(value: str) -> str:
    """As COPY's text format wants it."""
    return value.translate(_ESCAPES) if _SPECIAL.search(value) else value


class Column(dict[str, str | None]):
    """cell → value escaped for COPY, or None where the cell is refused (`why` has the sentence)."""

    def __init__(
        self, convert: Convert, *, missing: Callable[[], str] | None = None, default: str | None = None
    ) -> None:
        super().__init__()
        self.convert, self.missing, self.default = convert, missing, default
        self.why: dict[str, str] = {}

    def __missing__(self, cell: str) -> str | None:
        try:
            value = self._value(cell)
        except Refused as refusal:
            self.why[cell], value = str(refusal), None
        self[cell] = value
        return value

    def _value(self, cell: str) -> str:
        value = self.convert(cell)
        if value is None:
            value = self.default
        if value is None:
            if self.missing:
                raise Refused(self.missing())
            return NOTHING
        return escaped(value)

    def values_of(self, cells: list[str]) -> list[str | None]:
        if len(self) > REMEMBERED:
            self.clear()
            self.why.clear()
        return list(map(self.__getitem__, cells))


class TextColumn(Column):
    """Text hardly repeats and hardly ever needs more than a look: a whole batch is looked at in one go."""

    def __init__(
        self, convert: Convert, max_length: int, *, missing: Callable[[], str] | None = None, default: str | None = None
    ) -> None:
        super().__init__(convert, missing=missing, default=default)
        self.max_length = max_length

    def values_of(self, cells: list[str]) -> list[str | None]:
        if not self._plain("".join(cells)):
            return super().values_of(cells)
        values: list[str | None] = list(map(str.strip, cells))
        if max(map(len, values), default=0) > self.max_length:  # type: ignore[arg-type]
            return super().values_of(cells)
        return values if all(values) else [value or self[""] for value in values]

    def _plain(self, text: str) -> bool:
        """Printable text has no line ends, tabs or zero bytes; two spaces would become one, and a ' before a formula
        goes (cells.text)."""
        return text.isprintable() and "\\" not in text and "  " not in text and not _HARMLESS.search(text)
