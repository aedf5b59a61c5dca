"""Who the cost of keeping customers is made of: those kept over the year, and those whom calls were logged with, each
with the hours that took."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from accounts.domain.mrr import ZERO
from accounts.domain.numbers.asking import Asked
from accounts.domain.numbers.behind import Line, behind
from accounts.domain.numbers.spending import minutes_by

ALL = 10**9


def who_was_kept(asked: Asked) -> Mapping[int, tuple[Any, ...]]:
    """Kept (1) or not (0), hours logged, MRR a year before, MRR at the end."""
    found: dict[int, tuple[Any, ...]] = {}
    year = _lines("year", asked)
    minutes = minutes_by("account", asked.first, asked.last, asked.accounts())
    for pk in {*minutes, *(pk for pk, line in year.items() if line.after > 0)}:
        line = year.get(pk)
        kept = line is not None and line.after > 0
        found[pk] = (int(kept), Decimal(minutes.get(pk, 0)) / 60, line.before if line else ZERO, _after(line))
    return found


def who_lived_and_was_kept(asked: Asked) -> Mapping[int, tuple[Any, ...]]:
    """With those whom the lifetime value is made of."""
    rows = {pk: (0, ZERO, ZERO, line.amount) for pk, line in _lines("life", asked).items()}
    return rows | dict(who_was_kept(asked))


def _after(line: Line | None) -> Decimal:
    return line.after if line else ZERO


def _lines(key: str, asked: Asked) -> dict[int, Line]:
    found = behind(key, asked.first, asked.last, asked.filters, size=ALL)
    return {line.account_id: line for line in found.lines}
