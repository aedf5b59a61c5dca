"""What workers do for referrals: load, call, log."""

from typing import Any

import structlog
from celery import shared_task

from referrals.domain import clicks

log = structlog.get_logger(__name__)


@shared_task
def keep_click(*, visit: dict[str, Any]) -> None:
    """Delivered twice, it is one click: its key says so."""
    clicks.keep(clicks.Visit(**visit))


@shared_task
def prune_clicks() -> None:
    if count := clicks.prune():
        log.info("old clicks forgotten", count=count)
