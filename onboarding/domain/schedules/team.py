"""Everybody's hours on one page: who has some, who is fully booked, whose calendar fails."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q

from accounts.models import User
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
    weeks, outside = hours_of(people, monday), sessions_outside(user.pk for user in people)
    return [
        Row(
            user, getattr(user, "schedule", None), weeks[user.pk], user.calendars, user.failing,
            len(outside.get(user.pk, ())),
        )
        for user in people
    ]  # fmt: skip
