"""Incentives as a list for billing: which are still to be honoured, filtered, a page at a time, and what they add up
to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q, Sum

from accounts.domain import keyset
from accounts.domain.listing import matching
from accounts.domain.text import prose
from accounts.models import Account
from referrals.enums import IncentiveKind, IncentiveStatus, Side
from referrals.models import Incentive
from referrals.models.referral import IncentiveQuerySet

SIZE = 50
LONGEST = 200
ALL = "all"
# Those to honour: the longest waiting first. Else what happened last.
ORDERS = {
    IncentiveStatus.GRANTED: keyset.Order("granted_at"),
    IncentiveStatus.USED: keyset.Order("used_at", descending=True),
    IncentiveStatus.REVOKED: keyset.Order("revoked_at", descending=True, nullable=True),
    ALL: keyset.Order("granted_at", descending=True),
}


@dataclass(frozen=True)
class Asked:
    """What the address asks for; what cannot be is not asked for."""

    q: str = ""
    account: str = ""  # the number of one
    program: str = ""
    side: str = ""
    status: str = IncentiveStatus.GRANTED

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Asked":
        account, side, status = (query.get(name, "") for name in ("account", "side", "status"))
        return cls(
            prose(query.get("q", "")[:LONGEST], LONGEST),
            account if account.isascii() and account.isdigit() and len(account) < 19 else "",
            query.get("program", "")[:60].replace("\0", ""),
            side if side in Side.values else "",
            status if status in ORDERS else IncentiveStatus.GRANTED.value,
        )

    def __str__(self) -> str:
        """As an address asks for it."""
        return urlencode({name: value for name, value in vars(self).items() if value})

    @property
    def narrow(self) -> bool:
        return bool(self.q or self.account or self.program or self.side)

    def of_any_status(self) -> IncentiveQuerySet:
        rows = Incentive.objects.by_hand()
        if self.q:
            rows = rows.filter(account__in=Account.objects.filter(matching(self.q)))
        if self.account:
            rows = rows.filter(account=int(self.account))
        if self.program:
            rows = rows.filter(referral__program__slug=self.program)
        return rows.filter(side=self.side) if self.side else rows

    def rows(self) -> IncentiveQuerySet:
        rows = self.of_any_status()
        return rows if self.status == ALL else rows.filter(status=self.status)


def page(asked: Asked, *, after: str = "", before: str = "") -> keyset.Page:
    order = ORDERS[asked.status]
    column = Incentive._meta.get_field(order.column)
    return keyset.page(
        asked.rows().with_whose(),
        order,
        after=keyset.read_position(after, column) if after else None,
        before=keyset.read_position(before, column) if before else None,
        size=SIZE,
        at=lambda row: (_moment(getattr(row, order.column)), row.pk),
    )


def _moment(value: Any) -> str | None:
    return value.isoformat() if value else None


@dataclass(frozen=True)
class Owed:
    """Of one currency: what is still to be honoured, how much of it had better wait, and how many discounts."""

    currency: str
    amount: int
    held: int
    credits: int
    discounts: int


def owed(asked: Asked) -> list[Owed]:
    """Of those that are asked for, whichever status the list shows."""
    discount = Q(kind=IncentiveKind.PERCENT)
    rows = asked.of_any_status().to_honour().order_by("currency").values("currency")
    sums = rows.annotate(
        all=Sum("amount", filter=~discount, default=0),
        waits=Sum("amount", filter=~discount & Q(referral__held=True), default=0),
        credits=Count("pk", filter=~discount),
        discounts=Count("pk", filter=discount),
    )
    return [Owed(row["currency"], int(row["all"]), int(row["waits"]), row["credits"], row["discounts"]) for row in sums]
