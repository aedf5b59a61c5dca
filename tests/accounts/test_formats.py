from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
import time_machine
from django.utils import timezone, translation

from accounts import formats

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel(NOON, tick=False):
        yield


def in_three_languages(write) -> list[str]:
    written = []
    for code in ("en", "fr", "ro"):
        with translation.override(code):
            written.append(write())
    return written


def test_money_is_written_in_whole_units_as_the_reader_writes_them():
    assert in_three_languages(lambda: formats.money(Decimal("1234567.5"), "EUR")) == [
        "€1,234,568",
        "1\u202f234\u202f568\xa0€",
        "1.234.568\xa0EUR",
    ]


def test_exact_money_has_the_cents_its_currency_has():
    assert in_three_languages(lambda: formats.money(Decimal("-1234.565"), "USD", exact=True)) == [
        "−$1,234.57",
        "−1\u202f234,57\xa0$US",
        "−1.234,57\xa0USD",
    ]
    assert in_three_languages(lambda: formats.money(12000, "JPY", exact=True)) == [
        "¥12,000",
        "12\u202f000\xa0JPY",
        "12.000\xa0JPY",
    ]


def test_a_code_of_letters_stands_apart_from_the_digits():
    assert formats.money(12, "CHF") == "CHF\xa012"


def test_compact_money_is_short_from_a_thousand_on():
    assert [formats.money(n, "EUR", compact=True) for n in (999, 5000, 1_250_000, -64_000)] == [
        "€999",
        "€5K",
        "€1.2M",
        "−€64K",
    ]


def test_a_signed_change_says_which_way_and_nothing_has_no_sign():
    assert [formats.money(n, "EUR", signed=True) for n in (5, -5, 0, Decimal("-0.2"))] == ["+€5", "−€5", "€0", "€0"]


def test_what_is_no_number_is_a_dash():
    assert [formats.number(v) for v in (None, "x", float("nan"), float("inf"), "")] == ["–"] * 5
    assert formats.money(None, "EUR") == "–"
    assert formats.percent("x") == "–"
    assert formats.percent(1, of=0) == "–"


def test_a_number_beyond_all_reading_does_not_break_the_page():
    assert formats.number(Decimal(10) ** 40) == "1.000E+40"


def test_numbers_keep_at_most_two_decimals_unless_told():
    assert [formats.number(v) for v in (1234, Decimal("1234.50"), 0.126, Fraction(1, 3), 10**9)] == [
        "1,234",
        "1,234.5",
        "0.13",
        "0.33",
        "1,000,000,000",
    ]
    assert formats.number(2, 1) == "2.0"
    assert in_three_languages(lambda: formats.number(Decimal("1234.5"))) == ["1,234.5", "1\u202f234,5", "1.234,5"]


def test_half_is_rounded_away_from_zero():
    assert [formats.number(Decimal(v), 0) for v in ("0.5", "1.5", "-2.5")] == ["1", "2", "−3"]


def test_percent_is_a_share():
    assert in_three_languages(lambda: formats.percent(Decimal("0.425"), decimals=1)) == [
        "42.5%",
        "42,5\xa0%",
        "42,5\xa0%",
    ]
    assert [formats.percent(3, of=4), formats.percent(40, of=100)] == ["75%", "40%"]


def test_a_day_shows_its_year_only_where_it_is_not_this_one():
    assert in_three_languages(lambda: formats.day(date(2026, 3, 5))) == ["Mar 5", "5 mars", "5 mar."]
    assert in_three_languages(lambda: formats.day(date(2024, 2, 29))) == [
        "Feb 29, 2024",
        "29 févr. 2024",
        "29 feb. 2024",
    ]
    assert in_three_languages(lambda: formats.day(date(2026, 3, 5), form="weekday")) == [
        "Thu, Mar 5",
        "jeu. 5 mars",
        "joi, 5 mar.",
    ]


def test_a_moment_is_told_in_the_readers_zone_and_names_it():
    late = datetime(2026, 3, 28, 23, 30, tzinfo=UTC)
    zones = ["Europe/Bucharest", "America/New_York", "Asia/Dubai", "UTC"]
    told = []
    for zone in zones:
        with timezone.override(zone):
            told.append(formats.moment(late))
    assert told == [
        "Mar 29, 2026, 1:30\u202fAM EET",
        "Mar 28, 2026, 7:30\u202fPM EDT",
        "Mar 29, 2026, 3:30\u202fAM UTC+04",
        "Mar 28, 2026, 11:30\u202fPM UTC",
    ]


def test_the_day_of_an_instant_is_the_readers_day():
    with timezone.override("Asia/Tokyo"):
        assert formats.day(datetime(2026, 11, 21, 20, 0, tzinfo=UTC)) == "Nov 22"


@pytest.mark.parametrize(
    ("delta", "words"),
    [
        (timedelta(seconds=-20), "just now"),
        (timedelta(minutes=-1), "1 minute ago"),
        (timedelta(hours=-3, minutes=-50), "3 hours ago"),
        (timedelta(hours=-23, minutes=-59), "23 hours ago"),
        (timedelta(days=-6, hours=-23), "6 days ago"),
        (timedelta(days=2, hours=1), "in 2 days"),
        (timedelta(days=-8), "Nov 14"),
        (timedelta(days=-400), "Oct 18, 2025"),
    ],
)
def test_time_passed_is_told_as_people_tell_it(delta, words):
    assert formats.relative(NOON + delta) == words


def test_months_on_an_axis_show_the_year_at_the_ends_and_where_it_begins():
    days = [date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1), date(2027, 2, 1), date(2027, 3, 1)]
    assert formats.month_labels(days) == ["Nov 2026", "Dec", "Jan 2027", "Feb", "Mar 2027"]
