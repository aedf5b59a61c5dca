"""Cohorts side by side (M9): every mature one counts, also those nobody is left of; what is not yet known is empty."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from accounts.domain.metrics.ratios import mean, ratio


@dataclass(frozen=True)
class Cohort:
    size: int
    kept: Sequence[int | None]  # by month since the start; None: not there yet

    def known(self, month: int) -> int | None:
        return self.kept[month] if self.size and month < len(self.kept) else None


def _mature(cohorts: Sequence[Cohort], month: int) -> list[tuple[int, int]]:
    """Kept and size of the cohorts that have reached that month; empty ones are left out."""
    found = ((cohort.known(month), cohort.size) for cohort in cohorts)
    return [(kept, size) for kept, size in found if kept is not None]


def _months(cohorts: Sequence[Cohort]) -> range:
    return range(max((len(cohort.kept) for cohort in cohorts), default=0))


def weighted(cohorts: Sequence[Cohort]) -> list[Decimal | None]:
    """By size: of all people who could be there, those who are."""
    rows = (_mature(cohorts, month) for month in _months(cohorts))
    return [ratio(sum(kept for kept, _size in row), sum(size for _kept, size in row)) for row in rows]


def simple(cohorts: Sequence[Cohort]) -> list[Decimal | None]:
    """Every cohort counts the same, however small."""
    rows = (_mature(cohorts, month) for month in _months(cohorts))
    return [mean(ratio(kept, size) or Decimal(0) for kept, size in row) for row in rows]
