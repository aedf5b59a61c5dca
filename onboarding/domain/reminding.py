"""Reminders of sessions: planned with the booking, sent by a sweep, none after a cancel (RULES 5)."""

from django.db import transaction
from django.utils import timezone

from onboarding.domain.letters import write_reminders
from onboarding.domain.reminders import OFFSETS, reminders
from onboarding.enums import SeatStatus, SessionStatus
from onboarding.models import Reminder, Seat, Session

AT_ONCE = 200


def plan(session: Session) -> None:
    """For where it stands now: reminders of an earlier time that have not gone out are forgotten."""
    session.reminders.all().delete()
    times = reminders(session.starts_at, timezone.now(), OFFSETS)
    Reminder.objects.bulk_create(
        Reminder(session=session, hours=round((session.starts_at - at).total_seconds() / 3600), due_at=at)
        for at in times
    )


def remind_due() -> int:
    """Send what is due; how many sessions were reminded of. Any number of sweeps may run at once."""
    total = 0
    while count := _remind():
        total += count
    return total


@transaction.atomic
def _remind() -> int:
    now = timezone.now()
    due = list(
        Reminder.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(due_at__lte=now, sent_at__isnull=True)
        .order_by("due_at", "pk")[:AT_ONCE]
    )
    if not due:
        return 0
    Reminder.objects.filter(pk__in=[reminder.pk for reminder in due]).update(sent_at=now)
    # One that could not go out in time (nothing ran) is not sent after the session has begun.
    seats = Seat.objects.filter(
        session__in=[reminder.session_id for reminder in due],
        session__status=SessionStatus.CONFIRMED,
        session__starts_at__gt=now,
        status=SeatStatus.BOOKED,
    ).select_related("session__session_type", "session__host", "contact__account")
    hours = {reminder.session_id: reminder.hours for reminder in due}
    write_reminders([(seat, hours[seat.session_id]) for seat in seats])
    return len(due)
