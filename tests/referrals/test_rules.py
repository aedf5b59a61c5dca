"""The rules of referrals by themselves: commissions, whose click counts, fraud, codes, money as it is written."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from accounts.exceptions import DomainError
from referrals.domain import arithmetic, commission, fraud
from referrals.domain.amounts import major
from referrals.domain.attribution import Touch, credited
from referrals.domain.codes import clean_code, code_key
from referrals.domain.exactly import in_minor_units
from referrals.domain.fraud import Seen
from referrals.enums import FlagReason, Review
from tests.referrals.money import at

# Money ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("exact", "whole"),
    [("0.5", 1), ("1.5", 2), ("2.5", 3), ("-0.5", -1), ("-2.5", -3), ("0.49", 0), ("-0.49", 0), ("434.999", 435)],
)
def test_halves_go_away_from_zero(exact, whole) -> None:
    assert commission.rounded(Fraction(exact)) == whole


def test_a_base_is_net_of_tax_discount_and_earlier_refunds() -> None:
    assert commission.base(12_000, 2_000, 500, 300) == 9_200


def test_other_currencies_are_converted_once_and_rounded_once() -> None:
    assert commission.converted(1_000, Decimal("0.333333")) == Fraction("333.333")
    yen = commission.converted(1_000, Decimal("0.0067"), places=2)  # 1,000 yen in cents of a dollar
    assert yen == 670
    assert commission.rounded(commission.share(yen, "12.5")) == 84


@pytest.mark.parametrize(
    ("amount", "currency", "minor"), [("12.34", "USD", 1234), ("1234", "JPY", 1234), ("1.234", "KWD", 1234)]
)
def test_minor_units_are_those_of_the_currency(amount, currency, minor) -> None:
    assert in_minor_units(Decimal(amount), currency) == minor
    assert major(minor, currency) == Decimal(amount)


@pytest.mark.parametrize(("amount", "currency"), [("12.345", "USD"), ("1.5", "JPY"), ("0.00000001", "EUR")])
def test_what_no_coin_is_small_enough_for_is_refused(amount, currency) -> None:
    with pytest.raises(DomainError, match=f"{currency} has"):
        in_minor_units(Decimal(amount), currency)


def test_months_are_clipped_at_the_months_end() -> None:
    first = date(2026, 1, 31)
    assert [commission.still_earns(day, first, 1) for day in (date(2026, 2, 27), date(2026, 2, 28))] == [True, False]
    assert commission.still_earns(date(2028, 2, 28), date(2024, 2, 29), 48)
    assert not commission.still_earns(date(2028, 2, 29), date(2024, 2, 29), 48)
    assert commission.still_earns(date(2099, 1, 1), first, None)
    assert commission.still_earns(first, None, 0)
    assert not commission.still_earns(first, first, 0)


def test_a_rate_is_that_of_the_tier() -> None:
    tiers = commission.Tier.read([{"up_to": 2, "rate": "10"}, {"up_to": None, "rate": "12.5"}])
    assert [commission.rate_of(tiers, sales) for sales in (1, 2, 3, 99)] == [10, 10, Fraction("12.5"), Fraction("12.5")]
    assert commission.rate_of([], 5, Decimal("7.5")) == Fraction("7.5")


def test_a_cap_leaves_what_is_left_and_never_less_than_nothing() -> None:
    assert [commission.capped(500, earned, 1_000) for earned in (0, 700, 1_000, 1_200)] == [500, 300, 0, 0]
    assert commission.capped(500, 10**12, None) == 500


@pytest.mark.parametrize(
    ("left", "early"),
    [("2026-01-01", True), ("2026-03-01", True), ("2026-03-02", False), (None, False), ("2025-12-31", False)],
)
def test_who_leaves_within_the_days_left_early(left, early) -> None:
    assert commission.left_early(date(2026, 1, 1), left and date.fromisoformat(left), 60) is early


def test_the_last_partial_refund_brings_it_to_exactly_zero() -> None:
    taken, refunded = [], 0
    for part in (3_333, 3_333, 3_334):
        refunded += part
        taken.append(arithmetic.to_reverse(1_999, 10_000, refunded, sum(taken)))
    assert (taken, sum(taken)) == ([666, 667, 666], 1_999)
    assert arithmetic.to_reverse(1_999, 10_000, 10_000, 1_999) == 0
    assert arithmetic.to_reverse(100, 0, 0, 0) == 0


def test_a_reversal_waits_for_what_it_reverses() -> None:
    sold = at("2026-01-15T08:00")
    available = arithmetic.available_from(sold, 30)
    assert available == at("2026-02-14T08:00")
    assert arithmetic.reversal_available_from(at("2026-01-20T00:00"), available) == available
    assert arithmetic.reversal_available_from(at("2026-03-01T00:00"), available) == at("2026-03-01T00:00")


# Whose --------------------------------------------------------------------------------------------------------------


def test_the_window_is_inclusive_to_the_second() -> None:
    clicked = at("2026-03-01T10:00:00")
    edge = clicked + timedelta(days=60)

    def partner(signed_up: datetime) -> str | None:
        touch = credited([Touch("P", clicked)], signed_up, 60)
        return touch.partner if touch else None

    assert [
        partner(edge),
        partner(edge + timedelta(seconds=1)),
        partner(clicked),
        partner(clicked - timedelta(seconds=1)),
    ] == ["P", None, "P", None]


# Fraud --------------------------------------------------------------------------------------------------------------


def found(partner: Seen, customer: Seen) -> tuple[list[str], str]:
    flags = fraud.flags(partner, customer)
    return [flag.value for flag in flags], fraud.outcome(flags).value


def test_one_person_has_many_spellings() -> None:
    assert {fraud.normalise(text) for text in (" J.Doe+x@Gmail.com", "jdoe@googlemail.com.", "JDOE@gmail.com")} == {
        "jdoe@gmail.com"
    }
    assert fraud.normalise("a.b+c@Outlook.com") == "a.b@outlook.com"
    assert fraud.normalise("ＪＯＥ@ａｃｍｅ.io") == "joe@acme.io"


@pytest.mark.parametrize(
    ("customer", "flags", "review"),
    [
        (Seen("sam+b@acme.io"), ["self", "same_domain"], Review.DENIED),
        (Seen("ops@ACME.io"), ["same_domain"], Review.HELD),
        (Seen("kim@gmail.com", domain="www.acme.io"), ["same_domain"], Review.HELD),
        (
            Seen("kim@other.example", devices=frozenset("d"), ips=frozenset("i")),
            ["same_device", "same_ip"],
            Review.HELD,
        ),
        (Seen("kim@other.example", ips=frozenset("i")), ["same_ip"], Review.REVIEW),
        (Seen("kim@x.mailinator.com"), ["disposable"], Review.HELD),
        (Seen("kim@notmailinator.com"), [], Review.CLEAR),
        (Seen("kim@sub.acme.io"), [], Review.CLEAR),
        (Seen(), [], Review.CLEAR),
    ],
)
def test_what_speaks_against_a_referral(customer, flags, review) -> None:
    sam = Seen("sam@acme.io", devices=frozenset("d"), ips=frozenset("i"))
    assert found(sam, customer) == (flags, review)


def test_addresses_everybody_can_have_say_nothing_about_a_company() -> None:
    for domain in ("gmail.com", "outlook.com", "gmx.de", "orange.fr", "yahoo.ro"):
        assert found(Seen(f"sam@{domain}"), Seen(f"kim@{domain}")) == ([], Review.CLEAR)
    assert FlagReason.SELF in fraud.DENY


# Codes --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "other", ["STRASSE", "straße", " Strasse ", "ＳＴＲＡＳＳＥ", "stra\u00adsse", "stra\u200bsse"]
)
def test_codes_that_look_alike_are_one(other) -> None:
    assert code_key(other) == code_key("Strasse")


@pytest.mark.parametrize("text", ["naïve", "nai\u0308ve", "İstanbul", "Ωmega", "🎁gift", "日本", "été"])
def test_any_letters_make_a_code(text) -> None:
    assert code_key(clean_code(text)) == code_key(text.upper()) or "İ" in text
    assert clean_code(text)


@pytest.mark.parametrize("text", ["", "  ", "\u200b", "a b", "a/b", "../x", "a?b", "a#b", "a%41", "x" * 81])
def test_what_is_no_code(text) -> None:
    with pytest.raises(DomainError) as refusal:
        clean_code(text)
    assert "code" in refusal.value.errors
