"""What payments earn: once each, by rate, tier, months and cap, in the program's money."""

from datetime import date

import pytest

from accounts.domain.setting_rates import set_rate
from accounts.exceptions import DomainError
from accounts.models import Activity
from referrals.domain.checking import check_ledger
from referrals.domain.conversions import Payment, record_conversion
from referrals.domain.partners import pause, resume
from referrals.domain.signing_up import SignUp
from referrals.enums import CommissionKind, TierMode, WhyNothing
from referrals.models import Conversion, Incentive, LedgerEntry, Referral
from tests.referrals.money import at, ledger, make_account, make_partner, make_program, make_referral, pay, refund

pytestmark = pytest.mark.django_db
TIERS = [{"up_to": 1, "rate": "10"}, {"up_to": 2, "rate": "15"}, {"up_to": None, "rate": "20"}]


@pytest.fixture(autouse=True)
def _sound():
    yield
    assert check_ledger() == []


def earned(referral: Referral, *days: str, gross: int = 10_000) -> list[tuple[int, str]]:
    return [(row.commission, row.why) for row in (pay(referral, gross, f"{day}T08:00") for day in days)]


def test_a_payment_earns_its_share_after_the_hold() -> None:
    referral = make_referral(make_partner(make_program(hold_days=30, rate="12.5")))
    row = pay(referral, 12_000, tax=2_000, discount=100)
    assert (row.net, row.base, row.rate, row.commission, row.why) == (9_900, 9_900, 1, 1_238, "")
    entry = LedgerEntry.objects.get()
    assert (entry.kind, entry.cause, entry.amount, entry.occurred_at, entry.available_at, entry.referral, entry.actor) == (
        "accrual", "commission", 1_238, at("2026-01-15T08:00"), at("2026-02-14T08:00"), referral, "test",
    )  # fmt: skip
    assert list(entry.lines.order_by("book").values_list("book", "amount")) == [("expense", 1_238), ("payable", -1_238)]


def test_the_first_payment_makes_a_customer() -> None:
    acme, globex = make_account("acme"), make_account("globex")
    partner = make_partner(account=acme)
    referral = make_referral(partner, "globex", account=globex)
    pay(referral, 0)
    referral.refresh_from_db()
    assert (referral.status, referral.paid_at) == ("lead", None)
    pay(referral, 100)
    pay(referral, 100)
    referral.refresh_from_db()
    assert (referral.status, referral.paid_at, referral.first_commission_on) == (
        "customer",
        at("2026-01-15T08:00"),
        date(2026, 1, 15),
    )
    assert [a.account_id for a in Activity.objects.filter(kind="referral.converted").order_by("pk")] == [
        acme.pk,
        globex.pk,
    ]


def test_sent_again_it_is_the_first_one_whatever_is_in_it() -> None:
    partner = make_partner()
    first = pay(make_referral(partner), 4_900, external_id="in_1")
    other = make_referral(make_partner(partner.program))
    again, new = record_conversion(
        Payment(partner.program, "stripe", "in_1", other.customer, at("2026-05-01T00:00"), 1, "USD")
    )
    assert (again, new, again.partner, again.commission) == (first, False, partner, 980)
    assert pay(other, 4_900, external_id="in_1", source="paypal").commission == 980
    assert Conversion.objects.count() == LedgerEntry.objects.count() == 2


def test_months_payments_and_bounties() -> None:
    three = make_referral(make_partner(make_program(months=3)))
    over = (0, WhyNothing.PERIOD_OVER)
    assert earned(three, "2026-01-31", "2026-04-29", "2026-04-30") == [(2_000, ""), (2_000, ""), over]
    first = make_referral(make_partner(make_program(months=0)))
    assert earned(first, "2026-01-31", "2026-02-28") == [(2_000, ""), (0, WhyNothing.ONCE)]
    flat = make_referral(make_partner(make_program(commission=CommissionKind.FLAT, amount=700)))
    assert earned(flat, "2026-01-31", "2026-02-28") == [(700, ""), (700, "")]
    bounty = make_referral(make_partner(make_program(commission=CommissionKind.BOUNTY, amount=700)))
    assert earned(bounty, "2026-01-31", "2026-02-28") == [(700, ""), (0, WhyNothing.ONCE)]
    none = make_referral(make_partner(make_program(commission=CommissionKind.NONE)))
    assert earned(none, "2026-01-31") == [(0, WhyNothing.NO_COMMISSION)]
    assert pay(none, 100, tax=60, discount=40).why == WhyNothing.NOTHING_PAID


def test_each_customer_has_the_rate_of_its_tier() -> None:
    partner = make_partner(make_program(tiers=TIERS))
    first, second, third = (make_referral(partner) for _number in range(3))
    assert earned(first, "2026-01-01") == [(1_000, "")]
    assert earned(second, "2026-01-02") == [(1_500, "")]
    assert earned(third, "2026-01-03") == [(2_000, "")]
    assert earned(first, "2026-02-01") == [(1_000, "")]  # it stays the first


def test_a_tier_for_all_pays_the_difference() -> None:
    partner = make_partner(make_program(tiers=TIERS, tier_mode=TierMode.RETROACTIVE, hold_days=30))
    first, second, third = (make_referral(partner) for _number in range(3))
    sold = pay(first, 10_000, "2026-01-01T00:00")
    refund(sold, 2_500, "2026-01-02T00:00")
    earned(second, "2026-01-05")
    assert ledger(partner) == [
        ("accrual", 1_000),
        ("reversal", -250),
        ("accrual", 1_500),
        ("accrual", 500),
        ("reversal", -125),
    ]
    difference = LedgerEntry.objects.get(cause="tier")
    assert (difference.conversion, difference.available_at) == (sold, at("2026-02-04T08:00"))
    earned(third, "2026-01-06")
    refund(sold, None, "2026-01-07T00:00")
    left = sum(amount for _kind, amount in ledger(partner))
    assert left == 2 * 2_000  # all of the first went back: what two customers earn at the third one's rate


