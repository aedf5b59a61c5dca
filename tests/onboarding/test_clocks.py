"""Wall clocks: what is open is what the zone's clock shows, through every change of clocks."""

import csv
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import given, settings, strategies as st

from onboarding.domain.clocks import common, instant, merged, shown, whole_day
from tests.thorough import examples

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


@settings(max_examples=examples(10), deadline=None)
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


# zone, wall time, how often the clock shows it; what stands beside the project has some hundreds more.
KNOWN = [
    ("America/New_York", "2026-03-08T01:59", 1),
    ("America/New_York", "2026-03-08T02:30", 0),
    ("America/New_York", "2026-03-08T03:00", 1),
    ("America/New_York", "2026-11-01T01:30", 2),
    ("America/New_York", "2026-11-01T02:00", 1),
    ("Europe/Bucharest", "2026-03-29T03:30", 0),
    ("Europe/Bucharest", "2026-10-25T03:30", 2),
    ("Australia/Lord_Howe", "2026-04-05T01:45", 2),
    ("Australia/Lord_Howe", "2026-10-04T02:15", 0),
    ("Asia/Kolkata", "2026-03-29T02:30", 1),
]
OFTEN = {"nonexistent": 0, "unique": 1, "ambiguous": 2}


def known_minutes() -> list[tuple[str, str, int]]:
    rows = []
    if DST.exists():
        with DST.open(encoding="utf-8") as file:
            rows = [row for row in csv.DictReader(file) if row["stable_2025b_to_2026f"] == "yes"]
    return KNOWN + [(row["zone"], row["wall_time"], OFTEN[row["status"]]) for row in rows]


def test_minutes_around_every_change_are_told_apart() -> None:
    """Nonexistent minutes are never open, those that come twice are open twice."""
    wrong = []
    for zone, text, often in known_minutes():
        wall = datetime.fromisoformat(text)
        at = wall.hour * 60 + wall.minute
        spans = shown(ZoneInfo(zone), wall.date(), at, at + 1)
        if sum(high - low for low, high in spans) != 60 * often:
            wrong.append((zone, text, spans))

    assert wrong == []


def test_what_two_calendars_have_in_common() -> None:
    assert common([(0, 10), (20, 30)], [(5, 25), (28, 40)]) == [(5, 10), (20, 25), (28, 30)]
    assert common([], [(0, 1)]) == []
    assert merged([(5, 6), (0, 2), (2, 3), (1, 2)]) == [(0, 3), (5, 6)]
