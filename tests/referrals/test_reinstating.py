"""A refusal that does not last: what it took comes back, what was paid meanwhile is booked, each once."""

from datetime import date

import pytest

from accounts.models import Account, Activity
from referrals.domain import reviewing
from referrals.domain.balances import balance_of
from referrals.domain.checking import check_ledger
from referrals.domain.clawback import sweep_clawbacks
from referrals.domain.signing_up import SignUp, refer
from referrals.enums import WhyNothing
from tests.referrals.money import (
    NOW,
    at,
    ledger,
    make_account,
    make_partner,
    make_program,
    make_referral,
    pay,
    refund,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock(time_machine):
    time_machine.move_to(NOW, tick=False)
    yield
    assert check_ledger() == []


def total(partner) -> int:
    return balance_of(partner.pk).total


def test_who_was_refused_by_a_rule_earns_all_of_it_once_approved() -> None:
    program = make_program(referrer_gets="cash", referrer_amount=700, friend_gets="percent", friend_percent=20, friend_months=3)  # fmt: skip
    acme = make_account("acme")
    partner = make_partner(program, account=acme)
    sign_up = SignUp(program, "c-1", at("2026-01-01T00:00"), code=partner.codes.get().code, email=partner.email)
    referral, _new = refer(sign_up)
    assert (referral.review, referral.incentives.count()) == ("denied", 0)
    first = pay(referral, 10_000, "2026-01-02T00:00")
    refund(first, 2_500)
    second = pay(referral, 5_000, "2026-02-02T00:00")
    assert (first.why, second.why, ledger(partner)) == (WhyNothing.DENIED, WhyNothing.DENIED, [])

    reviewing.approve(referral, "Two people of one name")

    assert ledger(partner) == [("accrual", 2_000), ("reversal", -500), ("accrual", 1_000), ("accrual", 700)]
    for row in (first, second):
        row.refresh_from_db()
    assert [(row.commission, row.why) for row in (first, second)] == [(2_000, ""), (1_000, "")]
    assert list(referral.incentives.order_by("side").values_list("side", "status")) == [
        ("friend", "granted"),
        ("referrer", "granted"),
    ]
    assert Activity.objects.filter(account=acme, kind="referral.converted").count() == 1
    refund(first)
    assert (sum(entry.amount for entry in first.entries.all()), total(partner)) == (0, 1_000)


def causes(partner) -> list[str]:
    return list(partner.entries.order_by("pk").values_list("cause", flat=True))


def test_what_a_refusal_took_comes_back_as_often_as_it_was_taken() -> None:
    partner = make_partner(make_program(referrer_gets="credit", referrer_amount=500), account=make_account())
    referral = make_referral(partner)
    sold = pay(referral, 10_000)
    refund(sold, 2_500)
    for note in ("Our own shop", "No, it is"):
        reviewing.deny(referral, note)
        assert (total(partner), referral.incentives.get().status) == (0, "revoked")
        reviewing.approve(referral)
        assert (total(partner), referral.incentives.get().status) == (1_500, "granted")
    reviewing.deny(referral, "And again")
    refund(sold, 2_500)
    pay(referral, 1_000)
    reviewing.approve(referral)
    assert (total(partner), balance_of(partner.pk).available) == (1_200, 1_200)
    refund(sold)
    assert total(partner) == 200


def test_the_months_and_the_caps_hold_as_if_nobody_had_refused_it() -> None:
    program = make_program(months=2, cap_customer=2_500)
    referral = make_referral(partner := make_partner(program))
    pay(referral, 10_000, "2026-01-15T00:00")
    reviewing.deny(referral, "so")
    rows = [pay(referral, 10_000, f"2026-{month}-14T00:00") for month in ("02", "03", "04")]
    reviewing.approve(referral)
    found = []
    for row in rows:
        row.refresh_from_db()
        found.append((row.commission, row.why))
    assert found == [(500, "cap_customer"), (0, "cap_customer"), (0, "period_over")]
    assert total(partner) == 2_500


def test_who_left_early_meanwhile_is_clawed_back_all_the_same() -> None:
    acme = make_account("acme")
    partner = make_partner()
    referral = make_referral(partner, account=acme)
    pay(referral, 10_000)
    reviewing.deny(referral, "so")
    Account.objects.filter(pk=acme.pk).update(stage="churned", churned_on=date(2026, 1, 20))
    sweep_clawbacks()
    reviewing.approve(referral)
    assert (total(partner), causes(partner)) == (0, ["commission", "denied", "restored", "clawback"])


def test_a_payment_from_before_the_sign_up_earns_nothing_and_says_why() -> None:
    partner = make_partner(make_program(referrer_gets="cash", referrer_amount=700))
    referral = make_referral(partner, signed_up_at=at("2026-01-10T12:00"))
    early = pay(referral, 10_000, "2026-01-09T23:59")
    referral.refresh_from_db()
    assert (early.commission, early.why, referral.paid_at, ledger(partner)) == (0, WhyNothing.BEFORE, None, [])
    same_day = pay(referral, 10_000, "2026-01-10T00:00")  # files often say days alone
    assert (same_day.commission, same_day.why) == (2_000, "")
    assert ledger(partner) == [("accrual", 2_000), ("accrual", 700)]
    reviewing.deny(referral, "so")
    reviewing.approve(referral)
    assert total(partner) == 2_700
