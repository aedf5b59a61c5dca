"""Why customers left: each churn with its reason and their words, as it happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, QuerySet, Sum

from accounts.domain.metrics.months import following
from accounts.domain.numbers.asking import Asked
from accounts.enums import ChurnReason, MovementKind
from accounts.models import Movement

UNKNOWN = ""


@dataclass(frozen=True)
class Reason:
    key: str
    customers: int
    mrr: Decimal  # lost, above 0

    @property
    def label(self) -> str:
        return str(ChurnReason(self.key).label) if self.key else ""


def leaving(asked: Asked) -> QuerySet[Movement]:
    rows = Movement.objects.filter(
        kind=MovementKind.CHURN, occurred_on__gte=asked.first, occurred_on__lt=following(asked.last)
    )
    accounts = asked.accounts()
    return rows if accounts is None else rows.filter(account__in=accounts)


def reasons(asked: Asked) -> list[Reason]:
    """The costliest first; those without a reason last."""
    found = leaving(asked).values("reason").annotate(n=Count("account", distinct=True), mrr=Sum("amount")).order_by()
    rows = [Reason(row["reason"], row["n"], -row["mrr"]) for row in found]
    return sorted(rows, key=lambda row: (row.key == UNKNOWN, -row.mrr, row.key))


def told(asked: Asked, reason: str | None = None) -> QuerySet[Movement]:
    """The newest first, of one reason ("" is none given) or of all."""
    rows = leaving(asked).select_related("account__csm", "account__segment").order_by("-occurred_on", "-id")
    return rows if reason is None else rows.filter(reason=reason)


def known(rows: Sequence[Reason]) -> int:
    return sum(row.customers for row in rows if row.key)
