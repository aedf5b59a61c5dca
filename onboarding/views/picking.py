"""The calendar in which people pick a time: days with their free starts, on the reader's clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.utils import timezone

from accounts import formats
from accounts.domain.account_values import zones
from accounts.exceptions import DomainError
from accounts.models import Account
from onboarding.domain.clocks import FIRST_YEAR, LAST_YEAR
from onboarding.domain.offers import Offer, by_day, offers, zone_named
from onboarding.models import Session, SessionType

SHOWN = 7  # days at a time
LOOKED_AHEAD = 35  # for the first one with something free


@dataclass(frozen=True)
class Day:
    day: date
    title: str
    starts: list[dict[str, Any]]


def zone_of(asked: Mapping[str, str], otherwise: Any) -> tuple[ZoneInfo, str]:
    """The zone asked for, or the person's own with a sentence about what was asked."""
    try:
        return zone_named(asked.get("tz", ""), otherwise), ""
    except DomainError as error:
        return ZoneInfo(str(otherwise)), str(error)


@cache
def offered_zones() -> list[str]:
    """Those that people know by a place."""
    return sorted(name for name in zones() if "/" in name and not name.startswith(("Etc/", "SystemV/")))


def calendar(
    request: HttpRequest, kind: SessionType, zone: ZoneInfo, *, account: Account | None, without: Session | None = None
) -> dict[str, Any]:
    """Seven days from the one asked for, else from the first that has something free."""
    today = timezone.now().astimezone(zone).date()
    asked = _day(request.POST.get("from", "") or request.GET.get("from", ""))
    last = today + timedelta(days=kind.horizon_days)
    first = min(max(asked or today, today), last)
    until = first + timedelta(days=SHOWN - 1 if asked else LOOKED_AHEAD)
    found = by_day(offers(kind, first, until, zone, account=account, without=without), zone)
    if not asked and found:
        first = min(found)
    days = [first + timedelta(days=n) for n in range(SHOWN)]
    return {
        "days": [_shown(day, found.get(day, []), zone, kind) for day in days if day <= last],
        "any": any(day in found for day in days),
        "earlier": first - timedelta(days=SHOWN) if first > today else None,
        "later": first + timedelta(days=SHOWN) if first + timedelta(days=SHOWN) <= last else None,
        "first": first,
        "zone": str(zone),
        "zones": offered_zones(),
    }


def _shown(day: date, found: list[Offer], zone: ZoneInfo, kind: SessionType) -> Day:
    title = formats.day(day, form="weekday")
    twice = _clocks_twice(found, zone)
    return Day(day, title, [_start(offer, zone, kind, clock_twice=offer.start in twice) for offer in found])


def _start(offer: Offer, zone: ZoneInfo, kind: SessionType, *, clock_twice: bool) -> dict[str, Any]:
    with timezone.override(zone):
        label = formats.clock(offer.start)
    local = offer.start.astimezone(zone)
    return {
        "value": offer.start.strftime("%Y-%m-%dT%H:%MZ"),
        # In the night the clocks go back, the same time comes twice: only the offset tells them apart.
        "label": f"{label} ({local:%Z})" if clock_twice else label,
        "seats": offer.seats_left if kind.seats > 1 else None,
    }


def _clocks_twice(found: list[Offer], zone: ZoneInfo) -> set[datetime]:
    clocks: dict[str, list[datetime]] = {}
    for offer in found:
        clocks.setdefault(offer.start.astimezone(zone).strftime("%H:%M"), []).append(offer.start)
    return {start for starts in clocks.values() if len(starts) > 1 for start in starts}


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def start_of(text: str) -> datetime | None:
    """The start that was clicked, or None for what is no instant, or none that anybody will live to see."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo and FIRST_YEAR <= moment.year <= LAST_YEAR else None