def test_caps_for_a_customer_and_for_a_month() -> None:
    referral = make_referral(make_partner(make_program(cap_customer=5_000)))
    capped = WhyNothing.CAP_CUSTOMER
    sold = pay(referral, 20_000)
    assert earned(referral, "2026-02-01", "2026-03-01") == [(1_000, capped), (0, capped)]
    refund(sold, 10_000)
    assert earned(referral, "2026-04-01") == [(2_000, "")]  # what went back left room
    partner = make_partner(make_program(cap_month=3_000))
    one, two = make_referral(partner), make_referral(partner)
    assert earned(one, "2026-01-31", "2026-02-01") == [(2_000, ""), (2_000, "")]
    assert earned(two, "2026-01-01", "2026-02-28") == [(1_000, WhyNothing.CAP_MONTH), (1_000, WhyNothing.CAP_MONTH)]


def test_foreign_money_at_the_rate_of_its_day() -> None:
    set_rate("EUR", date(2026, 1, 1), "1.10", by="test")
    set_rate("EUR", date(2026, 2, 1), "1.25", by="test")
    set_rate("JPY", date(2026, 1, 1), "0.0067", by="test")
    referral = make_referral(make_partner())
    euro = pay(referral, 10_005, currency="EUR")
    assert (euro.net, euro.base, euro.commission) == (10_005, 11_006, 2_201)  # 20 % of 110.055, rounded once
    assert pay(referral, 10_005, "2026-02-01T00:00", currency="EUR").base == 12_506
    assert pay(referral, 10_000, currency="JPY").base == 6_700
    refund(euro, 5_000, "2026-03-01T00:00")
    assert LedgerEntry.objects.get(kind="reversal").amount == -1_100
    in_euro = make_referral(make_partner(make_program(currency="EUR")))
    assert pay(in_euro, 11_000, currency="USD").base == 10_000


def test_a_missing_rate_is_an_error_and_nothing_is_written() -> None:
    set_rate("EUR", date(2026, 2, 1), "1.25", by="test")
    referral = make_referral(make_partner())
    for currency in ("EUR", "CHF"):
        with pytest.raises(DomainError) as refusal:
            pay(referral, 100, currency=currency)
        assert refusal.value.code == "rate_missing"
    assert not Conversion.objects.exists()


def test_a_paused_partner_earns_nothing_meanwhile() -> None:
    partner = make_partner()
    referral = make_referral(partner)
    pause(partner, "on leave", since=at("2026-02-01T00:00"))
    nothing = (0, WhyNothing.PAUSED)
    assert earned(referral, "2026-01-31", "2026-02-01") == [(2_000, ""), nothing]
    resume(partner)
    assert earned(referral, "2026-03-01") == [nothing]  # the pause was until now, whenever it is told
    referral.refresh_from_db()
    assert referral.first_commission_on == date(2026, 1, 31)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"gross": -1}, "gross"), ({"gross": 10**16}, "gross"), ({"tax": -1}, "tax"), ({"discount": -1}, "discount"),
        ({"tax": 60, "discount": 41}, "tax"), ({"currency": "EURO"}, "currency"), ({"external_id": ""}, "external_id"),
        ({"occurred_at": at("2999-01-01T00:00")}, "occurred_at"), ({"customer": "nobody"}, "customer"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken(fields, wrong) -> None:
    referral = make_referral(make_partner(), "c-1")
    given = {
        "source": "s",
        "external_id": "1",
        "customer": "c-1",
        "occurred_at": at("2026-01-01T00:00"),
        "gross": 100,
    } | fields
    with pytest.raises(DomainError) as refusal:
        record_conversion(Payment(referral.program, **given))
    assert wrong in refusal.value.errors
    assert not Conversion.objects.exists()


def test_a_coupon_at_the_checkout_binds_who_is_not_bound() -> None:
    partner, other = make_partner(), make_partner()
    code = partner.codes.get().code
    payment = Payment(partner.program, "s", "1", "c-1", at("2026-01-01T00:00"), 100, sign_up=SignUp(partner.program, "c-1", at("2026-01-01T00:00"), coupon=code))  # fmt: skip
    row, new = record_conversion(payment)
    assert (row.partner, row.referral.coupon, row.commission, new) == (partner, True, 20, True)
    assert other.program.referrals.count() == 0


def test_both_sides_get_something_with_the_first_payment() -> None:
    program = make_program(referrer_gets="cash", referrer_amount=2_000, friend_gets="credit", friend_amount=1_000)
    acme, globex = make_account("acme"), make_account("globex")
    partner = make_partner(program, account=acme)
    referral = make_referral(partner, "globex", account=globex)
    assert not Incentive.objects.exists()
    sold = pay(referral, 10_000)
    pay(referral, 10_000)
    assert ledger(partner) == [("accrual", 2_000), ("accrual", 2_000), ("accrual", 2_000)]
    assert list(Incentive.objects.order_by("side").values_list("side", "kind", "amount", "account")) == [
        ("friend", "credit", 1_000, globex.pk), ("referrer", "cash", 2_000, acme.pk),
    ]  # fmt: skip
    assert Activity.objects.get(account=globex, kind="referral.rewarded").data["reward"] == "$10.00"
    refund(sold, 5_000)
    assert [amount for kind, amount in ledger(partner) if kind == "reversal"] == [-1_000, -1_000]
