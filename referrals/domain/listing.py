"""Partners as a list: searched, filtered, sorted, a page at a time; and what each of the page's rows has brought."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from accounts.domain import keyset
from accounts.domain.text import prose
from accounts.models import Account
from referrals.domain.codes import code_key
from referrals.enums import PartnerStatus, Review
from referrals.models import Balance, Click, Code, LedgerEntry, Partner, Program, Referral

SIZE = 50
LONGEST = 200


@dataclass(frozen=True)
class Sort:
    order: keyset.Order
    column: Any  # the model field behind it


SORTS = {
    "name": Sort(keyset.Order("name"), Partner._meta.get_field("name")),
    "newest": Sort(keyset.Order("created_at", descending=True), Partner._meta.get_field("created_at")),
    "earned": Sort(keyset.Order("balance__earned", descending=True, nullable=True), Balance._meta.get_field("earned")),
    "balance": Sort(keyset.Order("balance__total", descending=True, nullable=True), Balance._meta.get_field("earned")),
}


@dataclass(frozen=True)
class Asked:
    """What the address asks for; what cannot be is not asked for."""

    q: str = ""
    program: str = ""
    status: str = ""
    sort: str = "name"

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Asked":
        status, sort = query.get("status", ""), query.get("sort", "")
        return cls(
            prose(query.get("q", "")[:LONGEST], LONGEST),
            query.get("program", "")[:60].replace("\0", ""),
            status if status in PartnerStatus.values else "",
            sort if sort in SORTS else "name",
        )

    def __bool__(self) -> bool:
        return bool(self.q or self.program or self.status)

    def rows(self) -> QuerySet[Partner]:
        rows = Partner.objects.select_related("program", "account", "balance")
        if self.program:
            rows = rows.filter(program__slug=self.program)
        if self.status:
            rows = rows.filter(status=self.status)
        return rows.filter(pk__in=_matching(self.q)) if self.q else rows


def _matching(text: str) -> QuerySet[Any, Any]:
    """Part of a name, an address or a company; a whole code in any spelling. Each by an index of its own, which one
    condition over three tables would not use."""
    theirs = Q(name__icontains=text) | Q(email__icontains=text) | Q(company__icontains=text)
    accounts = Account.objects.filter(name__icontains=text)
    found = Partner.objects.filter(theirs).values("pk")
    by_account = Partner.objects.filter(account__in=accounts).values("pk")
    return found.union(by_account, Code.objects.filter(key=code_key(text)).order_by().values("partner"))


def page(asked: Asked, *, after: str = "", before: str = "") -> keyset.Page:
    sort = SORTS[asked.sort]
    return keyset.page(
        asked.rows(),
        sort.order,
        after=keyset.read_position(after, sort.column) if after else None,
        before=keyset.read_position(before, sort.column) if before else None,
        size=SIZE,
        at=lambda row: (_value(row, sort.order.column), row.pk),
    )


def _value(row: Partner, column: str) -> Any:
    if not column.startswith("balance__"):
        value = getattr(row, column)
        return value.isoformat() if hasattr(value, "isoformat") else value
    balance = getattr(row, "balance", None)
    return None if balance is None else getattr(balance, column.removeprefix("balance__"))


@dataclass(frozen=True)
class Brought:
    clicks: int = 0
    sign_ups: int = 0
    customers: int = 0
    to_review: int = 0


def brought_by(partners: Sequence[Partner]) -> dict[int, Brought]:
    """By partner, in two queries."""
    ids = [partner.pk for partner in partners]
    clicks = dict(
        Click.objects.filter(partner__in=ids, counted=True).order_by().values_list("partner").annotate(n=Count("pk"))
    )
    counted = Referral.objects.filter(partner__in=ids).order_by().values("partner").annotate(
        all=Count("pk"),
        paid=Count("pk", filter=Q(paid_at__isnull=False) & ~Q(review=Review.DENIED)),
        open=Count("pk", filter=Q(review__in=Review.open())),
    )  # fmt: skip
    rows = {row["partner"]: row for row in counted}
    nothing = {"all": 0, "paid": 0, "open": 0}
    return {
        pk: Brought(clicks.get(pk, 0), row["all"], row["paid"], row["open"])
        for pk in ids
        for row in [rows.get(pk, nothing)]
    }


def known_programs() -> QuerySet[Program]:
    return Program.objects.order_by("name", "pk").only("slug", "name", "currency", "status", "kind")


# The ledger of one ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """An entry, and what the partner's balance was with it."""

    entry: Any
    balance: int


LEDGER = keyset.Order("pk", descending=True)


def ledger(partner: Partner, *, after: str = "", before: str = "", size: int = SIZE) -> keyset.Page:
    """Newest first, each with the running balance: one sum for the page, however long the ledger is."""
    column = LedgerEntry._meta.get_field("id")
    rows = partner.entries.select_related("referral", "payout__batch", "by", "conversion")
    found = keyset.page(
        rows,
        LEDGER,
        after=keyset.read_position(after, column) if after else None,
        before=keyset.read_position(before, column) if before else None,
        size=size,
        at=lambda row: (row.pk, row.pk),
    )
    return keyset.Page(_with_balance(partner, found.rows), found.previous, found.next)


def _with_balance(partner: Partner, entries: Sequence[Any]) -> list[Line]:
    if not entries:
        return []
    running = partner.entries.filter(pk__lte=entries[0].pk).aggregate(sum=Sum("amount"))["sum"]
    lines = []
    for entry in entries:
        lines.append(Line(entry, running))
        running -= entry.amount
    return lines
