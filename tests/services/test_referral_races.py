"""Many at once: a customer is bound once, a payment earns once, an entry is paid once. Real connections, one a thread."""

import pytest

from referrals.domain import payouts, reviewing
from referrals.domain.checking import check_ledger
from referrals.domain.conversions import Payment, record_conversion
from referrals.domain.partners import accept_terms
from referrals.domain.refunds import GivenBack, record_refund, sweep_waiting
from referrals.domain.signing_up import SignUp, refer
from referrals.domain.terms import publish_terms
from referrals.enums import PartnerStatus
from referrals.models import (
    Acceptance,
    Code,
    Conversion,
    LedgerEntry,
    Payout,
    PayoutBatch,
    PayoutItem,
    Referral,
    Refund,
)
from tests.accounts.test_dispatch_races import at_once, kinds_of
from tests.referrals.money import at, ledger, make_account, make_partner, make_program, make_referral, pay

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _sound():
    yield
    assert check_ledger() == []


def test_two_batches_at_once_are_one() -> None:
    program = make_program()
    partners = [make_partner(program, f"P{number}") for number in range(3)]
    for partner in partners:
        for gross in (4_900, 7_350, 2_450):
            pay(make_referral(partner), gross)

    made = at_once(lambda _n: payouts.make_batch(program), 4)

    assert kinds_of(made) == {"PayoutBatch": 1, "NoneType": 3}
    assert (PayoutBatch.objects.count(), PayoutItem.objects.count()) == (1, 9)
    assert list(Payout.objects.values_list("amount", flat=True)) == [2_940] * 3


def test_batches_payments_and_refunds_at_once() -> None:
    partner = make_partner()
    referral = make_referral(partner)
    sold = [pay(referral, 1_000) for _number in range(4)]

    def work(number: int) -> object:
        match number % 3:
            case 0:
                return payouts.make_batch(partner.program)
            case 1:
                return pay(referral, 500, external_id=f"new-{number}")
            case _:
                given = GivenBack(
                    partner.program, "stripe", f"re-{number}", sold[number % 4].external_id, at("2026-01-20T00:00"), 100
                )
                return record_refund(given)[1]

    answers = at_once(work)
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    payouts.make_batch(partner.program)
    assert sum(amount for _kind, amount in ledger(partner)) == 0
    assert sum(Payout.objects.values_list("amount", flat=True)) == 4 * 200 + 4 * 100 - 4 * 20


def test_the_same_payment_from_many_and_for_two_customers() -> None:
    program = make_program()
    one, two = (make_referral(make_partner(program)) for _number in range(2))

    def work(number: int) -> bool:
        customer = (one, two)[number % 2].customer
        return record_conversion(Payment(program, "stripe", "in_1", customer, at("2026-01-15T08:00"), 4_900))[1]

    answers = at_once(work)
    assert sorted(answers) == [False] * 11 + [True]
    assert (Conversion.objects.count(), LedgerEntry.objects.count()) == (1, 1)


def test_a_refund_and_its_payment_at_once_find_each_other() -> None:
    partner = make_partner()
    referral = make_referral(partner)

    def work(number: int) -> object:
        if number % 2:
            return pay(referral, 1_000, external_id=f"in-{number // 2}")
        return record_refund(
            GivenBack(partner.program, "stripe", f"re-{number}", f"in-{number // 2}", at("2026-01-20T00:00"))
        )

    answers = at_once(work)
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    sweep_waiting()  # those that did not see each other
    assert set(Refund.objects.values_list("status", flat=True)) == {"applied"}
    assert sum(amount for _kind, amount in ledger(partner)) == 0


def test_a_customer_is_bound_once() -> None:
    program, acme = make_program(), make_account("acme")
    codes = [make_partner(program).codes.get().code for _number in range(3)]

    def work(number: int) -> int:
        return refer(
            SignUp(
                program, ("acme", "shop-1")[number % 2], at("2026-01-01T00:00"), code=codes[number % 3], account=acme
            )
        )[0].pk

    assert len(set(at_once(work))) == Referral.objects.count() == 1


def test_a_payout_fails_once() -> None:
    partner = make_partner()
    pay(make_referral(partner), 10_000)
    row = payouts.make_batch(partner.program).payouts.get()
    answers = at_once(lambda _n: payouts.mark_failed(Payout.objects.get(pk=row.pk), "back"), 6)
    assert sorted(answers) == [False] * 5 + [True]
    assert ledger(partner)[2:] == [("payout_failed", 2_000)]


def test_what_was_refused_comes_back_once() -> None:
    partner = make_partner()
    referral = make_referral(partner)
    pay(referral, 10_000)
    reviewing.deny(referral, "so")
    pay(referral, 5_000)
    answers = at_once(lambda _n: reviewing.approve(Referral.objects.get(pk=referral.pk)), 4)
    assert kinds_of(answers) == {"NoneType": 1, "Conflict": 3}
    assert ledger(partner)[2:] == [("accrual", 2_000), ("accrual", 1_000)]


def test_an_invited_partner_is_taken_once() -> None:
    partner = make_partner(status=PartnerStatus.INVITED)
    Code.objects.all().delete()
    publish_terms(partner.program, {"en": "Be fair."}, at("2026-01-01T00:00").date())
    at_once(lambda _n: accept_terms(partner), 4)
    partner.refresh_from_db()
    assert (partner.status, Acceptance.objects.count(), Code.objects.count()) == ("approved", 1, 1)
