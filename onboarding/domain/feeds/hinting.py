"""A hint at the commit that a calendar waits to be read; the timetable finds it without one, too."""

from contextlib import suppress

from celery import current_app
from django.db import transaction

from onboarding.models import BusyCalendar


def look_soon(calendar: BusyCalendar) -> None:
    transaction.on_commit(lambda: _send(calendar.pk), robust=True)


def _send(pk: int) -> None:
    with suppress(Exception):  # no broker: the timetable looks within the minute
        current_app.send_task("onboarding.tasks.read_calendar", kwargs={"calendar_id": pk})
