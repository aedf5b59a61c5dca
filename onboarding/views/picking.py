"""The calendar in which people pick a time: five weeks at a glance, a week of free starts, on the reader's clock."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache as remembered, lru_cache
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.template.loader import get_template
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import get_language, npgettext

from accounts import formats
from accounts.domain.account_values import zones
from accounts.exceptions import DomainError
from accounts.models import Account
from onboarding.domain.clocks import FIRST_YEAR, LAST_YEAR
from onboarding.domain.offers import Offer, by_day, offers, zone_named
from onboarding.domain.wording import weekday
from onboarding.models import Session, SessionType

SHOWN = 7  # days at a time
STRIP = 35  # days at a glance
# Which days have something free is remembered for so long, in seconds, by each process of ours: a hint where to look,
# asked for by everybody who opens the page. The times themselves are always read anew.
HINT, MOST_HINTS = 20, 1000


@dataclass(frozen=True, slots=True)
class Cell:
    """A day of the five weeks."""

    day: date
    title: str
    free: bool
    chosen: bool  # among those whose times are shown
    today: bool


def zone_of(asked: Mapping[str, str], otherwise: Any) -> tuple[ZoneInfo, str]:
    """The zone asked for, or the person's own with a sentence about what was asked."""
    try:
        return zone_named(asked.get("tz", ""), otherwise), ""
    except DomainError as error:
        return ZoneInfo(str(otherwise)), str(error)


@remembered
def offered_zones() -> list[str]:
    """Those that people know by a place."""
    return sorted(name for name in zones() if "/" in name and not name.startswith(("Etc/", "SystemV/")))


@remembered
def zone_options() -> SafeString:
    return format_html_join("", "<option>{}</option>", ((name,) for name in offered_zones()))


# What is shown ------------------------------------------------------------------------------------


def calendar(
    request: HttpRequest, kind: SessionType, zone: ZoneInfo, *, account: Account | None, without: Session | None = None
) -> dict[str, Any]:
    """A week from the day asked for, else from the first that has something free."""
    today = timezone.now().astimezone(zone).date()
    last = today + timedelta(days=kind.horizon_days)
    asked = _day(request.POST.get("from", "") or request.GET.get("from", ""))
    search = Search(kind, zone, account, without, today, last)
    first = min(max(asked, today), last) if asked else search.first_free(last) or today
    found = search.week(first)
    language = get_language() or ""
    earlier, later = first - timedelta(days=SHOWN), first + timedelta(days=SHOWN)
    free_before = first > today and search.first_free(first - timedelta(days=1))
    return {
        "days": format_html_join("", "{}", ((_shown(day, found[day], zone, kind),) for day in found)),
        "weekdays": weekdays(language),
        "weeks": search.weeks(first, found.keys(), language),
        "months": search.months(first),
        "first": str(first),
        "earlier": str(max(earlier, today)) if free_before else "",
        "later": str(later) if later <= last else "",
        "zone": str(zone),
        "zone_options": zone_options(),
        "now": _clock(timezone.now().astimezone(zone)),
    }


