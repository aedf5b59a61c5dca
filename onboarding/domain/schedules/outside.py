"""Sessions that no longer lie in their host's hours: nobody cancels them, somebody should know of them."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta

from django.utils import timezone

from onboarding.domain.clocks import instant, local_day
from onboarding.domain.hosts import hours_from
from onboarding.domain.slots import LOOK_BACK, Hours
from onboarding.enums import SessionStatus
from onboarding.models import OwnDate, Schedule, Session


def sessions_outside(users: Iterable[int]) -> dict[int, list[Session]]:
    """Coming ones, by host; three queries however many."""
    rows = (
        Session.objects.filter(host__in=list(users), status=SessionStatus.CONFIRMED, starts_at__gt=timezone.now())
        .select_related("session_type", "account")
        .prefetch_related("attendees")
    )
    coming = defaultdict[int, list[Session]](list)
    for session in rows.order_by("starts_at", "pk"):
        coming[session.host_id].append(session)
    hours = _hours(coming)
    found = {host: [one for one in sessions if not _inside(one, hours.get(host))] for host, sessions in coming.items()}
    return {host: sessions for host, sessions in found.items() if sessions}


def _hours(hosts: Iterable[int]) -> dict[int, Hours]:
    dates = defaultdict[int, dict[str, list]](dict)
    for row in OwnDate.objects.filter(schedule__user__in=list(hosts)).select_related("schedule"):
        dates[row.schedule.user_id][row.day.isoformat()] = row.intervals
    rows = Schedule.objects.filter(user__in=list(hosts))
    return {row.user_id: hours_from(str(row.time_zone), row.weekly, dates[row.user_id]) for row in rows}


def _inside(session: Session, hours: Hours | None) -> bool:
    if hours is None:
        return False
    begins, ends = instant(session.starts_at), instant(session.ends_at)
    day = local_day(hours.zone, begins)
    runs = hours.runs(day - timedelta(days=LOOK_BACK), day + timedelta(days=2))
    return any(low <= begins and ends <= high for low, high in runs)
