"""Wall clocks: what is open is what the zone's clock shows, through every change of clocks."""

import csv
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings, strategies as st

from onboarding.domain.clocks import common, instant, merged, shown, whole_day

DST = Path(__file__).resolve().parents[3] / "shared" / "data" / "calendar" / "dst_cases.csv"
CHANGING = [
    ("Europe/Paris", date(2026, 3, 29)),
    ("Europe/Paris", date(2026, 10, 25)),
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("America/Havana", date(2026, 3, 8)),  # at midnight
    ("America/Havana", date(2026, 11, 1)),
    ("Africa/Cairo", date(2026, 10, 29)),  # midnight itself comes twice
    ("Asia/Kathmandu", date(2026, 6, 1)),
    ("Pacific/Apia", date(2011, 12, 30)),  # a date that never was
]


def minute_by_minute(zone: ZoneInfo, day: date, begins: int, ends: int) -> list[tuple[int, int]]:
    """The rule as it is written (P1), one minute after the other."""
    at = datetime.combine(day, datetime.min.time(), UTC) - timedelta(hours=26)
    found = []
    for n in range(76 * 60):
        local = (at + timedelta(minutes=n)).astimezone(zone)
        if local.date() == day and begins <= local.hour * 60 + local.minute < ends:
            start = instant(at) + n * 60
            found.append((start, start + 60))
    return merged(found)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(CHANGING), st.integers(0, 1439), st.integers(1, 1440))
def test_what_is_open_is_what_the_clock_shows(place: tuple[str, date], begins: int, length: int) -> None:
    zone, day = ZoneInfo(place[0]), place[1]
    ends = min(begins + length, 1440)

    assert shown(zone, day, begins, ends) == minute_by_minute(zone, day, begins, ends)


def test_a_day_has_the_hours_its_clock_has() -> None:
    paris = ZoneInfo("Europe/Paris")
    hours = [
        sum(high - low for low, high in whole_day(paris, day)) / 3600
        for day in (date(2026, 3, 29), date(2026, 10, 25), date(2026, 6, 1))
    ]

    assert hours == [23, 25, 24]
    assert whole_day(ZoneInfo("Pacific/Apia"), date(2011, 12, 30)) == []


@pytest.mark.skipif(not DST.exists(), reason="the calendar data is not beside the project")
def test_minutes_around_every_change_are_told_apart() -> None:
    """Nonexistent minutes are never open, those that come twice are open twice."""
    count = {"nonexistent": 0, "unique": 1, "ambiguous": 2}
    wrong, tried = [], 0
    with DST.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["status"] not in count or row["stable_2025b_to_2026f"] != "yes":
                continue
            wall = datetime.fromisoformat(row["wall_time"])
            at = wall.hour * 60 + wall.minute
            spans = shown(ZoneInfo(row["zone"]), wall.date(), at, at + 1)
            tried += 1
            if sum(high - low for low, high in spans) != 60 * count[row["status"]]:
                wrong.append((row, spans))

    assert tried > 100
    assert wrong == []


def test_what_two_calendars_have_in_common() -> None:
    assert common([(0, 10), (20, 30)], [(5, 25), (28, 40)]) == [(5, 10), (20, 25), (28, 30)]
    assert common([], [(0, 1)]) == []
    assert merged([(5, 6), (0, 2), (2, 3), (1, 2)]) == [(0, 3), (5, 6)]
