"""Days and moments, as people and programs write them. Converters as in cells.py."""

import re
from datetime import date, datetime, tzinfo

from dateutil import tz
from django.utils.translation import gettext as _

from accounts.domain.imports.cells import Convert, Refused, shown

MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan janv january janvier ianuarie ian", "feb fevr fév févr february fevrier février februarie",
         "mar mars march martie", "apr avr april avril aprilie", "may mai", "jun juin june iunie iun",
         "jul juil july juillet iulie iul", "aug aout août august", "sep sept september septembre septembrie",
         "oct october octobre octombrie", "nov november novembre noiembrie",
         "dec déc decembre décembre december decembrie"),
        1,
    )
    for name in names.split()
}  # fmt: skip

_ISO = re.compile(r"(\d{4})([-/.]?)(\d{1,2})\2(\d{1,2})")
_PARTS = re.compile(r"(\d{1,2})([-/. ])(\d{1,2})\2(\d{4}|\d{2})")
_NAMED = re.compile(
    r"(\d{1,2})[ .-]*([^\W\d_]+)\.?,?[ .-]*(\d{4})|([^\W\d_]+)\.?[ .-]*(\d{1,2})(?:st|nd|rd|th)?,?[ .-]+(\d{4})"
)
_TIME = re.compile(
    r"[T ,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*([AaPp]\.?[Mm]\.?)?"
    r"\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?$"
)
# What programs write: nothing has to be worked out.
_USUAL_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](?:[01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?(Z|[+-](?:0\d|1[0-4]):?[0-5]\d)?", re.ASCII
)
_EPOCH = re.compile(r"\d{10}|\d{13}")


def _ymd(cell: str, order: str) -> tuple[int, int, int]:
    if found := _ISO.fullmatch(cell):
        return int(found[1]), int(found[3]), int(found[4])
    if found := _PARTS.fullmatch(cell):
        first, second, year = int(found[1]), int(found[3]), _full_year(found[4])
        return (year, second, first) if order == "dmy" else (year, first, second)
    if found := _NAMED.fullmatch(cell):
        name, number, of = (found[2], found[1], found[3]) if found[1] else (found[4], found[5], found[6])
        if month := MONTHS.get(name.casefold()):
            return int(of), month, int(number)
    raise ValueError(cell)


def _full_year(year: str) -> int:
    return int(year) if len(year) == 4 else int(year) + (2000 if int(year) < 70 else 1900)


def _day(cell: str, order: str) -> date:
    day = date(*_ymd(cell.strip(), order))
    if not 1900 <= day.year <= 2200:
        raise ValueError(cell)
    return day


def day(order: str = "dmy") -> Convert:
    def convert(cell: str) -> str | None:
        value = cell.strip()
        if not value:
            return None
        try:
            return _day(_TIME.sub("", value), order).isoformat()
        except ValueError:
            raise Refused(_not_a_day(cell, order)) from None

    return convert


def _not_a_day(cell: str, order: str) -> str:
    if _PARTS.match(cell.strip()):
        pattern = _("day/month/year") if order == "dmy" else _("month/day/year")
        return _("“%(cell)s” is not a date as %(pattern)s") % {"cell": shown(cell), "pattern": pattern}
    return _("“%(cell)s” is not a date, like 2026-01-31") % {"cell": shown(cell)}


def moment(order: str = "dmy", zone: str = "UTC") -> Convert:
    """An instant; a time without a zone is taken in `zone`, a day alone as its first minute."""
    home = tz.gettz(zone) or tz.UTC
    days: dict[str, bool] = {}

    def convert(cell: str) -> str | None:
        value = cell.strip()
        if not value:
            return None
        found = _USUAL_MOMENT.fullmatch(value)
        if found and (found[4] or zone == "UTC") and (days.get(found[1]) or _is_day(found[1], days)):
            return value if found[4] else value + "+00:00"
        try:
            return _moment(value, order, home).isoformat()
        except (ValueError, OverflowError):
            raise Refused(_not_a_day(cell, order)) from None

    return convert


def _is_day(day: str, known: dict[str, bool]) -> bool:
    """Few days, many moments: each day is looked at once."""
    try:
        known[day] = bool(_day(day, ""))
    except ValueError:
        return False
    return True


def _moment(cell: str, order: str, home: tzinfo) -> datetime:
    if _EPOCH.fullmatch(cell):
        seconds = int(cell) / (1000 if len(cell) == 13 else 1)
        return datetime.fromtimestamp(seconds, tz.UTC)
    found = _TIME.search(cell)
    day = _day(cell[: found.start()] if found else cell, order)
    midnight = datetime(day.year, day.month, day.day, tzinfo=home)
    return _at_time(midnight, found) if found else midnight


def _at_time(midnight: datetime, found: re.Match[str]) -> datetime:
    hour = int(found[1])
    if half := (found[5] or "").lower():
        if not 1 <= hour <= 12:
            raise ValueError(found[0])
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    return midnight.replace(
        hour=hour,
        minute=int(found[2]),
        second=int(found[3] or 0),
        microsecond=int((found[4] or "0")[:6].ljust(6, "0")),
        tzinfo=_offset(found[6]) or midnight.tzinfo,
    )


def _offset(name: str | None) -> tzinfo | None:
    if not name:
        return None
    if name in {"Z", "UTC", "GMT"}:
        return tz.UTC
    digits = name[1:].replace(":", "").ljust(4, "0")
    seconds = int(digits[:2]) * 3600 + int(digits[2:]) * 60
    return tz.tzoffset(None, seconds if name[0] == "+" else -seconds)
