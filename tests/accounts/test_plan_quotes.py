"""What a change would cost: shown before it is confirmed, to the cent."""

from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings, strategies as st

from accounts.domain.plans import Wish, period_of, quote
from accounts.domain.plans.pricing import tiered
from accounts.domain.proration import prorate
from accounts.exceptions import Conflict, DomainError
from accounts.models import Subscription
from tests.accounts.plans import plan, subscribed
from tests.accounts.spine import make_account
from tests.thorough import examples

pytestmark = pytest.mark.django_db
MID_APRIL = datetime(2026, 4, 16, 9, tzinfo=UTC)
SECOND_OF_JULY = datetime(2026, 7, 2, 9, tzinfo=UTC)
DAYS = st.dates(date(2000, 1, 1), date(2060, 1, 1))


@pytest.fixture(autouse=True)
def _april(time_machine):
    time_machine.move_to(MID_APRIL, tick=False)


def lines(asked):
    return [(line.what, line.days_left, line.days_period, f"{line.money:f}") for line in asked.lines]


# Arithmetic -------------------------------------------------------------------------------------------


@given(cents=st.integers(-(10**12), 10**12), first=DAYS, length=st.integers(1, 800), at=st.integers(-5, 805))
@settings(max_examples=examples(30), deadline=None)
def test_proration_is_exact_and_rounded_once(cents, first, length, at):
    amount = Decimal(cents) / 100
    until = first + timedelta(days=length)
    share = prorate(amount, (first, until), first + timedelta(days=at))
    left = min(max(length - at, 0), length)

    exact = Fraction(cents, 100) * left / length
    half_away = (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert (share.days_left, share.days_period) == (left, length)
    assert share.money == half_away or abs(share.exact - half_away) == Decimal("0.005")
    # A credit is the charge with its sign turned: nobody gains by going back and forth on one day.
    assert prorate(-amount, (first, until), first + timedelta(days=at)).money == -share.money


@given(
    start=DAYS,
    after=st.integers(0, 3000),
    interval=st.sampled_from(["day", "week", "month", "quarter", "year"]),
    count=st.integers(1, 3),
)
@settings(max_examples=examples(30), deadline=None)
def test_every_day_lies_in_one_period_and_periods_touch(start, after, interval, count):
    sub = Subscription(started_on=start, interval=interval, interval_count=count)
    day = start + timedelta(days=after)
    first, until = period_of(sub, day)

    assert start <= first <= day < until
    assert period_of(sub, until)[0] == until
    assert period_of(sub, until - timedelta(days=1)) == (first, until)


@pytest.mark.parametrize(
    ("facts", "day", "period"),
    [
        # Clipped at the end of the month, never chained.
        ({"started_on": date(2026, 1, 31), "interval": "month"}, date(2026, 3, 15), (date(2026, 2, 28), date(2026, 3, 31))),
        ({"started_on": date(2024, 2, 29), "interval": "year"}, date(2026, 1, 1), (date(2025, 2, 28), date(2026, 2, 28))),
        # Paid from the end of the trial.
        ({"started_on": date(2026, 1, 1), "trial_ends_on": date(2026, 1, 15), "interval": "month"}, date(2026, 2, 1), (date(2026, 1, 15), date(2026, 2, 15))),
        # The term was agreed anew: counted from its end.
        ({"started_on": date(2026, 1, 1), "term_end": date(2026, 9, 20), "interval": "year"}, date(2026, 2, 1), (date(2025, 9, 20), date(2026, 9, 20))),
        # Not begun: the first one.
        ({"started_on": date(2026, 5, 1), "interval": "month"}, date(2026, 2, 1), (date(2026, 5, 1), date(2026, 6, 1))),
    ],
)  # fmt: skip
def test_periods(facts, day, period):
    assert period_of(Subscription(**facts), day) == period


def test_tiers_are_graduated():
    tiers = [{"up_to": 10, "amount": "12"}, {"up_to": 50, "amount": "9"}, {"up_to": None, "amount": "5"}]
    assert [tiered(tiers, seats) for seats in (0, 1, 10, 11, 50, 60)] == [0, 12, 120, 129, 480, 530]


# Seats ------------------------------------------------------------------------------------------------


def test_seats_added_in_the_middle_of_the_month():
    sub = subscribed(make_account(), plan("Team", ("month", 20)))
    asked = quote(sub, Wish(seats=15))

    assert lines(asked) == [("5 more seats", 15, 30, "50.00")]
    assert (asked.at_once, asked.money, asked.difference, asked.what) == (True, 50, 100, "seats 10 → 15")


def test_a_seat_of_a_year_is_shared_out_over_the_year(time_machine):
    time_machine.move_to(SECOND_OF_JULY, tick=False)
    sub = subscribed(make_account(), plan("Team", ("year", 1200)), interval="year")
    asked = quote(sub, Wish(seats=11))

    assert lines(asked) == [("1 more seat", 183, 365, "601.64")]
    assert asked.difference == 100


def test_days_are_those_of_the_customer():
    """9:00 UTC is 23:00 of the same day in Kiritimati, and 22:00 of the day before in Pago Pago."""
    sub = subscribed(make_account(time_zone="Pacific/Kiritimati"), plan("Team", ("month", 20)))
    assert quote(sub, Wish(seats=11)).lines[0].days_left == 15
    sub = subscribed(make_account(time_zone="Pacific/Pago_Pago"), plan("Team", ("month", 20)), external_id="S-2")
    assert quote(sub, Wish(seats=11)).lines[0].days_left == 16


def test_fewer_seats_are_credited_at_once_or_wait_for_the_period_as_the_version_says():
    sub = subscribed(make_account(), plan("Team", ("month", 20)))
    now = quote(sub, Wish(seats=7))
    assert (lines(now), now.money, now.at_once) == ([("3 seats less", 15, 30, "-30.00")], Decimal(-30), True)

    sub = subscribed(make_account(), plan("Base", ("month", 20), decreases="period_end"), external_id="S-2")
    later = quote(sub, Wish(seats=7))
    assert (later.lines, later.money, later.at_once) == ([], 0, False)
    assert later.effective_on == date(2026, 5, 1)


def test_lasting_discounts_hold_for_new_seats_too():
    sub = subscribed(make_account(), plan("Team", ("month", 20)), discount_percent=10)
    assert quote(sub, Wish(seats=15)).money == 45


def test_an_old_price_stays_theirs():
    old = plan("Team", ("month", 12))
    sub = subscribed(make_account(), old)
    plan("Team", ("month", 20))

    assert quote(sub, Wish(seats=15)).money == 30
    assert quote(sub, Wish(seats=15)).fields == {"quantity": 15}


def test_seats_of_tiers_and_flat_and_metered_plans():
    tiers = [{"up_to": 10, "amount": "12"}, {"up_to": None, "amount": "6"}]
    version = plan("Tiered", ("month", tiers), metric="tiered")
    sub = subscribed(make_account(), version, 10, unit_amount=120, per_seat=False)
    assert (quote(sub, Wish(seats=15)).money, quote(sub, Wish(seats=15)).difference) == (15, 30)

    flat = subscribed(make_account(), plan("Flat", ("month", 99), metric="flat"), external_id="F", per_seat=False)
    assert (quote(flat, Wish(seats=30)).money, quote(flat, Wish(seats=30)).difference) == (0, 0)

    metered = plan("Api", ("month", 49), metric="metered", unit_name="call")
    sub = subscribed(make_account(), metered, external_id="M", per_seat=False)
    assert quote(sub, Wish(seats=11)).after_monthly == 49


def test_a_price_agreed_for_the_whole_is_not_guessed():
    sub = subscribed(make_account(), None, unit_amount=500, per_seat=False)
    with pytest.raises(DomainError, match="agreed for the whole"):
        quote(sub, Wish(seats=11))


# Plans and rhythms ------------------------------------------------------------------------------------


def test_a_larger_plan_credits_what_is_unused():
    sub = subscribed(make_account(), plan("Team", ("month", 20)))
    asked = quote(sub, Wish(version=plan("Business", ("month", 35))))

    assert lines(asked) == [("Unused days of Team", 15, 30, "-100.00"), ("Business, 10 seats", 15, 30, "175.00")]
    assert (asked.money, asked.difference, asked.what) == (75, 150, "Team → Business")


def test_to_the_year_at_once_and_back_when_it_is_over(time_machine):
    team = plan("Team", ("month", 20), ("year", 200))
    sub = subscribed(make_account(), team)
    asked = quote(sub, Wish(interval="year"))
    assert lines(asked) == [("Unused days of Team", 15, 30, "-100.00"), ("Team, 10 seats", 365, 365, "2000.00")]
    assert (asked.fields["term_end"], asked.fields["term_months"]) == (date(2027, 4, 16), None)

    yearly = subscribed(make_account(), team, interval="year", external_id="S-2")
    back = quote(yearly, Wish(interval="month"))
    assert (back.at_once, back.effective_on, back.lines) == (False, date(2027, 1, 1), [])
    assert back.fields["term_months"] == 1


def test_a_trial_changes_without_money():
    sub = subscribed(make_account(), plan("Team", ("month", 20)), started_on=date(2026, 4, 10),
                     trial_ends_on=date(2026, 4, 24), status="trialing")  # fmt: skip
    asked = quote(sub, Wish(seats=20))
    assert (asked.at_once, asked.lines, asked.money) == (True, [], 0)


# What cannot be ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seats", "sentence"),
    [
        (0, "From 1 to"), (-1, "From 1 to"), (10**9, "From 1 to"), ("abc", "A whole number"), ("", "A whole number"),
        ("1.5", "A whole number"), (1.5, "A whole number"), (True, "A whole number"), (2, "at least 3 seats"),
        (51, "at most 50 seats"), (10, "This is what you have"),
    ],
)  # fmt: skip
def test_seats_that_cannot_be(seats, sentence):
    sub = subscribed(make_account(), plan("Team", ("month", 20), min_seats=3, max_seats=50))
    with pytest.raises(DomainError, match=sentence) as raised:
        quote(sub, Wish(seats=seats))
    assert list(raised.value.errors) == ["seats"]


