"""What a period's renewals will bring, with its arithmetic (RULES 3 and M10).

    due       Σ MRR of the terms that end in [first, until)
    forecast  Σ decided at their outcome + Σ open × probability
    gross     the same, each term capped at what was due of it

A term that is over and undecided is overdue: it stands beside the window, whichever it was in, and is never dropped.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, DecimalField, F, Q, QuerySet, Sum
from django.db.models.functions import Least
from django.utils import timezone

from accounts.domain.renewals.listing import (
    EXPECTED,
    MONEY,
    ZERO,
    Filters,
    figures,
    over,
    overdue as overdue_rows,
    probability_of,
    rows,
)
from accounts.enums import RenewalStage as Stage
from accounts.models import Renewal

__all__ = ["Forecast", "Part", "forecast", "probability_of"]


@dataclass(frozen=True)
class Part:
    """A line of the sum: decided terms of one outcome, or open ones of one probability."""

    source: str  # decided, call, band
    what: str  # the outcome, the band, or "" for calls
    probability: Decimal | None  # None: decided
    count: int
    due: Decimal
    amount: Decimal  # at its outcome, or due × probability
    gross: Decimal

    @property
    def is_decided(self) -> bool:
        return self.source == "decided"


@dataclass(frozen=True)
class Forecast:
    first: date
    until: date
    today: date
    parts: list[Part] = field(default_factory=list)
    overdue: list[Part] = field(default_factory=list)
    filters: Filters = field(default_factory=Filters)

    @property
    def count(self) -> int:
        return sum(part.count for part in self.parts)

    @property
    def due(self) -> Decimal:
        return _sum(part.due for part in self.parts)

    @property
    def decided(self) -> Decimal:
        """What the decided ones are worth afterwards: that much has been renewed."""
        return _sum(part.amount for part in self.parts if part.is_decided)

    @property
    def decided_due(self) -> Decimal:
        return _sum(part.due for part in self.parts if part.is_decided)

    @property
    def open(self) -> Decimal:
        """The open ones × their probability."""
        return _sum(part.amount for part in self.parts if not part.is_decided)

    @property
    def open_due(self) -> Decimal:
        return self.due - self.decided_due

    @property
    def total(self) -> Decimal:
        return self.decided + self.open

    @property
    def gross(self) -> Decimal:
        return _sum(part.gross for part in self.parts)

    @property
    def renewal_rate(self) -> Decimal | None:
        """Of what is due, how much has been renewed so far."""
        return _share(self.decided, self.due)

    @property
    def expected_rate(self) -> Decimal | None:
        return _share(self.total, self.due)

    @property
    def gross_rate(self) -> Decimal | None:
        return _share(self.gross, self.due)

    @property
    def overdue_count(self) -> int:
        return sum(part.count for part in self.overdue)

    @property
    def overdue_due(self) -> Decimal:
        return _sum(part.due for part in self.overdue)

    @property
    def overdue_expected(self) -> Decimal:
        return _sum(part.amount for part in self.overdue)

    @property
    def lines(self) -> QuerySet[Renewal]:
        """Every term that went in, with `worth`, `probability`, `source` and `expected`."""
        found = rows(self.filters).filter(_within(self.first, self.until, self.today))
        return found.annotate(expected=EXPECTED).order_by("ends_on", "pk")

    @property
    def overdue_lines(self) -> QuerySet[Renewal]:
        return overdue_rows(self.filters, self.today).annotate(expected=EXPECTED)


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, ZERO)


def _share(part: Decimal, due: Decimal) -> Decimal | None:
    return min(part, due) / due if due else None


def forecast(first: date, until: date, *, today: date | None = None, **filters: Any) -> Forecast:
    """Terms that end in [first, until); `filters` as in listing.Filters. Two queries, however many terms."""
    today, which = today or timezone.localdate(), Filters(**filters)
    within = figures(which).filter(_within(first, until, today))
    late = figures(which).filter(over(today))
    return Forecast(first, until, today, _parts(within), _parts(late), which)


def _overdue(today: date) -> Q:
    return Q(decided_at__isnull=True, ends_on__lt=today)


def _within(first: date, until: date, today: date) -> Q:
    return Q(ends_on__gte=first, ends_on__lt=until) & ~_overdue(today)


def _parts(found: QuerySet[Renewal]) -> list[Part]:
    """Grouped by what they count for: outcomes, calls, bands; what is safest first."""
    capped = Least(EXPECTED, F("worth"), output_field=MONEY)
    grouped = found.values("source", "stage", "band", "probability").annotate(  # type: ignore[misc]  # annotated
        n=Count("pk"), due=_total(F("worth")), amount=_total(EXPECTED), gross=_total(capped)
    )
    sums: dict[tuple[str, str, Decimal | None], list[Any]] = {}
    names = ("source", "stage", "band", "probability", "n", "due", "amount", "gross")
    for source, stage, band, probability, *numbers in grouped.order_by().values_list(*names):
        what = stage if source == "decided" else band if source == "band" else ""
        key = (source, what, None if source == "decided" else probability)
        sums[key] = [a + b for a, b in zip(sums.get(key, [0, ZERO, ZERO, ZERO]), numbers, strict=True)]
    return [Part(*key, *numbers) for key, numbers in sorted(sums.items(), key=lambda item: _place(*item[0]))]


def _total(amount: Any) -> Sum:
    return Sum(amount, default=ZERO, output_field=DecimalField(max_digits=30, decimal_places=11))


def _place(source: str, what: str, probability: Decimal | None) -> tuple[int, int, Decimal, str]:
    order = {"decided": 0, "call": 1, "band": 2}[source]
    outcome = Stage.values.index(what) if source == "decided" else 0
    return (order, outcome, -(probability or ZERO), what)