class Search:
    """One visitor's look: the days are hints that may be some seconds old, the week is as it stands."""

    def __init__(  # noqa: PLR0917 - what is looked for
        self,
        kind: SessionType,
        zone: ZoneInfo,
        account: Account | None,
        without: Session | None,
        today: date,
        last: date,
    ) -> None:
        self.kind, self.zone, self.account, self.without = kind, zone, account, without
        self.today, self.last = today, last
        self.monday = today - timedelta(days=today.weekday())
        self.known: dict[date, list[Offer]] = {}  # read in this very request
        self.read: set[date] = set()
        self.free: dict[date, set[date]] = {}  # by the first of five weeks

    def first_free(self, until: date) -> date | None:
        """Of the hints, up to this day."""
        strip = self.monday
        while strip <= until:
            if days := self.free_days(strip):
                return min(days) if min(days) <= until else None
            strip += timedelta(days=STRIP)
        return None

    def week(self, first: date) -> dict[date, list[Offer]]:
        days = week_from(first)
        if not self.read.issuperset(days):
            self._look(days[0], min(days[-1], self.last))
        return {day: self.known[day] for day in days if day in self.known}

    def free_days(self, strip: date) -> set[date]:
        """Those of five weeks on which something is free."""
        if strip not in self.free:
            self.free[strip] = self._free_days(strip)
        return self.free[strip]

    def _free_days(self, strip: date) -> set[date]:
        if self.without:  # who moves a booking has days of their own
            return self._looked_at(strip)
        host = self.account.csm_id if self.account else 0
        return _hint((self.kind.pk, host, self.zone, self.today, strip), lambda: self._looked_at(strip))

    def _looked_at(self, strip: date) -> set[date]:
        self._look(max(strip, self.today), min(strip + timedelta(days=STRIP - 1), self.last))
        return {day for day in self.known if strip <= day < strip + timedelta(days=STRIP)}

    def _look(self, first: date, last: date) -> None:
        if last >= first:
            found = offers(self.kind, first, last, self.zone, account=self.account, without=self.without)
            self.known |= by_day(found, self.zone)
        self.read |= {first + timedelta(days=n) for n in range((last - first).days + 1)}

    def weeks(self, first: date, found: Collection[date], language: str) -> str:
        strip = self.monday + timedelta(days=(first - self.monday).days // STRIP * STRIP)
        free = (self.free_days(strip) - set(week_from(first))) | set(found)
        return weeks_drawn(strip, frozenset(free), first, self.today, self.last, language)

    def months(self, first: date) -> str:
        """Whose days they are."""
        strip = self.monday + timedelta(days=(first - self.monday).days // STRIP * STRIP)
        shown = (max(strip, self.today), min(strip + timedelta(days=STRIP - 1), self.last))
        return " – ".join(dict.fromkeys(str(capfirst(formats.day(day, form="month"))) for day in shown))


def week_from(first: date) -> list[date]:
    return [first + timedelta(days=n) for n in range(SHOWN)]


@lru_cache(maxsize=200)
def weeks_drawn(  # noqa: PLR0917 - all that can be seen of them
    strip: date, free: frozenset[date], first: date, today: date, last: date, language: str
) -> str:
    """Many visitors see the same five weeks."""
    chosen = {day for day in week_from(first) if day <= last}
    days = [strip + timedelta(days=n) for n in range(STRIP)]
    cells = [
        Cell(day, titled(day, language) if day in free else "", day in free, day in chosen, day == today)
        for day in days
    ]
    weeks = [cells[n : n + 7] for n in range(0, STRIP, 7)]
    shown = [week for week in weeks if week[-1].day >= today and week[0].day <= last]
    return get_template("onboarding/booking/weeks.html").render({"weeks": shown})


_hints: dict[tuple, tuple[float, set[date]]] = {}


def _hint(key: tuple, look: Callable[[], set[date]]) -> set[date]:
    until, days = _hints.get(key, (0.0, set()))
    if until < monotonic():
        if len(_hints) >= MOST_HINTS:
            _hints.clear()
        days = look()
        _hints[key] = monotonic() + HINT, days
    return days


@lru_cache(maxsize=2000)
def titled(day: date, language: str) -> str:
    return str(capfirst(formats.day(day, form="weekday")))


@lru_cache(maxsize=20)
def weekdays(language: str) -> list[tuple[str, str]]:
    """Short and whole, from Monday on."""
    return [(weekday(day, short=True), weekday(day)) for day in range(7)]


# One day's starts -----------------------------------------------------------------------------------

DAY = '<li class="slot-day"><h2>{}</h2><ul class="slot-starts">{}</ul></li>'
START = '<li><button class="slot" name="start" value="{}" aria-label="{}, {}">{}{}</button></li>'


def _shown(day: date, found: list[Offer], zone: ZoneInfo, kind: SessionType) -> SafeString:
    seats = [offer.seats_left for offer in found] if kind.seats > 1 else [0] * len(found)
    return _drawn(day, tuple(offer.start for offer in found), tuple(seats), zone, get_language() or "")


@lru_cache(maxsize=1000)
def _drawn(
    day: date, starts: tuple[datetime, ...], seats: tuple[int, ...], zone: ZoneInfo, language: str
) -> SafeString:
    """Many visitors are shown the same day."""
    local = [start.astimezone(zone) for start in starts]
    clocks = [(moment.hour, moment.minute) for moment in local]
    # In the night the clocks go back, the same time comes twice: only the offset tells them apart.
    twice = {clock for clock in clocks if clocks.count(clock) > 1} if len(set(clocks)) < len(clocks) else set()
    again = [f" ({moment:%Z})" if clock in twice else "" for moment, clock in zip(local, clocks, strict=True)]
    title = titled(day, language)
    buttons = (
        (_button(start.isoformat(timespec="minutes"), title, which, clock, left, language),)
        for start, which, clock, left in zip(starts, again, clocks, seats, strict=True)
    )
    return format_html(DAY, title, format_html_join("", "{}", buttons))


@lru_cache(maxsize=20_000)
def _button(  # noqa: PLR0917 - what it says
    start: str, title: str, again: str, clock: tuple[int, int], seats: int, language: str
) -> SafeString:
    """With one more of them booked, the others of the day are as they were."""
    label = f"{_written(*clock, language)}{again}"
    value = start.removesuffix("+00:00") + "Z"
    return format_html(START, value, title, label, label, _seats(seats) if seats else "")


def _seats(left: int) -> SafeString:
    text = npgettext("booking", "%(n)s seat", "%(n)s seats", left) % {"n": left}
    return format_html('<span class="slot-seats">{}</span>', text)


def _clock(moment: datetime) -> str:
    return _written(moment.hour, moment.minute, get_language() or "")


@lru_cache(maxsize=10_000)
def _written(hour: int, minute: int, language: str) -> str:
    with timezone.override(timezone.get_fixed_timezone(0)):
        return formats.clock(datetime(2024, 1, 1, hour, minute, tzinfo=timezone.get_fixed_timezone(0)))


# What is asked for ----------------------------------------------------------------------------------


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
    return day if day and FIRST_YEAR <= day.year <= LAST_YEAR else None


def start_of(text: str) -> datetime | None:
    """The start that was clicked, or None for what is no instant, or none that anybody will live to see."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo and FIRST_YEAR <= moment.year <= LAST_YEAR else None
