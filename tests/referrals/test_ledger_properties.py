"""Whatever happens, in whichever order: the ledger is what a plain model of the rules says, and its trial balance zero.

The model knows nothing of the product: R1 to R10 written once more, with lists and fractions."""

import contextlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

import time_machine
from hypothesis import HealthCheck, given, settings, strategies as st
from hypothesis.extra.django import TestCase

from accounts.exceptions import DomainError
from referrals.domain import payouts, reviewing
from referrals.domain.balances import balance_of
from referrals.domain.checking import check_ledger
from referrals.domain.entries import reverse_all
from referrals.enums import CommissionKind
from referrals.models import Conversion, Payout
from tests.referrals.money import at, ledger, make_partner, make_program, make_referral, pay, refund
from tests.thorough import examples

START = at("2026-01-10T00:00")
money = st.one_of(st.integers(1, 400), st.integers(1, 60_000))
which = st.integers(0, 9)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("pays"), which, money),
        st.tuples(st.just("pays"), which, money),
        st.tuples(st.just("gets_back"), which, money),
        st.tuples(st.just("gets_all_back"), which, st.just(0)),
        st.tuples(st.just("held"), which, st.just(0)),
        st.tuples(st.just("approved"), which, st.just(0)),
        st.tuples(st.just("refused"), which, st.just(0)),
        st.tuples(st.just("clawed_back"), which, st.just(0)),
        st.tuples(st.just("batch"), st.just(0), st.just(0)),
        st.tuples(st.just("fails"), which, st.just(0)),
        st.tuples(st.just("adjusted"), st.just(0), st.integers(-3_000, 3_000)),
        st.tuples(st.just("waits"), st.just(0), st.integers(1, 25)),
    ),
    max_size=14,
)


def nearest(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))


@dataclass
class Entry:
    kind: str
    amount: int
    available: datetime
    customer: int = -1
    taken: bool = False
    reverses: "Entry | None" = None


@dataclass
class Sale:
    """`entry` is what it has earned: another one, once a refusal has taken the first and did not last."""

    customer: int
    paid: int
    at: datetime
    entry: Entry | None = None
    refunded: int = 0
    reversed: int = 0
    refused: bool = False  # a refusal has taken it, or it was paid under one

    @property
    def commission(self) -> int:
        return self.entry.amount if self.entry else 0


@dataclass
class Model:
    """One partner with three customers."""

    rate: Decimal
    hold: int
    minimum: int
    cap: int | None
    now: datetime = START
    entries: list[Entry] = field(default_factory=list)
    sales: list[Sale] = field(default_factory=list)
    paid_out: list[list] = field(default_factory=list)  # [sum, failed]
    reviews: dict[int, str] = field(default_factory=dict)  # of customers: held, approved, refused

    def pays(self, customer: int, amount: int) -> None:
        sale = Sale(customer, amount, self.now, refused=self.reviews.get(customer) == "refused")
        self.sales.append(sale)
        if not sale.refused:
            self.earns(sale)

    def earns(self, sale: Sale) -> None:
        commission = nearest(sale.paid * self.rate / 100)
        if self.cap is not None:
            so_far = sum(s.commission - s.reversed for s in self.sales if s.customer == sale.customer)
            commission = max(0, min(commission, self.cap - so_far))
        if commission:
            self.accrues(sale, commission, sale.at + timedelta(days=self.hold))

    def accrues(self, sale: Sale, amount: int, available: datetime) -> None:
        sale.entry, sale.reversed = Entry("accrual", amount, available, sale.customer), 0
        self.entries.append(sale.entry)

    def gets_back(self, number: int, amount: int) -> None:
        sale = self.sales[number]
        if amount <= sale.paid - sale.refunded:
            sale.refunded += amount
            self.reverse(sale, self.gone_of(sale))

    def gone_of(self, sale: Sale) -> int:
        return nearest(Decimal(sale.commission) * sale.refunded / sale.paid)

    def reverse(self, sale: Sale, whole: int) -> bool:
        if not sale.entry or (more := whole - sale.reversed) <= 0:
            return False
        sale.reversed, available = whole, max(self.now, sale.entry.available)
        self.entries.append(Entry("reversal", -more, available, sale.customer, reverses=sale.entry))
        return True

    def clawed_back(self, customer: int) -> None:
        for sale in self.sales:
            if sale.customer == customer:
                self.reverse(sale, sale.commission)

    def refused(self, customer: int) -> None:
        if self.reviews.get(customer) != "refused":
            self.reviews[customer] = "refused"
            for sale in self.sales:
                if sale.customer == customer and self.reverse(sale, sale.commission):
                    sale.refused = True

    def approved(self, customer: int) -> None:
        """What the refusal took comes back; then what was paid under it is earned, as if it were paid now."""
        before, self.reviews[customer] = self.reviews.get(customer), "approved"
        if before != "refused":
            return
        theirs = [sale for sale in self.sales if sale.customer == customer and sale.refused]
        taken, unpaid = [s for s in theirs if s.entry], [s for s in theirs if not s.entry]
        for sale in taken:
            self.accrues(sale, sale.commission, max(self.now, sale.entry.available))
        for sale in taken:
            self.takes_refunded(sale)
        for sale in unpaid:
            self.earns(sale)
            self.takes_refunded(sale)
        for sale in theirs:
            sale.refused = False

    def takes_refunded(self, sale: Sale) -> None:
        if sale.entry and (gone := self.gone_of(sale)):
            sale.reversed = gone
            self.entries.append(Entry("reversal", -gone, sale.entry.available, sale.customer, reverses=sale.entry))

    def open(self) -> list[Entry]:
        return [e for e in self.entries if not e.taken and e.available <= self.now and not self.is_held(e)]

    def is_held(self, entry: Entry) -> bool:
        """What a refusal takes back of money that was paid is the partner's debt, and not held."""
        review = self.reviews.get(entry.customer)
        paid_before = entry.reverses is not None and entry.reverses.taken
        return review == "held" or (review == "refused" and not paid_before)

    def batch(self) -> None:
        total = sum(e.amount for e in self.open())
        if total > 0 and total >= self.minimum:
            for entry in self.open():
                entry.taken = True
            self.entries.append(Entry("payout", -total, self.now, taken=True))
            self.paid_out.append([total, False])

    def fails(self, number: int) -> None:
        payout = self.paid_out[number]
        if not payout[1]:
            payout[1] = True
            self.entries.append(Entry("payout_failed", payout[0], self.now))

    def available(self) -> int:
        return sum(e.amount for e in self.open())


