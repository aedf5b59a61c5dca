"""What a busy calendar says: every way of repeating, whole days, times without a zone, and files that are none."""

from collections.abc import Iterable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from onboarding.domain.clocks import instant, moment
from onboarding.domain.feeds import parsing
from onboarding.domain.feeds.parsing import BadCalendar, busy_in
from onboarding.domain.feeds.problems import SENTENCES, sentence

PARIS = ZoneInfo("Europe/Paris")
LOW, HIGH = (instant(datetime(2026, month, 1, tzinfo=UTC)) for month in (6, 7))
pytestmark = pytest.mark.filterwarnings("ignore::icalendar.error.GloballyUniqueTZIDGuessed")


def calendar(*entries: str, head: str = "") -> bytes:
    events = "".join(f"BEGIN:VEVENT\nUID:{n}\n{entry.strip()}\nEND:VEVENT\n" for n, entry in enumerate(entries))
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{head}{events}END:VCALENDAR\n".replace("\n", "\r\n").encode()


def shown(content: bytes, zone: ZoneInfo = PARIS, **more: str) -> list[str]:
    found = busy_in(content, zone, LOW, HIGH, **more)
    assert found.left_out == 0
    return [f"{moment(a).astimezone(zone):%d %H:%M}-{moment(b).astimezone(zone):%d %H:%M}" for a, b in found.spans]


NINE = "DTSTART:20260608T090000\nDTEND:20260608T100000\n"


@pytest.mark.parametrize(
    ("entry", "spans"),
    [
        (NINE, ["08 09:00-08 10:00"]),  # no zone: the host's
        ("DTSTART:20260608T090000Z\nDURATION:PT90M", ["08 11:00-08 12:30"]),
        ("DTSTART;TZID=America/New_York:20260608T090000\nDTEND;TZID=America/New_York:20260608T100000", ["08 15:00-08 16:00"]),
        ("DTSTART;TZID=W. Europe Standard Time:20260608T090000\nDURATION:PT1H", ["08 09:00-08 10:00"]),
        ("DTSTART;TZID=/mozilla.org/20050126_1/Asia/Tokyo:20260608T090000\nDURATION:PT1H", ["08 02:00-08 03:00"]),
        ("DTSTART;TZID=Nowhere at all:20260608T090000\nDURATION:PT1H", ["08 09:00-08 10:00"]),
        ('DTSTART;TZID="":20260608T090000\nDURATION:PT1H', ["08 09:00-08 10:00"]),
        ("DTSTART;VALUE=DATE:20260608", ["08 00:00-09 00:00"]),
        ("DTSTART;VALUE=DATE:20260608\nDTEND;VALUE=DATE:20260610", ["08 00:00-10 00:00"]),
        ("DTSTART;VALUE=DATE:20260608\nDTEND;VALUE=DATE:20260608", ["08 00:00-09 00:00"]),
        ("DTSTART:20260608T090000Z", []),  # takes no time
        ("DTSTART:20260608T090000Z\nDTEND:20260608T080000Z", []),
        ("DTSTART:20250101T000000Z\nDTEND:20270101T000000Z", ["01 02:00-01 02:00"]),  # cut to what was asked for
        (NINE + "TRANSP:TRANSPARENT", []),
        (NINE + "STATUS:CANCELLED", []),
        (NINE + "STATUS:TENTATIVE", ["08 09:00-08 10:00"]),
        (NINE + "X-MICROSOFT-CDO-BUSYSTATUS:FREE", []),
        (NINE + "RRULE:FREQ=DAILY;COUNT=3\nEXDATE:20260609T090000", ["08 09:00-08 10:00", "10 09:00-10 10:00"]),
        (NINE + "RDATE:20260612T140000", ["08 09:00-08 10:00", "12 14:00-12 15:00"]),
        # since long ago, for ever
        ("DTSTART:20010101T090000Z\nDURATION:PT1H\nRRULE:FREQ=MONTHLY;BYDAY=2MO", ["08 11:00-08 12:00"]),
        (NINE + "RRULE:FREQ=MONTHLY;UNTIL=20990101", ["08 09:00-08 10:00"]),
        # what alarms and attachments say about time is not the entry's
        (NINE + "BEGIN:VALARM\nDTSTART:20260601T000000\nACTION:AUDIO\nEND:VALARM\nATTACH:" + "x" * 90_000, ["08 09:00-08 10:00"]),
    ],
)  # fmt: skip
def test_an_entry(entry, spans) -> None:
    assert shown(calendar(entry)) == spans


