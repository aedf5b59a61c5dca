"""What a new customer costs, and when it has paid for itself (M8 of the cases, M11 of the rules)."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from accounts.domain.metrics.ratios import Number, product, ratio


@dataclass(frozen=True)
class Acquisition:
    cac: Decimal | None
    ltv_to_cac: Decimal | None  # goal: 3
    payback_months: Decimal | None  # goal: under 12

    @property
    def recovered_in_month(self) -> int | None:
        """The month in which the last of it comes back."""
        if self.payback_months is None:
            return None
        return int(self.payback_months.to_integral_value(ROUND_CEILING))


def acquisition(
    spend: Number, new_customers: int, arpa: Number | None, margin: Number, ltv: Number | None
) -> Acquisition:
    """`spend` is all of sales and marketing. Without new customers there is nothing to tell."""
    cac = ratio(spend, new_customers)
    earned = product(arpa, margin)
    payback = ratio(cac, earned) if earned and earned > 0 else None
    return Acquisition(cac, ratio(ltv, cac), payback)
