"""Business hours of an account: Monday to Friday, nine to five there."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from accounts.domain.business_time import add_business_hours
from accounts.domain.holidays import holidays_of

PARIS = ZoneInfo("Europe/Paris")


def at(text: str, tz=UTC) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=tz)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-03-04T10:00", 2, "2026-03-04T12:00"),  # Wednesday
        ("2026-03-04T10:00", 7, "2026-03-04T17:00"),
        ("2026-03-04T16:30", 1, "2026-03-05T09:30"),
        ("2026-03-04T03:00", 1, "2026-03-04T10:00"),
        ("2026-03-04T19:00", 1, "2026-03-05T10:00"),
        ("2026-03-06T16:00", 2, "2026-03-09T10:00"),  # over the weekend
        ("2026-03-07T12:00", 8, "2026-03-09T17:00"),
        ("2026-03-04T09:00", 40, "2026-03-10T17:00"),
        ("2026-03-07T12:00", 0, "2026-03-09T09:00"),
    ],
)
def test_hours_outside_do_not_count(start, hours, end):
    assert add_business_hours(at(start), hours, UTC) == at(end)


def test_the_clocks_are_those_of_the_account():
    assert add_business_hours(at("2026-03-04T20:00"), 1, PARIS) == at("2026-03-05T10:00", PARIS)
    assert add_business_hours(at("2026-03-04T08:30"), 1, PARIS) == at("2026-03-04T10:30", PARIS)


def test_a_change_of_clocks_over_the_weekend_changes_nothing():
    assert add_business_hours(at("2026-03-27T16:00", PARIS), 2, PARIS) == at("2026-03-30T10:00", PARIS)
    assert add_business_hours(at("2026-10-23T16:00", PARIS), 2, PARIS) == at("2026-10-26T10:00", PARIS)


def test_holidays_are_left_out():
    holidays = {date(2026, 3, 5), date(2026, 3, 6)}
    assert add_business_hours(at("2026-03-04T16:00"), 2, UTC, holidays) == at("2026-03-09T10:00")


@given(
    start=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),
    zone=st.sampled_from(["Europe/Paris", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]),
    first=st.integers(0, 60),
    second=st.integers(1, 60),
)
def test_hours_add_up_and_end_within_business_hours(start, zone, first, second):
    tz = ZoneInfo(zone)
    start = start.replace(tzinfo=UTC)

    middle = add_business_hours(start, first, tz)
    end = add_business_hours(start, first + second, tz)

    assert add_business_hours(middle, second, tz) == end
    local = end.astimezone(tz)
    assert local.weekday() < 5
    assert (
        timedelta(hours=9)
        <= timedelta(hours=local.hour, minutes=local.minute, seconds=local.second)
        <= timedelta(hours=17)
    )


def test_other_hours_than_nine_to_five():
    early = {"opens": time(7, 30), "closes": time(12)}

    assert add_business_hours(at("2026-03-04T07:00"), 1, UTC, **early) == at("2026-03-04T08:30")
    assert add_business_hours(at("2026-03-04T11:00"), 5.5, UTC, **early) == at("2026-03-05T12:00")
    with pytest.raises(ValueError, match="end after they begin"):
        add_business_hours(at("2026-03-04T11:00"), 1, UTC, opens=time(9), closes=time(9))


@pytest.mark.parametrize("country", ["France", "FR", "fra", " france "])
def test_public_holidays_of_the_country_are_left_out(country: str) -> None:
    first_of_may = holidays_of(country)
    assert date(2026, 5, 1) in first_of_may
    assert date(2026, 5, 4) not in first_of_may
    end = add_business_hours(datetime(2026, 4, 30, 16, tzinfo=UTC), 2, UTC, first_of_may)
    assert end == datetime(2026, 5, 4, 10, tzinfo=UTC)


def test_nobody_knows_the_holidays_of_nowhere() -> None:
    assert [date(2026, 12, 25) in holidays_of(name) for name in ("", "Nowhere", "United States", "US")] == [
        False, False, True, True,
    ]  # fmt: skip
