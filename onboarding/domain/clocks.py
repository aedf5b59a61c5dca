"""Wall clocks: which instants a zone's clock shows as this date and that time of day (B1).

Instants are whole seconds since 1970 in UTC, wall-clock times are minutes since local midnight (24:00 is 1440).
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

HOUR, DAY = 3600, 86_400
EPOCH = date(1970, 1, 1).toordinal()
# Nobody books outside of these, and every zone can be asked about them.
FIRST_YEAR, LAST_YEAR = 1971, 2200

Span = tuple[int, int]  # of instants, half-open


def instant(moment: datetime) -> int:
    return int(moment.timestamp())


def moment(instant: int) -> datetime:
    return datetime.fromtimestamp(instant, UTC)


def offset(zone: ZoneInfo, instant: int) -> int:
    """Seconds the zone's clock is ahead of UTC at that instant."""
    ahead = datetime.fromtimestamp(instant, zone).utcoffset() or timedelta(0)
    return ahead // timedelta(seconds=1)


def local_day(zone: ZoneInfo, instant: int) -> date:
    return datetime.fromtimestamp(instant, zone).date()


@lru_cache(maxsize=20_000)
def pieces(zone: ZoneInfo, day: date) -> tuple[tuple[int, int, int], ...]:
    """The stretches around a local date on which the clock runs evenly: (from, until, offset). Their local times
    cover all that the clock shows as that date; in the night of a change there are two."""
    midnight = (day.toordinal() - EPOCH) * DAY
    start, end = midnight - DAY, midnight + 2 * DAY
    found, begins = [], start
    ahead = offset(zone, start)
    for probe in range(start + 6 * HOUR, end + 1, 6 * HOUR):
        if (then := offset(zone, probe)) != ahead:
            change = _change(zone, probe - 6 * HOUR, probe, ahead)
            found.append((begins, change, ahead))
            begins, ahead = change, then
    found.append((begins, end, ahead))
    return tuple(found)


def _change(zone: ZoneInfo, low: int, high: int, before: int) -> int:
    """The first instant with another offset."""
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if offset(zone, middle) == before else (low, middle)
    return high


def shown(zone: ZoneInfo, day: date, begins: int, ends: int) -> list[Span]:
    """The instants that the zone's clock shows as [begins, ends) minutes of that date: fewer than the clock says in
    a spring gap, more in an autumn fold, two stretches where a fold repeats the whole of it."""
    midnight = (day.toordinal() - EPOCH) * DAY
    spans: list[Span] = []
    for start, end, ahead in pieces(zone, day):
        low, high = max(start, midnight + begins * 60 - ahead), min(end, midnight + ends * 60 - ahead)
        if low < high:
            spans.append((low, high))
    return merged(spans)


@lru_cache(maxsize=50_000)
def known(zone: ZoneInfo, day: date, begins: int, ends: int) -> tuple[Span, ...]:
    """The same, remembered: weekly hours come again and again."""
    return tuple(shown(zone, day, begins, ends))


def whole_day(zone: ZoneInfo, day: date) -> list[Span]:
    """Local midnight to local midnight (B5)."""
    return shown(zone, day, 0, 24 * 60)


def merged(spans: list[Span]) -> list[Span]:
    """In order, those that touch or overlap as one."""
    result: list[Span] = []
    for low, high in sorted(spans):
        if result and low <= result[-1][1]:
            result[-1] = (result[-1][0], max(high, result[-1][1]))
        else:
            result.append((low, high))
    return result


def common(one: list[Span], other: list[Span]) -> list[Span]:
    """What both have, each of them merged."""
    result, n = [], 0
    for low, high in one:
        while n < len(other) and other[n][1] <= low:
            n += 1
        k = n
        while k < len(other) and other[k][0] < high:
            result.append((max(low, other[k][0]), min(high, other[k][1])))
            k += 1
    return result