def test_who_has_more_seats_than_the_plan_allows_may_have_fewer():
    sub = subscribed(make_account(), plan("Team", ("month", 20), max_seats=50))
    sub.quantity = 60
    assert quote(sub, Wish(seats=55)).what == "seats 60 → 55"
    with pytest.raises(DomainError, match="at most 60 seats"):
        quote(sub, Wish(seats=61))


def test_who_has_more_seats_than_the_plan_allows_may_pay_by_the_year():
    sub = subscribed(make_account(), plan("Team", ("month", 20), ("year", 200), max_seats=50))
    sub.quantity = 60
    assert quote(sub, Wish(interval="year")).what == "paid by the year"
    with pytest.raises(DomainError, match="at most 50 seats"):
        quote(sub, Wish(version=plan("Other", ("month", 30), max_seats=50)))


def test_plans_that_cannot_be():
    sub = subscribed(make_account(), plan("Team", ("month", 20)))
    for version in (plan("Hidden", ("month", 9), offered=False), plan("Yearly", ("year", 99))):
        with pytest.raises(DomainError) as raised:
            quote(sub, Wish(version=version))
        assert list(raised.value.errors) == ["version"]


def test_what_is_over_or_ends_is_not_changed():
    account, team = make_account(), plan("Team", ("month", 20))
    over = subscribed(account, team, ended_on=date(2026, 4, 1))
    ending = subscribed(account, team, ended_on=date(2026, 6, 1), external_id="S-2")
    with pytest.raises(Conflict, match="not running"):
        quote(over, Wish(seats=11))
    with pytest.raises(Conflict, match="will end"):
        quote(ending, Wish(seats=11))
