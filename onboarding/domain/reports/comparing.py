"""Those who finished beside those who did not, those who came to a session beside those who did not. What differs is
told with how sure one can be of it; that it was the onboarding, nobody can tell from this."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.postgres.aggregates import BoolOr
from django.db.models import Max, Min, Q
from django.utils import timezone

from accounts.domain.metrics.groups import MONEY, NUMBER, SHARE, Measured, Member, Row, measures_of, side_by_side
from accounts.enums import Stage
from onboarding.domain.reports.cohort import Cohort
from onboarding.enums import ChecklistStatus, SeatStatus
from onboarding.models import Seat

__all__ = ["MONEY", "NUMBER", "SHARE", "Comparison", "Customer", "Row", "compare", "customers"]


@dataclass(frozen=True)
class Customer(Member):
    """An account that was onboarded in the period."""

    finished: bool
    attended: bool


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
class Comparison:
    key: str
    first: int  # accounts
    second: int
    rows: Sequence[Row]


def compared(found: Sequence[Customer]) -> tuple[Comparison, Comparison]:
    """Both: what the apps above measure is asked for once."""
    known = measures_of(found)
    return finished_or_not(found, known), attended_or_not(found, known)


def compare(
    found: Sequence[Customer], key: str, belongs: Callable[[Customer], bool], known: Measured | None = None
) -> Comparison:
    groups = [c for c in found if belongs(c)], [c for c in found if not belongs(c)]
    return Comparison(key, len(groups[0]), len(groups[1]), side_by_side(*groups, known))


def finished_or_not(found: Sequence[Customer], known: Measured | None = None) -> Comparison:
    return compare(found, "finished", lambda customer: customer.finished, known)


def attended_or_not(found: Sequence[Customer], known: Measured | None = None) -> Comparison:
    return compare(found, "attended", lambda customer: customer.attended, known)
