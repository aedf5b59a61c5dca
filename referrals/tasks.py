"""What workers do for referrals: load, call, log."""

from typing import Any

import structlog
from celery import shared_task

from referrals.domain import clicks, promoters, sweeping, traces

log = structlog.get_logger(__name__)


@shared_task
def keep_click(*, visit: dict[str, Any]) -> None:
    """Delivered twice, it is one click: its key says so."""
    clicks.keep(clicks.Visit(**visit))


@shared_task
def prune_clicks() -> None:
    if count := clicks.prune():
        log.info("old clicks forgotten", count=count)


@shared_task
def sweep_referrals() -> None:
    """Leads that have become accounts, customers that left before we heard of their referral."""
    if any((done := sweeping.sweep_referrals()).values()):
        log.info("referrals swept", **done)


@shared_task
def sweep_promoters() -> int:
    """Promoters who may be asked by now."""
    return promoters.sweep_promoters()


@shared_task
def forget_traces() -> int:
    return traces.forget()
