"""The next free times of a session type as it stands in the editor, saved or not."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from onboarding.domain.clocks import moment
from onboarding.domain.hosts import read_hosts
from onboarding.domain.offers import free_hosts, window
from onboarding.models import SessionType

Free = tuple[datetime, list[str]]


def next_free(kind: SessionType, hosts: Sequence[int], zone: ZoneInfo, *, count: int = 8) -> list[Free]:
    """So many starts with the names of who would be free. A query or two."""
    now = timezone.now()
    today = now.astimezone(zone).date()
    low, high = window(today, today + timedelta(days=min(kind.horizon_days, 60)), zone)
    read = read_hosts(hosts, kind, low, high, now=now).hosts
    names = {host.id: host.name for host in read}
    free = free_hosts(read, kind, low, high, now)
    return [(moment(start), [names[pk] for pk in free[start]]) for start in sorted(free)[:count]]
