"""How much time the team has for onboarding in a week: open, planned for it, booked, left.

Weeks are those of each one's own calendar, hours elapse: a week in which the clocks change has its 167 or 169 hours.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from accounts.models import User
from onboarding.domain.clocks import Span, common, instant, merged, moment, shown
from onboarding.domain.hosts import hours_from
from onboarding.domain.slots import Hours
from onboarding.enums import SessionStatus


@dataclass(frozen=True)
class Capacity:
    """Minutes of one week."""

    open_minutes: int = 0  # hours of work
    planned_minutes: int = 0  # of these, meant for onboarding
    booked_minutes: int = 0  # sessions that take place, or took place
    # What is left of the plan, as far as hours of work are left that nothing else takes.
    free_minutes: int = 0


SCHEDULES = """
select s.user_id, s.time_zone, s.weekly, coalesce(d.dates, '{}'::jsonb), s.onboarding_minutes
from onboarding_schedule s
join accounts_user u on u.id = s.user_id and u.is_active
left join lateral (
    select jsonb_object_agg(day, intervals) as dates from onboarding_owndate o
    where o.schedule_id = s.id and o.day between %(first)s and %(last)s
) d on true
where s.user_id = any(%(ids)s)
"""
# What takes time, and whether it is a session of ours: a meeting may stand in two calendars, it takes its time once.
TAKEN = """
select host_id, extract(epoch from starts_at)::bigint, extract(epoch from ends_at)::bigint, true
from onboarding_session
where host_id = any(%(ids)s) and starts_at < %(high)s and ends_at > %(low)s and status = any(%(taking)s)
union all
select user_id, floor(extract(epoch from lower(span)))::bigint, ceil(extract(epoch from upper(span)))::bigint, false
from onboarding_busyblock
where user_id = any(%(ids)s) and span && tstzrange(%(low)s, %(high)s)
"""
TAKING = [SessionStatus.CONFIRMED, SessionStatus.ATTENDED, SessionStatus.NO_SHOW]


def hours_of(users: Iterable[User | int], monday: date, *, now: datetime | None = None) -> dict[int, Capacity]:
    """For the week from `monday` on, by the id of who: two queries, however many. Who has no hours has none. With
    `now`, hours of this very week that are over are not free any more."""
    ids = [user if isinstance(user, int) else user.pk for user in users]
    found = dict.fromkeys(ids, Capacity())
    last = monday + timedelta(days=6)
    around = shown_in_utc(monday - timedelta(days=1), last + timedelta(days=1))
    params: dict[str, Any] = {
        "ids": ids, "first": monday - timedelta(days=1), "last": last + timedelta(days=1),
        "low": moment(around[0]), "high": moment(around[1]), "taking": [str(status) for status in TAKING],
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(SCHEDULES, params)
        schedules = cursor.fetchall()
        cursor.execute(TAKEN, params)
        taken: dict[int, list[tuple[int, int, bool]]] = {}
        for user_id, low, high, session in cursor.fetchall():
            taken.setdefault(user_id, []).append((low, high, session))
    for user_id, zone, weekly, dates, planned in schedules:
        theirs = taken.get(user_id, [])
        found[user_id] = _capacity(hours_from(zone, weekly, dates), planned, theirs, monday, now)
    return found


def shown_in_utc(first: date, last: date) -> Span:
    """Wide enough for these dates on any clock."""
    low, high = (int((day - date(1970, 1, 1)).total_seconds()) for day in (first, last + timedelta(days=1)))
    return low, high


def _capacity(
    hours: Hours, planned: int, taken: Sequence[tuple[int, int, bool]], monday: date, now: datetime | None
) -> Capacity:
    week = [span for n in range(7) for span in shown(hours.zone, monday + timedelta(days=n), 0, 1440)]
    work = common(hours.runs(monday, monday + timedelta(days=6)), merged(week))
    booked = _minutes(common(merged([(low, high) for low, high, session in taken if session]), merged(week)))
    ahead = _ahead(work, week, now)
    lost = _minutes(common(ahead, merged([(low, high) for low, high, _session in taken])))
    free = max(0, min(planned - booked, _minutes(ahead) - lost))
    return Capacity(_minutes(work), planned, booked, free)


def _ahead(work: list[Span], week: Sequence[Span], now: datetime | None) -> list[Span]:
    """What is left of a week that is running."""
    begins, ends = min(low for low, _high in week), max(high for _low, high in week)
    if now is None or not begins < instant(now) < ends:
        return work
    return common(work, [(instant(now), ends)])


def _minutes(spans: Sequence[Span]) -> int:
    return sum(high - low for low, high in spans) // 60
