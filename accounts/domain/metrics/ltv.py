"""What a customer is worth over its life (M7): each form with its own assumptions, none of them a number where it
has no meaning."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext

from accounts.domain.metrics.ratios import Number, mean, product, ratio
from accounts.domain.mrr import ARITHMETIC

HORIZON = 60  # months
MONTHS = 6  # churn is the mean of as many full months

NO_CUSTOMERS = "no_customers"
NO_CHURN = "no_churn"
DIVERGES = "diverges"


@dataclass(frozen=True)
class LifetimeValue:
    simple: Decimal | None  # ARPA / c
    margin: Decimal | None  # ARPA × margin / c
    discounted: Decimal | None  # Σ ARPA × margin × (q / (1 + d))ᵗ, q = (1 − c)(1 + g)
    horizon: Decimal | None  # the same over `HORIZON` months: converges always
    lifetime_months: Decimal | None  # 1 / c
    reason: str | None  # why a figure is missing


def lifetime_value(
    arpa: Number | None,
    churn: Number | None,
    margin: Number,
    *,
    discount: Number = 0,
    growth: Number = 0,
    horizon: int = HORIZON,
) -> LifetimeValue:
    """All per month: `churn` the share of customers lost, `growth` what those who stay add, `discount` what money is
    worth less."""
    if arpa is None:
        return LifetimeValue(None, None, None, None, None, NO_CUSTOMERS)
    lost = Decimal(churn) if churn and churn > 0 else None
    earned = product(arpa, margin)
    step = _step(lost or Decimal(0), Decimal(growth), Decimal(discount))
    converges = step is not None and step < 1
    return LifetimeValue(
        simple=ratio(arpa, lost),
        margin=ratio(earned, lost),
        discounted=ratio(earned, 1 - step) if step is not None and converges else None,
        horizon=None if step is None or earned is None else _sum(earned, step, horizon),
        lifetime_months=ratio(1, lost),
        reason=NO_CHURN if lost is None else None if converges else DIVERGES,
    )


def _step(churn: Decimal, growth: Decimal, discount: Decimal) -> Decimal | None:
    """What a month is worth of the one before."""
    with localcontext(ARITHMETIC):
        return None if discount <= -1 else (1 - churn) * (1 + growth) / (1 + discount)


def _sum(first: Decimal, step: Decimal, months: int) -> Decimal:
    with localcontext(ARITHMETIC):
        return first * months if step == 1 else first * (1 - step**months) / (1 - step)


def trailing_churn(rates: Sequence[Number]) -> Decimal | None:
    """Of the last six full months; the running one is no full month, and must not be among them."""
    return mean(rates[-MONTHS:])


def recommended(
    mrr: Number, margin: Number, account_retention: Number, net_mrr_retention: Number, discount: Number = 0
) -> Decimal | None:
    """MRR × margin × account retention / (1 + discount rate − net MRR retention); None: does not converge."""
    with localcontext(ARITHMETIC):
        under = 1 + Decimal(discount) - Decimal(net_mrr_retention)
    return ratio(product(mrr, margin, account_retention), under) if under > 0 else None
