"""The yearly offer for who pays by the month: what it saves them, and from when it pays for both sides."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from accounts.domain.mrr import ARITHMETIC, recurring
from accounts.domain.plans.pricing import as_fields, price_for
from accounts.enums import Interval, SubscriptionStatus as Status
from accounts.models import Subscription

MONTHS = 12
FINEST = Decimal("0.0001")


@dataclass(frozen=True)
class YearlyOffer:
    by_month: Decimal  # twelve monthly payments
    by_year: Decimal  # one yearly payment

    @property
    def saves(self) -> Decimal:
        return self.by_month - self.by_year

    @property
    def share(self) -> Decimal:
        return ARITHMETIC.divide(self.saves, self.by_month)

    @property
    def pays_after(self) -> int:
        """Months: who stays so long has paid as much by the month as for the whole year."""
        monthly = ARITHMETIC.divide(self.by_month, Decimal(MONTHS))
        return int(ARITHMETIC.divide(self.by_year, monthly).to_integral_value(ROUND_CEILING))

    @property
    def breaks_even_at(self) -> Decimal:
        """For us: the monthly churn from which the year's price is more than monthly payers leave us in a year.

        With churn c the expected payments are month × Σ (1 − c)^t over t = 0 … 11; found by halving.
        """
        low, high = Decimal(0), Decimal(1)
        while high - low > FINEST:
            middle = (low + high) / 2
            if self._expected(middle) > self.by_year:
                low = middle
            else:
                high = middle
        return high.quantize(FINEST)

    def _expected(self, churn: Decimal) -> Decimal:
        monthly = ARITHMETIC.divide(self.by_month, Decimal(MONTHS))
        return sum((ARITHMETIC.multiply(monthly, (1 - churn) ** month) for month in range(MONTHS)), Decimal(0))


def yearly_offer(sub: Subscription) -> YearlyOffer | None:
    """On the version they have, so that an old price stays theirs; None where that has no yearly price, or a year
    would save nothing."""
    monthly = sub.interval == Interval.MONTH and sub.interval_count == 1 and sub.status == Status.ACTIVE
    if not monthly or sub.ended_on or sub.plan_version is None:
        return None
    price = price_for(sub.plan_version, Interval.YEAR, sub.currency)
    if price is None:
        return None
    yearly = Subscription(discount_percent=sub.discount_percent, discount_amount=sub.discount_amount * MONTHS)
    for name, value in as_fields(sub.plan_version, price, sub.quantity).items():
        setattr(yearly, name, value)
    offer = YearlyOffer(recurring(sub) * MONTHS, recurring(yearly))
    return offer if offer.by_year and offer.saves > 0 else None
