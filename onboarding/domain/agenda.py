"""The sessions of some days, and those that nobody has marked yet."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from accounts import formats
from accounts.domain import keyset
from accounts.domain.keyset import Order
from accounts.models import Account
from onboarding.domain.board import EVERYTHING, Filters
from onboarding.domain.wording import name_of
from onboarding.enums import SeatStatus, SessionStatus
from onboarding.models import Seat, Session

SHOWN = [SessionStatus.CONFIRMED, SessionStatus.ATTENDED, SessionStatus.NO_SHOW]
UNMARKED_DAYS = 30  # who has not marked it by then, does not know any more
CANCELED = Q(status=SessionStatus.CANCELED)
NEWEST = Order("starts_at", descending=True)


@dataclass(frozen=True)
class Item:
    """A session with who comes."""

    session: Session
    what: str
    seats: Sequence[Seat]

    @property
    def pk(self) -> int:
        return self.session.pk

    @property
    def account(self) -> Account | None:
        """Whose session it is; of a group, that of the one who comes, if it is one alone."""
        if self.session.account:
            return self.session.account
        accounts = {seat.contact.account.pk: seat.contact.account for seat in self.seats if seat.contact}
        return next(iter(accounts.values())) if len(accounts) == 1 else None

    @property
    def day(self) -> date:
        """On the reader's clock."""
        return timezone.localtime(self.session.starts_at).date()

    @property
    def begins(self) -> str:
        return formats.clock(self.session.starts_at)

    @property
    def ends(self) -> str:
        return formats.clock(self.session.ends_at)

    @property
    def group(self) -> bool:
        return self.session.seats > 1

    @property
    def unmarked(self) -> bool:
        return self.session.status == SessionStatus.CONFIRMED and self.session.starts_at <= timezone.now()

    @property
    def running(self) -> bool:
        return self.session.starts_at <= timezone.now() < self.session.ends_at


def of(filters: Filters = EVERYTHING) -> Q:
    """Sessions of these customers; those of a CSM are also the ones they host."""
    if filters == EVERYTHING:
        return Q()
    if filters.csm and filters == Filters(csm=filters.csm):
        return Q(host=filters.csm) | Q(account__csm=filters.csm)
    with_template = Q(account__checklists__version__template=filters.template) if filters.template else Q()
    return filters.of_account & with_template


def between(start: datetime, end: datetime, filters: Filters = EVERYTHING) -> list[Item]:
    """In order of time; two queries."""
    found = _shown(filters).filter(starts_at__gte=start, starts_at__lt=end)
    return items(found.order_by("starts_at", "pk"))


def by_day(found: Iterable[Item]) -> dict[date, list[Item]]:
    """On the reader's clock."""
    return {day: list(rows) for day, rows in groupby(found, key=lambda item: item.day)}


def unmarked(filters: Filters = EVERYTHING, *, most: int = 10) -> tuple[list[Item], int]:
    """Sessions that have taken place, or have not: somebody has to say. With how many there are in all."""
    now = timezone.now()
    waiting = _shown(filters).filter(
        status=SessionStatus.CONFIRMED,
        seats_taken__gt=0,  # a group that everybody has left
        starts_at__gte=now - timedelta(days=UNMARKED_DAYS),
        ends_at__lte=now,
    )
    count = waiting.count()
    return (items(waiting.order_by("-starts_at", "pk")[:most]) if count else []), count


def _shown(filters: Filters) -> QuerySet[Session]:
    found = Session.objects.filter(of(filters), status__in=SHOWN)
    return found.distinct() if filters.template else found


def items(found: QuerySet[Session]) -> list[Item]:
    seats = Seat.objects.exclude(status=SeatStatus.CANCELED).select_related("contact__account").order_by("pk")
    rows = found.select_related("session_type", "host", "account__csm").prefetch_related(
        Prefetch("attendees", queryset=seats, to_attr="seated")
    )
    return [Item(row, name_of(row.session_type), row.seated) for row in rows]  # type: ignore[attr-defined]


# A list of any length, newest first: what stands behind the figures of the reports ---------------------------


@dataclass(frozen=True)
class Which:
    start: datetime | None = None
    end: datetime | None = None
    friction: str = ""
    seat: str = ""  # a SeatStatus, or "unmarked"
    account: int | None = None

    @property
    def where(self) -> Q:
        where = Q()
        for lookup, value in (
            ("starts_at__gte", self.start),
            ("starts_at__lt", self.end),
            ("account", self.account),
        ):
            if value is not None:
                where &= Q(**{lookup: value})
        if self.friction:
            where &= Q(friction__contains=[self.friction])
        return where & self._of_seats if self.seat else where

    @property
    def _of_seats(self) -> Q:
        if self.seat == "unmarked":
            return Q(
                pk__in=Seat.objects.filter(status=SeatStatus.BOOKED).values("session"), starts_at__lt=timezone.now()
            )
        return Q(pk__in=Seat.objects.filter(status=self.seat).values("session"))


def page(filters: Filters, which: Which, *, after: str = "", before: str = "", size: int = 50) -> keyset.Page:
    """All sessions but those that are only held, canceled ones too."""
    column = Session._meta.get_field("starts_at")
    rows = Session.objects.filter(of(filters), which.where).exclude(status=SessionStatus.HELD)
    found = keyset.page(
        rows.distinct() if filters.template else rows,
        NEWEST,
        after=keyset.read_position(after, column) if after else None,
        before=keyset.read_position(before, column) if before else None,
        size=size,
        at=lambda row: (row.starts_at, row.pk),
    )
    return keyset.Page(_in_place(found.rows), found.previous, found.next)


def _in_place(rows: Sequence[Session]) -> list[Item]:
    whole: dict[int, Any] = {item.pk: item for item in items(Session.objects.filter(pk__in=[row.pk for row in rows]))}
    return [whole[row.pk] for row in rows]


def of_account(account: Account, *, most: int = 20) -> list[Item]:
    """Those to come first, then what was; of groups, those somebody of theirs has a seat in."""
    theirs = Q(account=account) | Q(pk__in=Seat.objects.filter(contact__account=account).values("session"))
    rows = Session.objects.filter(theirs).exclude(status=SessionStatus.HELD).order_by("-starts_at", "pk")
    return items(rows[:most])
