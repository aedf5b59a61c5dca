"""Two groups of customers side by side: who stayed, what they pay and are worth, and what other apps know of them.
What differs is told with how sure one can be of it; why it differs, nobody can tell from this."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from math import inf
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.domain.metrics.intervals import (
    NOTHING,
    Interval,
    Sample,
    means_apart,
    ratio_apart,
    share,
    shares_apart,
    value_of_life,
)
from accounts.registry import account_measures

KEPT_DAYS = 90  # who is still there so long after the start is kept
MONTH = timedelta(days=365) / 12
SHARE, NUMBER, MONEY = "share", "number", "money"


@dataclass(frozen=True)
class Member:
    """A customer of the groups: of many, where each trait parts them anew."""

    id: int
    started: datetime
    mrr: Decimal
    left_on: date | None  # when it churned

    @cached_property
    def kept(self) -> bool | None:
        """None: it is too early to say."""
        then = self.started.date() + timedelta(days=KEPT_DAYS)
        return None if then > timezone.localdate() else self.left_on is None or self.left_on > then

    @cached_property
    def months(self) -> float:
        """How long it was watched."""
        until = datetime.combine(self.left_on, time(), UTC) if self.left_on else timezone.now()
        return max((until - self.started) / MONTH, 0.0)


Group = Sequence[Member]
Measured = Mapping[str, Mapping[int, Any]]  # by measure: what it is of each account


@dataclass(frozen=True)
class Row:
    """One figure of both groups. `unit`: how it is written; `apart` is first − second (of a ratio, on the
    logarithm)."""

    key: str
    title: Any
    unit: str
    first: Interval
    second: Interval
    apart: Interval
    about: Any = ""

    @property
    def too_few(self) -> bool:
        return self.first.too_few or self.second.too_few or not (self.first.known and self.second.known)

    @property
    def differs(self) -> bool:
        return not self.too_few and self.apart.excludes_zero


def measures_of(members: Group) -> Measured:
    """Measures of the apps above come from the registry: one query each, of whoever is still a customer."""
    here = [one.id for one in members if one.left_on is None]
    return {measure.key: measure.load(here) for measure in account_measures.sorted()}


def side_by_side(first: Group, second: Group, known: Measured | None = None) -> list[Row]:
    """`known`: the measures of both, where more than these two groups are compared."""
    if known is None:
        known = measures_of([*first, *second])
    return [kept(first, second), *measured(known, first, second), spent(first, second), life(first, second)]


def kept(first: Group, second: Group) -> Row:
    a, b = _kept(first), _kept(second)
    about = _("still customers %(days)s days after the start, of those who started so long ago") % {"days": KEPT_DAYS}
    return Row("retention", _("Retention"), SHARE, a, b, shares_apart(a, b), about)


def _kept(group: Group) -> Interval:
    known = [one.kept for one in group if one.kept is not None]
    return share(sum(known), len(known))


def measured(known: Measured, *groups: Group) -> list[Row]:
    here = [[one.id for one in group if one.left_on is None] for group in groups]
    rows = []
    for measure in account_measures.sorted():
        values = known[measure.key]
        samples = [Sample.of([float(values[pk]) for pk in group if pk in values]) for group in here]
        rows.append(of_means(measure.key, measure.title, NUMBER, samples, measure.about, bounds=measure.bounds))
    return rows


def spent(*groups: Group) -> Row:
    samples = [Sample.of([float(one.mrr) for one in group if one.left_on is None]) for group in groups]
    return of_means("mrr", _("MRR now"), MONEY, samples, _("of those who are still customers"), bounds=(0.0, inf))


def of_means(
    key: str, title: Any, unit: str, samples: Sequence[Sample], about: Any, *, bounds: tuple[float, float]
) -> Row:
    first, second = samples
    return Row(key, title, unit, first.interval(*bounds), second.interval(*bounds), means_apart(first, second), about)


def life(first: Group, second: Group) -> Row:
    a, b = _life(first), _life(second)
    about = _("ARPA divided by the share of customers lost in a month; without a loss there is no figure")
    return Row("ltv", _("LTV"), MONEY, a, b, ratio_apart(a, b), about)


def _life(group: Group) -> Interval:
    paying = Sample.of([float(one.mrr) for one in group if one.mrr > 0])
    lost = sum(one.left_on is not None for one in group)
    return value_of_life(paying, lost, sum(one.months for one in group)) if group else NOTHING
