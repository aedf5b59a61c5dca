"""When one of the team takes sessions: weekly hours, dates of their own. Changing them cancels nothing."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.domain.account_values import refuse, zones
from accounts.domain.text import one_line
from accounts.exceptions import DomainError
from accounts.models import User
from onboarding.domain.feeds.subscribing import zone_changed
from onboarding.domain.schedules.writing import hours_from
from onboarding.domain.slots import Interval
from onboarding.models import OwnDate, Schedule

WEEK = 7 * 24 * 60
MOST_DAYS, MOST_DATES = 366, 1000
BEHIND, AHEAD = timedelta(days=366), timedelta(days=1100)


def schedule_of(user: User) -> Schedule:
    """Theirs, or an empty one on their own clock that is not kept yet."""
    found = Schedule.objects.filter(user=user).first()
    return found or Schedule(user=user, time_zone=user.time_zone)


@transaction.atomic
def save_hours(user: User, *, weekly: Mapping[int, str], time_zone: str, onboarding_minutes: int) -> Schedule:
    """Weekly hours as they were written, by weekday (Monday is 0)."""
    errors: dict[str, list[str]] = {}
    kept: dict[str, list[Interval]] = {}
    for day in range(7):
        try:
            kept[str(day)] = hours_from(weekly.get(day, ""), f"day_{day}")
        except DomainError as error:
            errors |= error.errors
    if time_zone not in zones():
        errors["time_zone"] = [_("There is no time zone “%(zone)s”.") % {"zone": time_zone[:64]}]
    if not 0 <= onboarding_minutes <= WEEK:
        errors["onboarding_hours"] = [_("From 0 to 168 hours.")]
    if errors:
        raise DomainError(_("Some of this cannot be taken as it is."), code="invalid", errors=errors)
    return _keep(user, kept, time_zone, onboarding_minutes)


def _keep(user: User, weekly: Mapping[str, list[Interval]], time_zone: str, onboarding_minutes: int) -> Schedule:
    before = Schedule.objects.select_for_update().filter(user=user).first()
    fields = {
        "weekly": {day: rows for day, rows in weekly.items() if rows}, "time_zone": ZoneInfo(time_zone),
        "onboarding_minutes": onboarding_minutes, "updated_at": timezone.now(),
    }  # fmt: skip
    schedule, _new = Schedule.objects.update_or_create(user=user, defaults=fields)
    if before is None or str(before.time_zone) != time_zone:
        zone_changed(user)
    return schedule


@transaction.atomic
def set_dates(user: User, first: date, last: date | None, *, hours: str = "", note: str = "") -> int:
    """Each of these dates has these hours, or none; what was said about one of them before is replaced (B4)."""
    last, today = last or first, timezone.localdate()
    if last < first:
        raise refuse("last", _("This is before the first day."))
    if (last - first).days >= MOST_DAYS:
        raise refuse("last", _("At most a year at once."))
    if first < today - BEHIND or last > today + AHEAD:
        raise refuse("first", _("Choose days of this year or the next ones."))
    intervals, note = hours_from(hours, "hours"), one_line(note, 120, field="note")
    schedule, _new = Schedule.objects.get_or_create(user=user, defaults={"time_zone": user.time_zone})
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    kept = schedule.dates.exclude(day__in=days).filter(day__gte=today).count()
    if kept + len(days) > MOST_DATES:
        raise refuse("first", _("These are too many dates of their own: remove some first."))
    schedule.dates.filter(day__in=days).delete()
    OwnDate.objects.bulk_create(OwnDate(schedule=schedule, day=day, intervals=intervals, note=note) for day in days)
    return len(days)


def forget_dates(user: User, first: date, last: date) -> int:
    """They have the weekly hours again."""
    return OwnDate.objects.filter(schedule__user=user, day__range=(first, last)).delete()[0]


# As they are shown -------------------------------------------------------------------------------


class Stretch:
    """Dates in a row that say the same: a holiday is one line."""

    def __init__(self, row: OwnDate) -> None:
        self.first = self.last = row.day
        self.intervals: Sequence[Interval] = row.intervals
        self.note = row.note

    def takes(self, row: OwnDate) -> bool:
        return (row.day - self.last).days == 1 and (row.intervals, row.note) == (self.intervals, self.note)


def coming_dates(schedule: Schedule) -> list[Stretch]:
    if schedule.pk is None:
        return []
    today = timezone.now().astimezone(schedule.time_zone).date()
    found: list[Stretch] = []
    for row in schedule.dates.filter(day__gte=today).order_by("day"):
        if found and found[-1].takes(row):
            found[-1].last = row.day
        else:
            found.append(Stretch(row))
    return found
