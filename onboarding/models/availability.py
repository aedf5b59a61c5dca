from django.contrib.postgres.fields import DateTimeRangeField
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from timezone_field import TimeZoneField

from accounts.models import Audited


class Schedule(models.Model):
    """When one of the team takes sessions: weekly hours on their own clock."""

    user = models.OneToOneField("accounts.User", models.CASCADE, related_name="schedule")
    time_zone = TimeZoneField(_("time zone"), default="UTC")
    # {"0": [[540, 720], [780, 1020]], …}: by weekday (Monday is 0), minutes of the day; 24:00 is 1440.
    weekly = models.JSONField(_("weekly hours"), default=dict)
    # What is planned for onboarding, for capacity: minutes a week.
    onboarding_minutes = models.PositiveIntegerField(_("onboarding, minutes a week"), default=600)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("schedule")
        verbose_name_plural = _("schedules")
        triggers = [
            Audited("user", "time_zone", "weekly", "onboarding_minutes", related=["user"], labels={"user": _("whose")})
        ]

    def __str__(self) -> str:
        return str(self.user)

    @property
    def has_hours(self) -> bool:
        """In any week: without them nobody can book a session, own dates aside."""
        return any(self.weekly.values())


class OwnDate(models.Model):
    """A date with hours of its own: they replace all of that date's weekly hours; none close it (B4)."""

    schedule = models.ForeignKey(Schedule, models.CASCADE, related_name="dates")
    day = models.DateField(_("day"))
    intervals = models.JSONField(_("hours"), default=list)  # [[540, 720]]
    note = models.CharField(_("note"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("date of its own")
        verbose_name_plural = _("dates of their own")
        ordering = ["day"]
        constraints = [models.UniqueConstraint(fields=["schedule", "day"], name="own_date_once")]
        triggers = [
            Audited("schedule", "day", "intervals", "note", related=["schedule__user"], labels={"schedule": _("whose")})
        ]

    def __str__(self) -> str:
        return f"{self.schedule} {self.day}"


class BusyCalendar(models.Model):
    """A calendar somebody keeps elsewhere, subscribed to by its address; the last good state stays when it fails."""

    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="busy_calendars")
    name = models.CharField(_("name"), max_length=120)
    url = models.URLField(_("address"), max_length=1000)
    etag = models.CharField(max_length=200, blank=True)
    last_modified = models.CharField(max_length=60, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    # Appointments that repeat for ever are worked out until here; then the whole of it is read again.
    known_until = models.DateTimeField(null=True, blank=True)
    added_at = models.DateTimeField(default=timezone.now, editable=False)
    tried_at = models.DateTimeField(_("last tried"), null=True, blank=True)
    read_at = models.DateTimeField(_("last read"), null=True, blank=True)
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True)
    # A word of feeds.problems, told in the reader's language.
    error = models.CharField(_("what is wrong"), max_length=400, blank=True)
    # The next look; a calendar that fails is asked less and less often.
    due_at = models.DateTimeField(default=timezone.now)
    failures = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("busy calendar")
        verbose_name_plural = _("busy calendars")
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(fields=["user", "url"], name="busy_calendar_once")]
        indexes = [models.Index(fields=["due_at"], name="busy_calendar_due")]
        # Not its address: whoever has that reads the calendar.
        triggers = [Audited("user", "name", related=["user"], labels={"user": _("whose")})]

    def __str__(self) -> str:
        return self.name


class BusyBlock(models.Model):
    """Time that one of the team has no time, as their calendar tells it: instants, half-open."""

    calendar = models.ForeignKey(BusyCalendar, models.CASCADE, related_name="blocks", db_index=False)
    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="+", db_index=False)
    span = DateTimeRangeField()

    class Meta:
        indexes = [
            models.Index(fields=["calendar"], name="busy_block_by_calendar"),
            GistIndex(fields=["user", "span"], name="busy_block_by_user"),
        ]
