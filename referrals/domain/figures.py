"""What referrals bring, and what they cost: the funnel of a period, in all and by program, partner or channel."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple

from django.db.models import Count, DecimalField, Exists, ExpressionWrapper, F, OuterRef, QuerySet, Sum, Value
from django.db.models.functions import Cast, Round

from accounts.enums import Stage
from accounts.models import Contact
from accounts.registry import active_users
from referrals.enums import EntryKind, IncentiveKind, IncentiveStatus, Review, WhyNothing
from referrals.models import Click, Conversion, Incentive, Invitation, LedgerEntry, Program, Referral, Refund

GROUPS = ("program", "partner", "channel")
COUNTS = ("invitations", "clicks", "sign_ups", "customers", "churned")
SUMS = ("paid", "refunded", "commission", "credits")
WIDE = DecimalField(max_digits=40, decimal_places=0)


class Window(NamedTuple):
    """Days of UTC, half-open."""

    first: date
    until: date

    def of(self, name: str) -> dict[str, datetime]:
        bounds = (datetime.combine(day, time(), UTC) for day in self)
        return dict(zip((f"{name}__gte", f"{name}__lt"), bounds, strict=True))


@dataclass
class Money:
    """In minor units of one currency."""

    paid: int = 0  # by referred customers, net of tax and discount
    refunded: int = 0
    commission: int = 0  # what partners earned, less what was taken back
    credits: int = 0  # what both sides were given otherwise

    @property
    def revenue(self) -> int:
        return self.paid - self.refunded

    @property
    def cost(self) -> int:
        return self.commission + self.credits


@dataclass
class Funnel:
    invitations: int = 0
    clicks: int = 0
    sign_ups: int = 0
    customers: int = 0
    churned: int = 0
    money: dict[str, Money] = field(default_factory=lambda: defaultdict(Money))

    @property
    def sign_up_rate(self) -> float | None:
        return ratio(self.sign_ups, self.clicks)

    @property
    def customer_rate(self) -> float | None:
        return ratio(self.customers, self.sign_ups)


def ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None


@dataclass(frozen=True)
class Virality:
    """k = invitations sent per active user × the share of them that became customers."""

    active_users: int
    invitations: int
    customers: int
    by_usage: bool = False  # active users are those who used the product, not all whom customers have named

    @property
    def per_user(self) -> float | None:
        return ratio(self.invitations, self.active_users)

    @property
    def conversion(self) -> float | None:
        return ratio(self.customers, self.invitations)

    @property
    def k(self) -> float | None:
        if self.per_user is None or self.conversion is None:
            return None
        return self.per_user * self.conversion


def virality(window: Window, funnel: Funnel, program: Program | None = None) -> Virality:
    """Of the customers, those who came by an invitation: by its partner and on its way, after it."""
    users = sum(source.count(*window) for source in active_users)
    sent = Invitation.objects.filter(partner=OuterRef("partner"), channel=OuterRef("channel"))
    won = Referral.objects.exclude(review=Review.DENIED).filter(**window.of("paid_at"))
    won = won.filter(Exists(sent.filter(sent_at__lte=OuterRef("signed_up_at"))))
    won = won.filter(program=program) if program else won
    return Virality(users or _people(window), funnel.invitations, won.count(), users > 0)


def _people(window: Window) -> int:
    """Where nobody tells who uses the product: people of customers who have not left us, as of the window's end."""
    people = Contact.objects.filter(left_on=None).exclude(account__stage__in=[Stage.CHURNED, Stage.TRIAL])
    return people.filter(created_at__lt=datetime.combine(window.until, time(), UTC)).count()


