"""Starts that are offered: the grid, notice, horizon, bookings with buffers, busy blocks and limits."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings, strategies as st

from onboarding.domain.clocks import instant, local_day
from onboarding.domain.slots import Hours, Limits, Meeting, Taken, labels, starts
from tests.thorough import examples

PARIS, UTC_ZONE = ZoneInfo("Europe/Paris"), ZoneInfo("UTC")
MONDAY = date(2026, 6, 8)
OFFICE = Hours(PARIS, {day: [(540, 720), (780, 1020)] for day in range(5)})


def at(text: str) -> int:
    return instant(datetime.fromisoformat(text).replace(tzinfo=UTC))


def test_a_day_of_office_hours() -> None:
    found = starts(OFFICE, Meeting(60, 60), MONDAY, MONDAY)

    assert labels(PARIS, found) == [f"2026-06-08 {hour}:00" for hour in ("09", "10", "11", "13", "14", "15", "16")]


def test_a_date_of_its_own_replaces_the_weekday_and_may_close_it() -> None:
    hours = Hours(PARIS, OFFICE.weekly, {MONDAY: [(600, 660)], MONDAY + timedelta(days=1): []})

    found = starts(hours, Meeting(60, 60), MONDAY, MONDAY + timedelta(days=1))

    assert labels(PARIS, found) == ["2026-06-08 10:00"]


def test_notice_is_elapsed_time_and_inclusive_and_the_horizon_counts_host_days() -> None:
    now = at("2026-06-08T07:00")  # 9:00 in Paris

    found = starts(OFFICE, Meeting(60, 60, notice=240, horizon_days=1), MONDAY, MONDAY + timedelta(days=9), now=now)

    assert labels(PARIS, found)[0] == "2026-06-08 13:00"
    assert labels(PARIS, found)[-1] == "2026-06-09 16:00"


def test_buffers_of_both_meetings_count_and_busy_blocks_have_none() -> None:
    taken = [Taken(at("2026-06-08T08:00"), at("2026-06-08T08:30"), after=15)]
    busy = [(at("2026-06-08T12:00"), at("2026-06-08T13:00"))]

    found = starts(OFFICE, Meeting(30, 15, before=10), MONDAY, MONDAY, taken=taken, busy=busy)

    assert labels(PARIS, found) == [
        "2026-06-08 09:00", "2026-06-08 09:15", "2026-06-08 09:30", "2026-06-08 11:00", "2026-06-08 11:15",
        "2026-06-08 11:30", "2026-06-08 13:00", "2026-06-08 13:15", "2026-06-08 13:30", "2026-06-08 15:15",
        "2026-06-08 15:30", "2026-06-08 15:45", "2026-06-08 16:00", "2026-06-08 16:15", "2026-06-08 16:30",
    ]  # fmt: skip


def test_limits_close_a_day_and_a_week_of_the_host() -> None:
    taken = [Taken(at("2026-06-08T07:00"), at("2026-06-08T08:00"))]
    tuesday = MONDAY + timedelta(days=1)

    def days(limits: Limits) -> set[date]:
        found = starts(OFFICE, Meeting(60, 60), MONDAY, MONDAY + timedelta(days=7), taken=taken, limits=limits)
        return {local_day(PARIS, start) for start in found}

    week = {tuesday + timedelta(days=n) for n in range(4)}
    assert days(Limits(per_day=1)) == week | {MONDAY + timedelta(days=7)}
    assert days(Limits(per_week=1)) == {MONDAY + timedelta(days=7)}
    assert days(Limits(minutes_per_week=119)) == {MONDAY + timedelta(days=7)}
    assert days(Limits(minutes_per_week=120)) == {MONDAY, *week, MONDAY + timedelta(days=7)}


def test_a_calendar_that_never_closes_has_a_grid_too() -> None:
    always = Hours(UTC_ZONE, {day: [(0, 1440)] for day in range(7)})

    found = starts(always, Meeting(60, 60), MONDAY, MONDAY)

    assert len(found) == 24
    assert found[0] == at("2026-06-08T00:00")


spans = st.tuples(st.integers(0, 1380), st.integers(15, 600)).map(lambda s: (s[0], min(s[0] + s[1], 1440)))
bookings = st.lists(
    st.tuples(st.integers(0, 4 * 96), st.integers(1, 8), st.integers(0, 3), st.integers(0, 3)), max_size=8
)


@settings(max_examples=examples(30), deadline=None)
@given(
    st.sampled_from(["Europe/Paris", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]),
    st.sampled_from([date(2026, 3, 7), date(2026, 3, 28), date(2026, 4, 4), date(2026, 10, 24), date(2026, 10, 31)]),
    st.dictionaries(st.integers(0, 6), st.lists(spans, max_size=2), max_size=7),
    bookings,
    st.sampled_from([(30, 15, 0, 0), (60, 60, 10, 5), (45, 20, 0, 15), (15, 15, 5, 5)]),
)
def test_the_sweep_says_what_the_rule_says(
    zone_name: str, first: date, weekly: dict, rows: list, shape: tuple[int, int, int, int]
) -> None:
    zone = ZoneInfo(zone_name)
    hours, meeting = Hours(zone, weekly), Meeting(*shape)
    midnight = instant(datetime.combine(first, datetime.min.time(), zone))
    taken = [
        Taken(midnight + at * 900, midnight + (at + length) * 900, before * 5, after * 5)
        for at, length, before, after in rows
    ]

    found = starts(hours, meeting, first, first + timedelta(days=2), taken=taken)

    assert found == by_the_rule(hours, meeting, first, taken)


def by_the_rule(hours: Hours, meeting: Meeting, first: date, taken: list[Taken]) -> list[int]:
    """Every start of every run, asked one by one."""
    result = []
    for low, high in hours.runs(first - timedelta(days=8), first + timedelta(days=3)):
        start = low
        while start + meeting.duration * 60 <= high:
            before, after = start - meeting.before * 60, start + (meeting.duration + meeting.after) * 60
            apart = all(t.padded[1] <= before or after <= t.padded[0] for t in taken)
            if apart and first <= local_day(hours.zone, start) <= first + timedelta(days=2):
                result.append(start)
            start += meeting.increment * 60
    return result
