"""A calendar file without what says nothing about time: titles, people, texts, attachments, entries long over.

They are most of it, are nobody's business here, and are where strange files are strangest.
"""

import re
from collections.abc import Iterator
from datetime import timedelta

from onboarding.domain.clocks import moment

# Lines may be of any length once unfolded; those that tell time are short.
LONGEST = 20_000
FOLD = re.compile(r"[\r\n]+[ \t]")
NO_ZONE = re.compile(r';TZID=(?:"")?(?=[;:])', re.IGNORECASE)
OF_ENTRIES = {
    "UID", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "TRANSP", "STATUS",
    "X-MICROSOFT-CDO-BUSYSTATUS", "FREEBUSY",
}  # fmt: skip
OF_CALENDARS = {"VERSION", "PRODID", "CALSCALE", "X-WR-TIMEZONE"}
OF_ZONES = {"TZID", "DTSTART", "RRULE", "RDATE", "TZOFFSETFROM", "TZOFFSETTO", "TZNAME"}
KEPT = {
    "VCALENDAR": OF_CALENDARS, "VEVENT": OF_ENTRIES, "VFREEBUSY": OF_ENTRIES, "VTIMEZONE": OF_ZONES,
    "STANDARD": OF_ZONES, "DAYLIGHT": OF_ZONES,
}  # fmt: skip
SERIES = {"RRULE", "RDATE", "RECURRENCE-ID"}
MARGIN = timedelta(days=3)

Line = tuple[str, str]  # its name and all of it


class BrokenOff(ValueError):
    """Something was begun and not ended."""


def sifted(text: str, low: int) -> str:
    """What is left, as a calendar file; nothing that ended before `low` (give or take a few days)."""
    long_ago = (moment(low) - MARGIN).strftime("%Y%m%d")
    kept = list[str]()
    for component in _components(_lines(text)):
        if component[0][1] != "BEGIN:VEVENT" or not _over(component, long_ago):
            kept += (line for _name, line in component)
    return "\r\n".join([*kept, ""])


def _lines(text: str) -> Iterator[Line]:
    for line in FOLD.sub("", text).splitlines():
        name = re.split("[:;]", line, maxsplit=1)[0].strip().upper()
        if name in {"BEGIN", "END"}:
            yield name, f"{name}:{line.partition(':')[2].strip().upper()}"
        elif name and ":" in line and len(line) <= LONGEST:
            yield name, NO_ZONE.sub("", line.strip())


def _components(lines: Iterator[Line]) -> Iterator[list[Line]]:
    """Entry by entry; the frame around them line by line. Inside what is not kept, nothing is."""
    inside: list[str] = []
    entry: list[Line] = []
    for name, line in lines:
        kind = line.partition(":")[2]
        if name == "BEGIN":
            inside.append(kind)
        kept = all(one in KEPT for one in inside) and (
            name in {"BEGIN", "END"} or (inside and name in KEPT[inside[-1]])
        )
        if kept:
            entry.append((name, line))
        if name == "END" and (not inside or inside.pop() != kind):
            raise BrokenOff
        if entry and "VEVENT" not in inside:
            yield entry
            entry = []
    if inside:
        raise BrokenOff


def _over(entry: list[Line], long_ago: str) -> bool:
    """One that does not repeat, and ended by then."""
    named = dict(entry)
    if SERIES & named.keys() or ("DURATION" in named and "DTEND" not in named):
        return False
    day = (named.get("DTEND") or named.get("DTSTART") or "").rpartition(":")[2][:8]
    return len(day) == 8 and day.isdigit() and day < long_ago
