"""Those who finished beside those who did not, those who came to a session beside those who did not. What differs is
told with how sure one can be of it; that it was the onboarding, nobody can tell from this."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.postgres.aggregates import BoolOr
from django.db.models import Max, Min, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import Stage
from accounts.registry import account_measures
from onboarding.domain.reports.cohort import Cohort
from onboarding.domain.reports.stats import (
    NOTHING,
    Interval,
    Sample,
    means_apart,
    ratio_apart,
    share,
    shares_apart,
    value_of_life,
)
from onboarding.enums import ChecklistStatus, SeatStatus
from onboarding.models import Seat

KEPT_DAYS = 90  # who is still there so long after the start is kept
MONTH = timedelta(days=365) / 12
SHARE, NUMBER, MONEY = "share", "number", "money"


@dataclass(frozen=True)
class Customer:
    """An account that was onboarded in the period."""

    id: int
    started: datetime
    mrr: Decimal
    left_on: date | None  # when it churned
    finished: bool
    attended: bool

    def stayed(self, days: int, today: date) -> bool | None:
        """None: it is too early to say."""
        then = self.started.date() + timedelta(days=days)
        return None if then > today else self.left_on is None or self.left_on > then

    def months(self, now: datetime) -> float:
        """How long it was watched."""
        until = now if self.left_on is None else datetime.combine(self.left_on, datetime.min.time(), now.tzinfo)
        return max((until - self.started) / MONTH, 0.0)


def customers(cohort: Cohort) -> list[Customer]:
    """Two queries."""
    attended = dict(
        Seat.objects.filter(status=SeatStatus.ATTENDED, contact__account__in=cohort.accounts.values("pk"))
        .values_list("contact__account")
        .annotate(last=Max("session__starts_at"))
        .order_by()
    )
    columns = ("account_id", "account__mrr", "account__churned_on", "account__stage")
    rows = cohort.checklists.order_by().values_list(*columns)
    found = rows.annotate(started=Min("started_at"), done=BoolOr(Q(status=ChecklistStatus.FINISHED)))
    today = timezone.localdate()
    return [
        Customer(
            pk,
            started,
            mrr,
            (left or today) if stage == Stage.CHURNED else None,
            done,
            _after(attended.get(pk), started),
        )
        for pk, mrr, left, stage, started, done in found
    ]


def _after(last: datetime | None, started: datetime) -> bool:
    return last is not None and last >= started


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


@dataclass(frozen=True)
class Comparison:
    key: str
    first: int  # accounts
    second: int
    rows: Sequence[Row]


def compare(found: Sequence[Customer], key: str, belongs: Callable[[Customer], bool]) -> Comparison:
    """Measures of the apps above come from the registry: one query each, for both groups."""
    groups = [c for c in found if belongs(c)], [c for c in found if not belongs(c)]
    rows = [_kept(*groups), *_measured(*groups), _mrr(*groups), _life(*groups)]
    return Comparison(key, len(groups[0]), len(groups[1]), rows)


def finished_or_not(found: Sequence[Customer]) -> Comparison:
    return compare(found, "finished", lambda customer: customer.finished)


def attended_or_not(found: Sequence[Customer]) -> Comparison:
    return compare(found, "attended", lambda customer: customer.attended)


def _kept(*groups: Sequence[Customer]) -> Row:
    today = timezone.localdate()
    shares = []
    for group in groups:
        stayed = [known for one in group if (known := one.stayed(KEPT_DAYS, today)) is not None]
        shares.append(share(sum(stayed), len(stayed)))
    about = _("still customers %(days)s days after the start, of those who started so long ago") % {"days": KEPT_DAYS}
    first, second = shares
    return Row("retention", _("Retention"), SHARE, first, second, shares_apart(first, second), about)


def _measured(*groups: Sequence[Customer]) -> list[Row]:
    here = [[one.id for one in group if one.left_on is None] for group in groups]
    rows = []
    for measure in account_measures.sorted():
        values = measure.load([pk for group in here for pk in group])
        samples = [Sample.of([float(values[pk]) for pk in group if pk in values]) for group in here]
        rows.append(_of_means(measure.key, measure.title, NUMBER, samples, measure.about))
    return rows


def _mrr(*groups: Sequence[Customer]) -> Row:
    samples = [Sample.of([float(one.mrr) for one in group if one.left_on is None]) for group in groups]
    return _of_means("mrr", _("MRR now"), MONEY, samples, _("of those who are still customers"))


def _of_means(key: str, title: Any, unit: str, samples: Sequence[Sample], about: Any) -> Row:
    first, second = samples
    return Row(key, title, unit, first.interval, second.interval, means_apart(first, second), about)


def _life(*groups: Sequence[Customer]) -> Row:
    now = timezone.now()
    values = []
    for group in groups:
        paying = Sample.of([float(one.mrr) for one in group if one.mrr > 0])
        lost = sum(one.left_on is not None for one in group)
        values.append(value_of_life(paying, lost, sum(one.months(now) for one in group)) if group else NOTHING)
    about = _("ARPA divided by the share of customers lost in a month; without a loss there is no figure")
    first, second = values
    return Row("ltv", _("LTV"), MONEY, first, second, ratio_apart(first, second), about)
