"""Which accounts a statement is about."""

from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Statement:
    text: str
    params: dict[str, Any]


@dataclass(frozen=True)
class Which:
    """Accounts of [low, high), or just `ids`; as of now, or of the end of a past day."""

    low: int = 0
    high: int = 2**62
    ids: list[int] | None = None
    on: date | None = None

    def of(self, column: str) -> str:
        if self.ids is not None:
            return f"{column} = ANY(%(ids)s::bigint[])"
        return f"{column} >= %(low)s AND {column} < %(high)s"

    @property
    def where(self) -> str:
        return self.of("a.id")

    @property
    def params(self) -> dict[str, Any]:
        return {"low": self.low, "high": self.high, "ids": self.ids, "on": self.on}
