"""What workers do for onboarding: load, call, log."""

import structlog
from celery import shared_task

from onboarding.domain import booking, reminding
from onboarding.domain.checklists import sweep_checklists as sweep
from onboarding.domain.feeds import reading
from onboarding.domain.templates import rollouts

log = structlog.get_logger(__name__)


@shared_task
def remind_of_sessions() -> None:
    if count := reminding.remind_due():
        log.info("sessions reminded of", count=count)


@shared_task
def drop_expired_holds() -> None:
    if count := booking.drop_expired_holds():
        log.info("holds have run out", count=count)


@shared_task
def read_calendars() -> None:
    """Each busy calendar that is due, in a task of its own: one that hangs keeps no other waiting."""
    for pk in reading.due():
        read_calendar.delay(calendar_id=pk)


@shared_task
def read_calendar(*, calendar_id: int) -> None:
    if result := reading.read(calendar_id):
        log.info("busy calendar", calendar=calendar_id, result=result)


@shared_task
def sweep_checklists() -> None:
    if count := sweep():
        log.info("checklists looked at", count=count)


@shared_task
def apply_template(*, rollout_id: int) -> None:
    if rollouts.carry_out(rollout_id):
        log.info("template applied", rollout=rollout_id)


@shared_task
def sweep_rollouts() -> None:
    """Versions whose way to running checklists was cut off with a worker or the broker."""
    if count := rollouts.sweep_rollouts():
        log.warning("templates applied late", count=count)
