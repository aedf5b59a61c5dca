"""What a calendar file says about when somebody is busy. Pure: bytes in, spans of instants out.

Run as a program it works with a limit on time and memory (`python -m onboarding.domain.feeds.parsing`): whatever a
stranger's file makes the libraries do, the worker that asked goes on.
"""

import json
import re
import resource
import sys
import warnings
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar

from onboarding.domain.clocks import Span, instant, merged, moment, whole_day
from onboarding.domain.feeds.sifting import BrokenOff, sifted

# A calendar of twenty years of full days has fewer.
MOST_ENTRIES, MOST_SPANS = 50_000, 20_000
CPU_SECONDS, MEMORY = 30, 1 << 30
FREE = ("TRANSPARENT", "FREE")
ZONES = re.compile(r"BEGIN:VTIMEZONE\r\n.*?END:VTIMEZONE\r\n", re.DOTALL)


class BadCalendar(Exception):
    """A word of problems.py."""


@dataclass(frozen=True)
class Busy:
    spans: list[Span]
    left_out: int = 0  # entries that nobody could make sense of


def busy_in(content: bytes, zone: ZoneInfo, low: int, high: int, ours: str = "") -> Busy:
    """Between two instants. All-day entries and times without a zone are on the host's own clock (B5). Entries whose
    uid ends with `ours` are sessions that are known already, with their own hours and state."""
    found, left_out = list[Span](), 0
    for calendar in _calendars(content, low):
        for series in _series(calendar, ours):
            try:
                found += islice(_of_series(calendar, series, zone, low, high), MOST_SPANS + 1)
            except (ValueError, TypeError, AttributeError, LookupError, ArithmeticError, NotImplementedError):
                left_out += len(series)
    spans = merged([(max(begins, low), min(ends, high)) for begins, ends in found if begins < high and ends > low])
    if len(spans) > MOST_SPANS:
        raise BadCalendar("too_many")
    return Busy(spans, left_out)


# The file ----------------------------------------------------------------------------------------


def _calendars(content: bytes, low: int) -> list[Any]:
    wide = content[:2] in {b"\xff\xfe", b"\xfe\xff"}
    text = content.decode("utf-16" if wide else "utf-8-sig", "replace").replace("\0", "")
    if text.lstrip()[:15].upper() != "BEGIN:VCALENDAR":
        raise BadCalendar("not_calendar")
    try:
        text = sifted(text, low)
    except BrokenOff:  # what is missing is time that would wrongly be offered
        raise BadCalendar("broken_off") from None
    if text.count("\nBEGIN:VEVENT") > MOST_ENTRIES:
        raise BadCalendar("too_many")
    # A zone that cannot be made out must not hide the entries: most are known by their names.
    for attempt in (text, ZONES.sub("", text)):
        try:
            return [one for one in Calendar.from_ical(attempt, multiple=True) if one.name == "VCALENDAR"]
        except (ValueError, TypeError, AttributeError, LookupError, RecursionError):
            continue
    raise BadCalendar("broken")


def _series(calendar: Any, ours: str) -> Iterator[list[Any]]:
    """Entries that belong together: one that repeats, with those of its times that were changed."""
    together: dict[str, list[Any]] = defaultdict(list)
    for number, entry in enumerate(calendar.walk("VEVENT")):
        uid = str(entry.get("UID", "")) or f"without {number}"
        if not (ours and uid.endswith(ours)):
            together[uid].append(entry)
    yield from together.values()
    yield from ([entry] for entry in calendar.walk("VFREEBUSY"))


# One series --------------------------------------------------------------------------------------


def _of_series(calendar: Any, series: Sequence[Any], zone: ZoneInfo, low: int, high: int) -> Iterator[Span]:
    if series[0].name == "VFREEBUSY":
        yield from _periods(series[0], zone)
        return
    repeats = any(name in entry for entry in series for name in ("RRULE", "RDATE", "RECURRENCE-ID"))
    for entry in _occurrences(calendar, series, low, high) if repeats else series[-1:]:
        if _takes_time(entry):
            yield from _span(entry, zone)


def _occurrences(calendar: Any, series: Sequence[Any], low: int, high: int) -> Iterator[Any]:
    alone = Calendar()
    if "X-WR-TIMEZONE" in calendar:
        alone.add("X-WR-TIMEZONE", calendar["X-WR-TIMEZONE"])
    for entry in series:
        alone.add_component(entry)
    # Times without a zone are told apart by a day at the most.
    first, last = moment(low) - timedelta(days=2), moment(high) + timedelta(days=2)
    yield from recurring_ical_events.of(alone).between(first, last)


def _takes_time(entry: Any) -> bool:
    said = {str(entry.get(name, "")).upper() for name in ("TRANSP", "X-MICROSOFT-CDO-BUSYSTATUS")}
    return not said.intersection(FREE) and str(entry.get("STATUS", "")).upper() != "CANCELLED"


def _span(entry: Any, zone: ZoneInfo) -> Iterator[Span]:
    start = entry["DTSTART"].dt
    end = _end_of(entry, start)
    if not isinstance(start, datetime):
        last = max(end, start + timedelta(days=1))
        for n in range(min((last - start).days, 3660)):
            yield from whole_day(zone, start + timedelta(days=n))
    elif end > start:
        yield _instant(start, zone), _instant(end, zone)


def _end_of(entry: Any, start: Any) -> Any:
    if "DTEND" in entry:
        end = entry["DTEND"].dt
        if isinstance(start, datetime) != isinstance(end, datetime):
            raise ValueError("one is a day, the other is none")
        return end
    if "DURATION" in entry:
        return start + entry["DURATION"].dt
    return start


def _periods(entry: Any, zone: ZoneInfo) -> Iterator[Span]:
    listed = entry.get("FREEBUSY", [])
    for value in listed if isinstance(listed, list) else [listed]:
        if str(value.params.get("FBTYPE", "BUSY")).upper() != "FREE":
            for start, end in _pairs(value):
                yield _instant(start, zone), _instant(end if isinstance(end, datetime) else start + end, zone)


def _pairs(value: Any) -> list[tuple[datetime, Any]]:
    return [(one.start, one.end) for one in (value if isinstance(value, list) else [value])]


def _instant(given: datetime, zone: ZoneInfo) -> int:
    return instant(given if given.tzinfo else given.replace(tzinfo=zone))


# As a program ------------------------------------------------------------------------------------


def main(arguments: Sequence[str]) -> int:
    zone, low, high, ours = arguments
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    warnings.simplefilter("ignore")
    try:
        busy = busy_in(sys.stdin.buffer.read(), ZoneInfo(zone), int(low), int(high), ours)
    except (BadCalendar, MemoryError, RecursionError) as error:
        json.dump({"problem": str(error) if isinstance(error, BadCalendar) else "too_hard"}, sys.stdout)
    else:
        json.dump({"spans": busy.spans, "left_out": busy.left_out}, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
