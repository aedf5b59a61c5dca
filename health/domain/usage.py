"""Usage of one account, for people to look at."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import F, Sum

from accounts.models import Account
from health.models import UsageDay, UsageTarget

MOST_ACTIONS = 5


@dataclass(frozen=True)
class ActionUse:
    name: str
    impact: int
    count: int
    points: int


@dataclass(frozen=True)
class Usage:
    days: list[date]
    # Points a day of the actions used most, and of all others together (no name).
    series: dict[str, list[int]]
    actions: list[ActionUse]
    points: int  # of the last 28 days
    before: int  # of the 28 days before
    target: int | None


def usage_of(account: Account, today: date, days: int = 56) -> Usage:
    shown = [today - timedelta(days=n) for n in range(days - 1, -1, -1)]
    rows = list(
        UsageDay.objects.filter(account=account, day__gt=today - timedelta(days=days), day__lte=today)
        .annotate(points=F("count") * F("action__impact"))
        .values_list("day", "action__name", "points")
    )
    actions = _actions(account, today)
    top = [one.name for one in actions[:MOST_ACTIONS]]
    by_name: dict[str, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for day, name, points in rows:
        by_name[name if name in top else ""][day] += points
    recent = today - timedelta(days=28)
    return Usage(
        days=shown,
        series={name: [by_name[name][day] for day in shown] for name in [*top, ""] if name in by_name},
        actions=actions,
        points=sum(points for day, _, points in rows if day > recent),
        before=sum(points for day, _, points in rows if recent - timedelta(days=28) < day <= recent),
        target=_target(account),
    )


def _actions(account: Account, today: date) -> list[ActionUse]:
    """Of the last 28 days, those with most points first."""
    used = (
        UsageDay.objects.filter(account=account, day__gt=today - timedelta(days=28), day__lte=today)
        .values_list("action__name", "action__impact")
        .annotate(total=Sum("count"))
        .order_by("action__name")
    )
    found = [ActionUse(name, impact, total, impact * total) for name, impact, total in used]
    return sorted(found, key=lambda one: (-one.points, -one.count, one.name))


def _target(account: Account) -> int | None:
    """The segment's own target, else the one for all; times the seats."""
    targets: dict[int | None, int] = dict(UsageTarget.objects.values_list("segment", "points_per_seat"))
    per_seat = targets.get(account.segment_id) or targets.get(None)
    return per_seat * max(account.seats, 1) if per_seat else None
