"""Refunds: in proportion, to exactly zero, once each, also before their payment."""

import pytest
from model_bakery import baker

from accounts.exceptions import DomainError
from referrals.domain.checking import check_ledger
from referrals.domain.refunds import GivenBack, record_refund, sweep_waiting
from referrals.models import LedgerEntry, Refund
from tests.referrals.money import at, ledger, make_partner, make_program, make_referral, pay, refund

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _sound():
    yield
    assert check_ledger() == []


def test_partial_refunds_end_at_exactly_zero() -> None:
    partner = make_partner(make_program(rate="12.5", hold_days=30))
    sold = pay(make_referral(partner), 9_999)
    for amount in (3_333, 3_333, None):
        sold.refresh_from_db()
        refund(sold, amount)
    assert ledger(partner) == [("accrual", 1_250), ("reversal", -417), ("reversal", -416), ("reversal", -417)]
    assert set(LedgerEntry.objects.values_list("available_at", flat=True)) == {at("2026-02-14T08:00")}


def test_sent_again_it_is_the_first_one() -> None:
    partner = make_partner()
    sold = pay(make_referral(partner), 10_000)
    first = refund(sold, 1_000, external_id="re_1")
    assert refund(sold, 9_000, external_id="re_1") == first
    assert ledger(partner) == [("accrual", 2_000), ("reversal", -200)]


def test_one_that_comes_first_waits_for_its_payment() -> None:
    partner = make_partner()
    referral = make_referral(partner)
    early = [
        record_refund(GivenBack(partner.program, "stripe", f"re_{n}", "in_1", at("2026-01-20T08:00"), amount))[0]
        for n, amount in enumerate((4_000, 7_000, None))
    ]
    assert [row.status for row in early] == ["waiting"] * 3
    again, new = record_refund(GivenBack(partner.program, "stripe", "re_0", "in_1", at("2026-01-20T08:00"), 1))
    assert (again, again.amount, new) == (early[0], 4_000, False)
    pay(referral, 10_000, external_id="in_1")
    assert list(Refund.objects.order_by("pk").values_list("status", "amount", "note")) == [
        ("applied", 4_000, ""),
        ("refused", 7_000, "More than is left of that payment: 60.00 USD, without tax."),
        ("applied", 6_000, ""),
    ]
    assert ledger(partner) == [("accrual", 2_000), ("reversal", -800), ("reversal", -1_200)]


def test_a_refund_and_a_payment_that_did_not_see_each_other_are_brought_together() -> None:
    partner = make_partner()
    sold = pay(make_referral(partner), 10_000)
    given = {
        "source": sold.source,
        "conversion_external_id": sold.external_id,
        "status": "waiting",
        "occurred_at": sold.occurred_at,
    }
    for number in range(2):
        baker.make(Refund, program=sold.program, external_id=f"re-{number}", amount=6_000, conversion=None, **given)
    assert [sweep_waiting(), sweep_waiting()] == [2, 0]
    assert list(Refund.objects.order_by("pk").values_list("status", flat=True)) == ["applied", "refused"]
    assert ledger(partner) == [("accrual", 2_000), ("reversal", -1_200)]


def test_above_what_is_left_is_refused() -> None:
    partner = make_partner()
    sold = pay(make_referral(partner), 10_000, tax=2_000)
    for amount in (8_001, 10**15):
        with pytest.raises(DomainError) as refusal:
            refund(sold, amount)
        assert (refusal.value.code, str(refusal.value)) == (
            "refund_above",
            "More than is left of that payment: 80.00 USD, without tax.",
        )
    refund(sold)
    with pytest.raises(DomainError, match=r"0\.00 USD"):
        refund(sold)
    assert ledger(partner) == [("accrual", 1_600), ("reversal", -1_600)]


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"amount": 0}, "amount"),
        ({"amount": -5}, "amount"),
        ({"amount": 10**16}, "amount"),
        ({"external_id": " "}, "external_id"),
        ({"conversion": ""}, "conversion"),
        ({"occurred_at": at("2999-01-01T00:00")}, "occurred_at"),
    ],
)
def test_what_cannot_be_taken(fields, wrong) -> None:
    given = {"source": "s", "external_id": "1", "conversion": "in_1", "occurred_at": at("2026-01-20T08:00")} | fields
    with pytest.raises(DomainError) as refusal:
        record_refund(GivenBack(make_program(), **given))
    assert list(refusal.value.errors) == [wrong]
    assert not Refund.objects.exists()


def test_what_earned_nothing_takes_nothing_back() -> None:
    partner = make_partner(make_program(months=0))
    referral = make_referral(partner)
    pay(referral, 100)
    assert refund(pay(referral, 10_000)).status == "applied"
    assert ledger(partner) == [("accrual", 20)]