class Product:
    """The same steps, by the verbs."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.program = make_program(
            rate=model.rate, hold_days=model.hold, min_payout=model.minimum, cap_customer=model.cap
        )
        self.partner = make_partner(self.program)
        self.customers = [make_referral(self.partner, signed_up_at=START) for _number in range(3)]

    def do(self, what: str, number: int, amount: int) -> None:
        model, when = self.model, self.model.now.isoformat()
        customer = number % 3
        match what:
            case "pays":
                model.pays(customer, amount)
                pay(self.customers[customer], amount, when)
            case "gets_back" | "gets_all_back" if model.sales:
                nth = number % len(model.sales)
                left = model.sales[nth].paid - model.sales[nth].refunded
                model.gets_back(nth, amount if what == "gets_back" else left)
                with contextlib.suppress(DomainError):
                    refund(Conversion.objects.order_by("pk")[nth], amount or None, when)
            case "held" | "approved" | "refused":
                self.review(what, customer)
            case "clawed_back":
                model.clawed_back(customer)
                reverse_all([self.customers[customer].pk], "clawback", model.now)
            case "batch":
                model.batch()
                payouts.make_batch(self.program)
            case "fails" if model.paid_out:
                nth = number % len(model.paid_out)
                model.fails(nth)
                payouts.mark_failed(Payout.objects.order_by("pk")[nth], "back")
            case "adjusted" if amount:
                model.entries.append(Entry("adjustment", amount, model.now))
                payouts.adjust(self.partner.pk, amount, "so")
            case "waits":
                model.now += timedelta(days=amount)

    def review(self, what: str, customer: int) -> None:
        model = self.model
        if what != "held":
            getattr(model, what)(customer)
        elif model.reviews.get(customer) != "refused":
            model.reviews[customer] = "held"
        verb = {"held": reviewing.hold, "approved": reviewing.approve, "refused": reviewing.deny}[what]
        with contextlib.suppress(DomainError):
            verb(self.customers[customer], "so")


class Ledger(TestCase):
    @settings(max_examples=examples(6), deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        rate=st.sampled_from(["20", "12.5", "4.35", "33.3333", "100"]),
        hold=st.sampled_from([0, 30]),
        minimum=st.sampled_from([0, 500]),
        cap=st.sampled_from([None, None, 3_000]),
        lived=steps,
    )
    def test_the_ledger_is_what_the_rules_say(self, rate, hold, minimum, cap, lived) -> None:
        model = Model(Decimal(rate), hold, minimum, cap)
        product = Product(model)
        assert product.program.commission == CommissionKind.PERCENT
        for what, number, amount in lived:
            with time_machine.travel(model.now, tick=False):
                product.do(what, number, amount)
            with time_machine.travel(model.now, tick=False):
                assert check_ledger() == []
                assert ledger(product.partner) == [(e.kind, e.amount) for e in model.entries]
                sums = balance_of(product.partner.pk)
                assert (sums.total, sums.available) == (sum(e.amount for e in model.entries), model.available())
                assert sums.total == sums.available + sums.pending + sums.held
        assert [p[0] for p in model.paid_out] == list(Payout.objects.order_by("pk").values_list("amount", flat=True))
