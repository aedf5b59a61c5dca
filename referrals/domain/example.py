"""What a program would pay, worked out for a partner who brings so many customers on the same day: for the editor."""

from dataclasses import dataclass
from decimal import Decimal

from referrals.domain.amounts import major
from referrals.domain.commission import Tier, capped, discounted, rate_of, rounded, share
from referrals.domain.exactly import in_minor_units
from referrals.enums import CommissionKind, IncentiveKind, TierMode
from referrals.models import Program

MONTHS = 12


@dataclass(frozen=True)
class Month:
    number: int
    paid: Decimal  # by one customer
    earned: Decimal  # with all of them
    why: str = ""  # nothing, or less: "over", "capped"


@dataclass(frozen=True)
class Example:
    customers: int
    months: list[Month]
    paid: Decimal  # by all customers in the year
    earned: Decimal
    friend_saves: Decimal  # one customer, in the year
    bonus: Decimal  # what who refers gets besides, for all of them
    currency: str
    first_available_day: int  # counted from the first payment
    reaches_minimum_in: int | None  # the month

    @property
    def share(self) -> Decimal | None:
        """Of what the customers pay."""
        return self.earned / self.paid if self.paid else None

    @property
    def cost(self) -> Decimal:
        return self.earned + self.bonus


def worked_out(program: Program, payment: Decimal | int, customers: int) -> Example:
    price = in_minor_units(Decimal(payment), program.currency, field="payment")
    months = _months(program, price, customers)
    earned = sum(commission for _paid, commission, _why in months)
    unit = program.currency
    return Example(
        customers=customers,
        months=[Month(n, major(p, unit), major(c, unit), why) for n, (p, c, why) in enumerate(months, 1)],
        paid=major(customers * sum(paid for paid, _commission, _why in months), unit),
        earned=major(earned, unit),
        friend_saves=major(_credit(program, "friend") + sum(price - paid for paid, _c, _w in months), unit),
        bonus=major(customers * _credit(program, "referrer"), unit),
        currency=unit,
        first_available_day=program.hold_days,
        reaches_minimum_in=_reaches(program, [commission for _paid, commission, _why in months]),
    )


def _months(program: Program, price: int, customers: int) -> list[tuple[int, int, str]]:
    """By month: what one customer pays, what the partner earns with all of them, and why it is not more."""
    found, by_customer = [], [0] * customers
    for month in range(1, MONTHS + 1):
        paid, earned, full = _discounted(program, price, month), 0, 0
        for nth in range(customers):
            due = _commission(program, paid, month, nth + 1, customers)
            kept = capped(capped(due, by_customer[nth], program.cap_customer), earned, program.cap_month)
            by_customer[nth] += kept
            earned, full = earned + kept, full + due
        over = not full and program.commission != CommissionKind.NONE
        found.append((paid, earned, "capped" if earned < full else "over" if over else ""))
    return found


def _discounted(program: Program, price: int, month: int) -> int:
    percent = program.friend_percent if program.friend_gets == IncentiveKind.PERCENT else 0
    return discounted(price, percent, program.friend_months, month)


def _commission(program: Program, paid: int, month: int, nth: int, customers: int) -> int:
    once = program.commission == CommissionKind.BOUNTY or program.months == 0
    over = month > 1 and (once or (program.months is not None and month > program.months))
    if over or not paid or program.commission == CommissionKind.NONE:
        return 0
    if program.commission != CommissionKind.PERCENT:
        return program.amount
    brought = customers if program.tier_mode == TierMode.RETROACTIVE else nth
    return rounded(share(paid, rate_of(Tier.read(program.tiers), brought, program.rate)))


def _credit(program: Program, side: str) -> int:
    kind = getattr(program, f"{side}_gets")
    return getattr(program, f"{side}_amount") if kind in {IncentiveKind.CREDIT, IncentiveKind.CASH} else 0


def _reaches(program: Program, earned: list[int]) -> int | None:
    total = 0
    for month, amount in enumerate(earned, 1):
        total += amount
        if total and total >= program.min_payout:
            return month
    return None
