"""Everybody's hours on one page: who has some, who is fully booked, whose calendar fails."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q
from django.utils import timezone

from accounts.enums import Stage
from accounts.models import Account, User
from onboarding.domain.capacity import Capacity, hours_of
from onboarding.domain.schedules.outside import sessions_outside
from onboarding.models import Schedule


@dataclass(frozen=True)
class Row:
    user: User
    schedule: Schedule | None
    week: Capacity
    calendars: int
    failing: int
    outside: int


def team(monday: date) -> list[Row]:
    failing = Count("busy_calendars", Q(busy_calendars__failing_since__isnull=False), distinct=True)
    people = list(
        User.objects.workers()
        .select_related("schedule")
        .annotate(calendars=Count("busy_calendars", distinct=True), failing=failing)
        .order_by("name", "pk")
    )
    weeks, outside = hours_of(people, monday, now=timezone.now()), sessions_outside(user.pk for user in people)
    return [
        Row(
            user, getattr(user, "schedule", None), weeks[user.pk], user.calendars, user.failing,
            len(outside.get(user.pk, ())),
        )
        for user in people
    ]  # fmt: skip


def customers_of(users: Iterable[int] | None = None) -> dict[int, int]:
    """How many customers each is the CSM of, by who; of those who left, none."""
    rows = Account.objects.filter(csm__isnull=False).exclude(stage=Stage.CHURNED)
    if users is not None:
        rows = rows.filter(csm__in=list(users))
    return dict(rows.order_by("csm").values_list("csm").annotate(count=Count("pk")))


def without_hours() -> list[tuple[User, int]]:
    """Who has customers and no hours in which these could book a session; most customers first."""
    people = User.objects.workers().select_related("schedule").order_by("name", "pk")
    bare = [user for user in people if not (getattr(user, "schedule", None) and user.schedule.has_hours)]
    counted = customers_of(user.pk for user in bare) if bare else {}
    found = [(user, counted[user.pk]) for user in bare if user.pk in counted]
    return sorted(found, key=lambda row: -row[1])
