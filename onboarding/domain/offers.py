"""What can be booked: for a session type, the starts at which somebody of ours is free, or a group has a seat."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.domain.account_values import zones
from accounts.exceptions import DomainError
from accounts.models import Account
from onboarding.domain.clocks import Span, instant, local_day, moment, shown
from onboarding.domain.hosts import Host, own_host, read_hosts
from onboarding.domain.slots import Limits, Meeting, starts
from onboarding.models import Session, SessionType


class Offer(NamedTuple):
    start: datetime
    hosts: tuple[int, ...]  # who is free then
    session_id: int | None = None  # the group session there is already
    seats_left: int = 1


def meeting_of(kind: SessionType) -> Meeting:
    return Meeting(kind.minutes, kind.every, kind.before, kind.after, kind.notice, kind.horizon_days)


def limits_of(kind: SessionType) -> Limits:
    return Limits(kind.per_day, kind.per_week, kind.minutes_per_week)


def window(first: date, last: date, zone: ZoneInfo) -> Span:
    """The instants of these dates on the reader's clock, both included. A date that a zone skipped has none."""
    spans = [span for day in (first, last) for span in shown(zone, day, 0, 1440)]
    if not spans:
        midnight = instant(datetime.combine(first, datetime.min.time(), zone))
        return midnight, midnight
    return spans[0][0], spans[-1][1]


def offers(
    kind: SessionType,
    first: date,
    last: date,
    zone: ZoneInfo,
    *,
    account: Account | None = None,
    without: Session | None = None,
    hold_key: str = "",
    now: datetime | None = None,
) -> list[Offer]:
    """On the dates from `first` to `last` of the reader's zone, in order of time."""
    now = now or timezone.now()
    low, high = window(first, last, zone)
    read = read_hosts(own_host(kind, account), kind, low, high, without=without, hold_key=hold_key, now=now)
    free = free_hosts(read.hosts, kind, low, high, now)
    found = {start: Offer(moment(start), tuple(ids), None, kind.seats) for start, ids in free.items()}
    for group in read.groups:
        # One seat more needs no more notice than being on time.
        if low <= group.start < high and group.start > instant(now):
            found[group.start] = Offer(moment(group.start), (group.host,), group.id, group.seats_left)
    return [found[start] for start in sorted(found)]


def free_hosts(hosts: Sequence[Host], kind: SessionType, low: int, high: int, now: datetime) -> dict[int, list[int]]:
    """Starts in [low, high) with the ids of those who could host them."""
    meeting, limits, free = meeting_of(kind), limits_of(kind), defaultdict[int, list[int]](list)
    for host in hosts:
        zone, pk = host.hours.zone, host.id
        found = starts(
            host.hours,
            meeting,
            local_day(zone, low),
            local_day(zone, max(low, high - 1)),
            now=instant(now),
            busy=host.taken,
            limits=limits,
            counted=host.counted,
        )
        for start in found[bisect_left(found, low) : bisect_left(found, high)]:
            free[start].append(pk)
    return free


def offered_at(
    kind: SessionType,
    start: datetime,
    *,
    account: Account | None = None,
    without: Session | None = None,
    hold_key: str = "",
    now: datetime | None = None,
) -> Offer | None:
    """The offer of this very start, by the same reading and the same rule as the list (B6)."""
    day = start.astimezone(timezone.get_fixed_timezone(0)).date()
    around = offers(
        kind,
        day - timedelta(days=1),
        day + timedelta(days=1),
        ZoneInfo("UTC"),
        account=account,
        without=without,
        hold_key=hold_key,
        now=now,
    )
    return next((offer for offer in around if offer.start == start), None)


def by_day(found: Sequence[Offer], zone: ZoneInfo) -> dict[date, list[Offer]]:
    """As a calendar shows them, on the reader's clock."""
    days: dict[date, list[Offer]] = {}
    for offer in found:
        days.setdefault(offer.start.astimezone(zone).date(), []).append(offer)
    return days


def zone_named(name: str, otherwise: object) -> ZoneInfo:
    """The zone somebody asks for; DomainError for one that does not exist."""
    if not name:
        return ZoneInfo(str(otherwise))
    if name not in zones():
        sentence = _("There is no time zone “%(zone)s”.") % {"zone": name[:64]}
        raise DomainError(sentence, code="invalid", errors={"tz": [sentence]})
    return ZoneInfo(name)