def test_one_of_a_series_is_moved_another_given_up() -> None:
    series = NINE + "RRULE:FREQ=DAILY;COUNT=3"
    content = calendar(series).replace(
        b"END:VCALENDAR",
        b"BEGIN:VEVENT\r\nUID:0\r\nRECURRENCE-ID:20260609T090000\r\nDTSTART:20260609T160000\r\nDURATION:PT30M\r\nEND:VEVENT\r\n"
        b"BEGIN:VEVENT\r\nUID:0\r\nRECURRENCE-ID:20260610T090000\r\nSTATUS:CANCELLED\r\nDTSTART:20260610T090000\r\n"
        b"DURATION:PT1H\r\nEND:VEVENT\r\nEND:VCALENDAR",
    )

    assert shown(content) == ["08 09:00-08 10:00", "09 16:00-09 16:30"]


def test_a_series_keeps_its_hour_over_a_change_of_clocks_and_a_day_its_length() -> None:
    low, high = instant(datetime(2026, 3, 27, tzinfo=UTC)), instant(datetime(2026, 3, 31, tzinfo=UTC))
    content = calendar(
        "DTSTART;TZID=Europe/Paris:20260327T090000\nDURATION:PT1H\nRRULE:FREQ=DAILY;INTERVAL=3",
        "DTSTART;VALUE=DATE:20260329",
    )

    found = busy_in(content, PARIS, low, high).spans

    assert [moment(begins).hour for begins, _end in found] == [8, 23, 7]
    assert found[1][1] - found[1][0] == 23 * 3600


def test_zones_of_the_files_own_and_lines_that_are_folded_oddly() -> None:
    zone = (
        "BEGIN:VTIMEZONE\nTZID:Ours\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0530\nTZOFFSETTO:+0530\n"
        "END:STANDARD\nEND:VTIMEZONE\n"
    )
    content = calendar("DTSTART;TZID=Ours:20260608T090000\nDURATION:PT1H", head=zone)
    folded = calendar(NINE).replace(b"DTSTART:2026", b"DTSTART\r\n\r\n :20\r\n 26").replace(b"\r\n", b"\n")

    assert shown(content) == ["08 05:30-08 06:30"]
    assert shown(folded) == ["08 09:00-08 10:00"]
    assert shown("\ufeff".encode() + folded.replace(b"\n", b"\r")) == ["08 09:00-08 10:00"]
    assert shown(folded.decode().encode("utf-16")) == ["08 09:00-08 10:00"]
    assert shown(calendar(NINE, head=zone.replace("TZID:Ours", "TZID:"))) == ["08 09:00-08 10:00"]


def test_free_and_busy_as_servers_tell_it() -> None:
    content = (
        b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VFREEBUSY\r\nFREEBUSY:20260608T070000Z/20260608T080000Z,20260609T070000Z/PT1H"
        b"\r\nFREEBUSY;FBTYPE=FREE:20260610T070000Z/PT1H\r\nEND:VFREEBUSY\r\nEND:VCALENDAR\r\n"
    )

    assert shown(content) == ["08 09:00-08 10:00", "09 09:00-09 10:00"]


def test_sessions_of_ours_are_known_already() -> None:
    content = calendar(NINE).replace(b"UID:0", b"UID:5e1f@tenure.example")

    assert shown(content, ours="@tenure.example") == []


