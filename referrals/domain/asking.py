"""What the rules about referrals and their money have to know. One row asks the database as it goes along; a file asks
once for all its rows (domain/bulk/known.py), and the rules are the same."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.db.models import Count, Q, QuerySet, Sum

from accounts.domain.rates import Rates
from accounts.models import Account
from referrals.domain import traces
from referrals.domain.codes import find_code
from referrals.domain.partners import referring_at
from referrals.enums import EntryKind, Review, TierMode
from referrals.models import Code, LedgerEntry, Partner, Program, Referral


class Asking:
    def account(self, external_id: str) -> Account | None:
        return Account.objects.filter(external_id=external_id).first()

    def bound(self, program: Program, customer: str, account: Account | None = None) -> Referral | None:
        rows = Referral.objects.select_related("partner", "program", "account").filter(program=program)
        by_account = Q(account=account) if account else Q(account__external_id=customer)
        return rows.filter(Q(customer=customer) | by_account).order_by("pk").first()

    def code(self, text: str) -> Code | None:
        return find_code(text)

    def refers(self, partner_id: int, at: datetime) -> bool:
        """A partner in good standing then."""
        return bool(referring_at([partner_id], at))

    def traces(self, partner: Partner) -> traces.Traces:
        return traces.of(partner)

    def coupon_sales(self, code: Code) -> tuple[int, int]:
        """By this coupon so far, and those without a click before."""
        sales = Referral.objects.filter(code=code, coupon=True).aggregate(
            all=Count("pk"), without=Count("pk", filter=Q(clicked_before=False))
        )
        return sales["all"], sales["without"]

    def rates(self, currencies: Iterable[str]) -> Rates:
        return Rates(currencies)

    def paying(self, referral: Referral) -> int:
        """The partner's customers who have paid, this one not counted yet where it has not."""
        rows = Referral.objects.filter(partner=referral.partner_id, paid_at__isnull=False).exclude(review=Review.DENIED)
        if referral.program.tier_mode == TierMode.MARGINAL and referral.paid_at:
            earlier = Q(paid_at__lt=referral.paid_at) | Q(paid_at=referral.paid_at, pk__lte=referral.pk)
            rows = rows.filter(earlier)
        return rows.count()

    def earned_from(self, referral: Referral) -> int:
        return _sum(_earnings().filter(referral=referral))

    def earned_in_month(self, partner_id: int, at: datetime) -> int:
        return _sum(_earnings().filter(partner=partner_id, conversion__occurred_at__range=month_of(at)))


DATABASE = Asking()


def month_of(at: datetime) -> tuple[datetime, datetime]:
    """The calendar month, from its first to its last instant."""
    first = at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return first, (first + timedelta(days=32)).replace(day=1) - timedelta(microseconds=1)


def _earnings() -> QuerySet[LedgerEntry]:
    return LedgerEntry.objects.filter(kind__in=[EntryKind.ACCRUAL, EntryKind.REVERSAL], conversion__isnull=False)


def _sum(entries: QuerySet[LedgerEntry]) -> int:
    return entries.aggregate(total=Sum("amount", default=0))["total"]