def funnels(window: Window, by: str = "", program: Program | None = None) -> dict[Any, Funnel]:
    """By key of the thing asked for (of GROUPS); "" where nothing is. Two statements, however much there is."""
    found: dict[Any, Funnel] = defaultdict(Funnel)
    counts = [_grouped(name, rows, of, by, program, value=Count("pk")) for name, rows, of in counted(window)]
    for name, key, count in _together(counts):
        setattr(found[key], name, count)
    sums = [
        _grouped(name, rows, of, by, program, code, value=Sum(amount))
        for name, rows, of, code, amount in summed(window)
    ]
    for name, key, code, total in _together(sums):
        setattr(found[key].money[code], name, int(total))
    return dict(found)


def counted(window: Window) -> Iterator[tuple[str, QuerySet, str]]:
    """What is counted, and how its rows get to what is asked for: by their partner, or their referral ("": its own)."""
    genuine = Referral.objects.exclude(review=Review.DENIED)
    yield "invitations", Invitation.objects.filter(**window.of("sent_at")), "partner"
    yield "clicks", Click.objects.filter(counted=True, **window.of("occurred_at")), "partner"
    yield "sign_ups", genuine.filter(**window.of("signed_up_at")), ""
    yield "customers", genuine.filter(**window.of("paid_at")), ""
    yield "churned", genuine.filter(churned_on__gte=window.first, churned_on__lt=window.until), ""


def summed(window: Window) -> Iterator[tuple[str, QuerySet, str, str, Any]]:
    """The same for money: with its currency and its amount."""
    payments = Conversion.objects.exclude(referral__review=Review.DENIED).exclude(why=WhyNothing.BEFORE)
    payments = payments.filter(**window.of("occurred_at"))
    yield "paid", payments, "referral", "program__currency", "base"
    refunds = Refund.objects.exclude(conversion__referral__review=Review.DENIED).filter(conversion__net__gt=0)
    refunds = refunds.exclude(conversion__why=WhyNothing.BEFORE)
    share = Cast("amount", WIDE) * F("conversion__base") / F("conversion__net")
    refunds = refunds.filter(**window.of("occurred_at"))
    yield "refunded", refunds, "conversion__referral", "program__currency", Round(ExpressionWrapper(share, WIDE))
    entries = LedgerEntry.objects.filter(kind__in=[EntryKind.ACCRUAL, EntryKind.REVERSAL], **window.of("occurred_at"))
    yield "commission", entries.filter(referral__isnull=False), "referral", "currency", "amount"
    credits_ = Incentive.objects.exclude(status=IncentiveStatus.REVOKED).filter(kind=IncentiveKind.CREDIT)
    yield "credits", credits_.filter(**window.of("granted_at")), "referral", "currency", "amount"


def _grouped(name: str, rows: QuerySet, of: str, by: str, program: Program | None, *more: str, value: Any) -> QuerySet:
    """(name, key, *more, value) of each group."""
    if program:
        rows = rows.filter(**{f"{of}__program" if of else "program": program})
    keys = F(_key(of, by)) if by else Value("")
    named = rows.order_by().annotate(what=Value(name), group_key=keys)
    return named.values_list("what", "group_key", *more).annotate(value=value)


def _together(parts: Sequence[QuerySet]) -> list[Sequence[Any]]:
    """The rows of each, in one statement, that have any."""
    return [row for row in parts[0].union(*parts[1:], all=True) if row[-1]]


def _key(of: str, by: str) -> str:
    if of == "partner" and by != "program":  # invitations and clicks have a partner and a channel of their own
        return {"partner": "partner_id", "channel": "channel"}[by]
    name = {"program": "program__slug", "partner": "partner_id", "channel": "channel"}[by]
    return f"{of}__{name}" if of else name


def in_all(found: Mapping[Any, Funnel]) -> Funnel:
    """What the groups come to: everything is in one of them."""
    whole = Funnel()
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for one in found.values():
        for name in COUNTS:
            setattr(whole, name, getattr(whole, name) + getattr(one, name))
        for code, money in one.money.items():
            for name in SUMS:
                sums[code, name] += getattr(money, name)
    for (code, name), total in sums.items():
        if total:
            setattr(whole.money[code], name, total)
    return whole
