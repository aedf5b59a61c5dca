"""Two batches at once, the same payment from many: in one test, since such a database is costly to clean. More of this
is in tests/services."""

import pytest

from referrals.domain import payouts
from referrals.domain.checking import check_ledger
from referrals.domain.conversions import Payment, record_conversion
from referrals.domain.sweeping import sweep_referrals
from referrals.models import LedgerEntry, Payout
from tests.accounts.test_dispatch_races import at_once, kinds_of
from tests.referrals.money import at, ledger, make_partner, make_program, make_referral, pay


@pytest.mark.django_db(transaction=True)
def test_many_at_once_earn_once_and_are_paid_once() -> None:
    # With nothing at all to do, and in no transaction but its own.
    assert sweep_referrals() == {"attached": 0, "refunded": 0, "clawed_back": 0}
    program = make_program()
    one, two = (make_partner(program, name) for name in ("Ann", "Ben"))
    referrals = [make_referral(partner) for partner in (one, two)]
    for gross in (4_900, 7_350, 2_450):
        pay(referrals[0], gross)

    def work(number: int) -> object:
        payment = Payment(program, "stripe", "in_1", referrals[number % 2].customer, at("2026-01-15T08:00"), 4_900)
        return record_conversion(payment)[1] if number % 3 else payouts.make_batch(program)

    answers = at_once(work, 8)
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert answers.count(True) == 1
    assert LedgerEntry.objects.filter(kind="accrual").count() == 4

    answers = at_once(lambda _n: payouts.make_batch(program), 3)
    assert kinds_of(answers).get("PayoutBatch", 0) <= 1
    assert sum(Payout.objects.values_list("amount", flat=True)) == 2_940 + 980
    assert sum(amount for partner in (one, two) for _kind, amount in ledger(partner)) == 0
    assert check_ledger() == []
