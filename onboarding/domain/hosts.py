"""Those who take sessions, with all that decides when they can: read for many at once, in a query or two."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils import timezone

from accounts.models import Account
from onboarding.domain.clocks import DAY, Span, moment
from onboarding.domain.slots import Hours, Interval, Taken
from onboarding.enums import HostRule, SessionStatus
from onboarding.models import Session, SessionType

# Buffers reach over the edge; limits count whole weeks.
AROUND, WEEK_AROUND = DAY, 8 * DAY


@dataclass
class Host:
    """One of the team: their hours, and when they are taken."""

    id: int
    name: str
    hours: Hours
    taken: list[Span]
    counted: list[Taken] = field(default_factory=list)  # sessions of the type asked for


def own_host(kind: SessionType, account: Account | None) -> list[int] | None:
    """The account's CSM, where they host it; None is the pool, which stands in for a CSM there is none of."""
    if kind.host_rule == HostRule.CSM and account is not None and account.csm_id:
        return [account.csm_id]
    return None


def host_ids(kind: SessionType, account: Account | None) -> list[int]:
    """Who may host it."""
    if (own := own_host(kind, account)) is not None:
        return own
    return list(
        kind.hosts.filter(user__is_active=True, weight__gt=0).order_by("user_id").values_list("user_id", flat=True)
    )


# A hold that has run out holds nothing, also before anybody has swept it away. No session is longer than a day: what is
# long over is not read.
TAKING = """
starts_at > %(low)s - interval '1 day' and starts_at < %(high)s and ends_at > %(low)s and status = any(%(taking)s)
    and (status <> 'held' or (held_until > %(now)s and held_by <> %(key)s)) and id <> %(without)s
"""
# One row for each host, with the instants between which they are taken: their sessions with the room around them, and
# what other calendars say.
HOSTS = f"""
select u.id, u.name, s.time_zone, s.weekly,
    coalesce((
        select jsonb_object_agg(day, intervals) from onboarding_owndate
        where schedule_id = s.id and day between %(first)s and %(last)s
    ), '{{}}'),
    array(
        select array[
            date_part('epoch', starts_at)::bigint - before * 60, date_part('epoch', ends_at)::bigint + after * 60
        ] from onboarding_session where host_id = u.id and {TAKING}
        union all
        select array[
            floor(date_part('epoch', lower(span)))::bigint, ceil(date_part('epoch', upper(span)))::bigint
        ] from onboarding_busyblock where user_id = u.id and span && tstzrange(%(low)s, %(high)s)
    )
from accounts_user u
join onboarding_schedule s on s.user_id = u.id
where u.is_active and u.id = any(case when %(pool)s then array(
    select p.user_id from onboarding_poolhost p where p.session_type_id = %(type)s and p.weight > 0
) else %(ids)s::bigint[] end)
order by u.id
"""  # noqa: S608 - a constant
# What limits count, and groups that can be joined whoever hosts them: a seat more needs nobody's time.
OF_THE_TYPE = f"""
select id, host_id, date_part('epoch', starts_at)::bigint, date_part('epoch', ends_at)::bigint,
    case when status = 'confirmed' then seats - seats_taken else 0 end
from onboarding_session where session_type_id = %(type)s and {TAKING}
"""  # noqa: S608 - a constant


class Group(NamedTuple):
    """A session of a group that there is already, with seats left."""

    id: int
    host: int
    start: int
    seats_left: int


class Found(NamedTuple):
    hosts: list[Host]
    groups: list[Group]


def read_hosts(
    ids: Sequence[int] | None,
    kind: SessionType,
    low: int,
    high: int,
    *,
    without: Session | None = None,
    hold_key: str = "",
    now: datetime | None = None,
) -> Found:
    """The hosts that have a schedule (`ids`, or None: the pool's), with everything around [low, high), and the groups
    that can be joined. `without`: the booking that is being moved; `hold_key`: whose own hold does not count."""
    limited = (kind.per_day, kind.per_week, kind.minutes_per_week) != (None, None, None)
    around = WEEK_AROUND if limited else AROUND
    first, last = moment(low - around), moment(high + around)
    params: dict[str, Any] = {
        "ids": list(ids or ()),
        "pool": ids is None,
        "type": kind.pk,
        "first": moment(low - WEEK_AROUND).date(),  # a run may have begun days ago
        "last": moment(high + WEEK_AROUND).date(),
        "low": first,
        "high": last,
        "now": now or timezone.now(),
        "taking": [str(status) for status in SessionStatus.taking()],
        "without": without.pk if without else 0,
        "key": hold_key or "-",
    }
    rows: list[tuple] = []
    with connection.cursor() as cursor:
        cursor.execute(HOSTS, params)
        hosts = {row[0]: _host(*row) for row in cursor.fetchall()}
        if limited or kind.seats > 1:
            cursor.execute(OF_THE_TYPE, params)
            rows = cursor.fetchall()
    for _id, host, start, end, _left in rows:
        if host in hosts:
            hosts[host].counted.append(Taken(start, end))
    groups = [Group(pk, host, start, left) for pk, host, start, _end, left in rows if left > 0]
    return Found(list(hosts.values()), groups if kind.seats > 1 else [])


def _host(pk: int, name: str, zone: str, weekly: Any, dates: Any, taken: list[Span]) -> Host:  # noqa: PLR0917 - a row
    as_text = isinstance(weekly, str) and isinstance(dates, str)
    return Host(pk, name, _hours(zone, weekly, dates) if as_text else hours_from(zone, weekly, dates), taken)


@lru_cache(maxsize=256)
def _hours(zone: str, weekly: str, dates: str) -> Hours:
    """Colleagues with the same hours share them, from one page to the next."""
    return hours_from(zone, json.loads(weekly), json.loads(dates))


def hours_from(zone: str, weekly: Any, dates: Any) -> Hours:
    """Of the columns of a schedule."""
    return Hours(
        ZoneInfo(zone),
        {int(day): intervals(rows) for day, rows in loaded(weekly).items()},
        {date.fromisoformat(day): intervals(rows) for day, rows in loaded(dates).items()},
    )


def loaded(value: Any) -> Any:
    """jsonb comes as text from a plain cursor."""
    return json.loads(value) if isinstance(value, str) else value


def intervals(rows: Collection[Sequence[int]]) -> list[Interval]:
    return [(low, high) for low, high in rows]
