"""What workers do for onboarding: load, call, log."""

import structlog
from celery import shared_task

from onboarding.domain import booking, reminding

log = structlog.get_logger(__name__)


@shared_task
def remind_of_sessions() -> None:
    if count := reminding.remind_due():
        log.info("sessions reminded of", count=count)


@shared_task
def drop_expired_holds() -> None:
    if count := booking.drop_expired_holds():
        log.info("holds have run out", count=count)