def test_an_entry_nobody_understands_is_counted_and_leaves_the_others() -> None:
    found = busy_in(calendar(NINE, "SUMMARY:when?", "DTSTART:soon", NINE + "RRULE:FREQ=SOMETIMES"), PARIS, LOW, HIGH)

    assert (len(found.spans), found.left_out) == (1, 3)
    assert "3 entries have no time" in sentence("left_out 3")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "not_calendar"),
        (b"<!doctype html><title>Sign in</title>", "not_calendar"),
        (b"\xff\xfe\x00", "not_calendar"),
        (bytes(range(256)) * 10, "not_calendar"),
        (b"BEGIN:VCARD\r\nEND:VCARD\r\n", "not_calendar"),
        (calendar(NINE, NINE)[:-60], "broken_off"),
        (calendar(NINE).replace(b"END:VEVENT\r\n", b""), "broken_off"),
        (b"BEGIN:VCALENDAR\r\n" * 30, "broken_off"),
        (b"BEGIN:VCALENDAR\r\nEND:VEVENT\r\n", "broken_off"),
        (calendar(*[NINE] * 9), "too_many"),
    ],
)  # fmt: skip
def test_files_that_are_none_are_refused(monkeypatch, content, problem) -> None:
    monkeypatch.setattr(parsing, "MOST_ENTRIES", 8)
    with pytest.raises(BadCalendar, match=f"^{problem}$"):
        busy_in(content, PARIS, LOW, HIGH)
    assert SENTENCES[problem]


# As the programs of others write them: zones by Windows' names or of their own, whole days, moved and canceled dates.
OUTLOOK = """BEGIN:VCALENDAR
METHOD:PUBLISH
PRODID:-//Office//EN
VERSION:2.0
BEGIN:VTIMEZONE
TZID:Romance Standard Time
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VEVENT
UID:040000008200E00074C5B7101A82E008
SUMMARY;LANGUAGE=fr:Point hebdo
DTSTART;TZID=Romance Standard Time:20260601T090000
DTEND;TZID=Romance Standard Time:20260601T100000
RRULE:FREQ=WEEKLY;COUNT=4;BYDAY=MO
EXDATE;TZID=Romance Standard Time:20260608T090000
X-MICROSOFT-CDO-BUSYSTATUS:BUSY
END:VEVENT
END:VCALENDAR
"""
PHONE = """BEGIN:VCALENDAR
CALSCALE:GREGORIAN
VERSION:2.0
X-WR-TIMEZONE:Europe/Bucharest
BEGIN:VEVENT
UID:holiday
DTSTART;VALUE=DATE:20260615
DTEND;VALUE=DATE:20260617
SUMMARY:Off
END:VEVENT
BEGIN:VEVENT
UID:moved
DTSTART;TZID=Europe/Bucharest:20260602T080000
DURATION:PT45M
RRULE:FREQ=DAILY;UNTIL=20260604T235959Z
END:VEVENT
BEGIN:VEVENT
UID:moved
RECURRENCE-ID;TZID=Europe/Bucharest:20260603T080000
DTSTART;TZID=Europe/Bucharest:20260603T160000
DURATION:PT45M
END:VEVENT
BEGIN:VEVENT
UID:gone
STATUS:CANCELLED
DTSTART:20260610T080000Z
DTEND:20260610T090000Z
END:VEVENT
END:VCALENDAR
"""
OTHERS = {
    "outlook.ics": OUTLOOK, "phone.ics": PHONE, "line-feeds.ics": PHONE.replace("\n", "\r\n"),
    "broken.ics": OUTLOOK[:-40], "page.ics": "<html>Please sign in</html>",
}  # fmt: skip


def all_read(calendars: Iterable[tuple[str, bytes]]) -> tuple[dict[str, int], dict[str, str]]:
    """How many spans those have that could be read, and why the others could not."""
    read, refused = {}, {}
    for name, content in calendars:
        try:
            found = busy_in(content, PARIS, LOW, HIGH)
        except BadCalendar as problem:
            refused[name] = str(problem)
        else:
            read[name] = len(found.spans)
            assert all(LOW <= begins < ends <= HIGH for begins, ends in found.spans), name
    return read, refused


def test_calendars_of_others_are_read_or_refused_by_name() -> None:
    # Three of four Mondays; two days as one, and three mornings of which one was moved.
    assert all_read((name, text.encode()) for name, text in OTHERS.items()) == (
        {"outlook.ics": 3, "phone.ics": 4, "line-feeds.ics": 4},
        {"broken.ics": "broken_off", "page.ics": "not_calendar"},
    )
