"""What became of an attempt: on the delivery, and on its webhook. Admins are told once of one that keeps failing."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone

from accounts.domain.webhooks.editing import switch_off
from accounts.domain.webhooks.pacing import asked_for, rest_after, wait_after
from accounts.domain.webhooks.telling import tell_admins
from accounts.enums import WebhookStatus
from accounts.models import Webhook, WebhookDelivery

log = structlog.get_logger(__name__)

TOLD_AFTER = 10  # failures in a row


@dataclass(frozen=True)
class Attempt:
    at: datetime
    code: int | None = None
    took: int | None = None  # milliseconds
    problem: str = ""
    response: str = ""
    retry_after: str = ""

    @property
    def arrived(self) -> bool:
        return self.code is not None and 200 <= self.code < 300


@transaction.atomic
def mark(delivery: WebhookDelivery, attempt: Attempt) -> None:
    """The webhook first: who sends, and who switches it off, wait for each other there."""
    webhook = Webhook.objects.select_for_update(no_key=True).filter(pk=delivery.webhook_id).first()
    if webhook is None:  # removed meanwhile, with all of this
        return
    told: dict[str, Any] = {
        "tried_at": attempt.at,
        "code": attempt.code,
        "took": attempt.took,
        "problem": attempt.problem,
        "response": attempt.response,
    }
    mine = WebhookDelivery.objects.filter(pk=delivery.pk, status=WebhookStatus.SENDING)
    mine.update(**told, **_end(delivery, webhook, attempt))
    if attempt.arrived:
        _well(webhook)
    else:
        log.warning("webhook failed", webhook=webhook.pk, code=attempt.code, problem=attempt.problem)
        _badly(webhook, attempt)
    if attempt.code == HTTPStatus.GONE and webhook.active:
        switch_off(webhook, gone=True)
        tell_admins(webhook)
    elif webhook.failures >= TOLD_AFTER or (not attempt.arrived and delivery.activity and _over(delivery)):
        tell_admins(webhook)


def _over(delivery: WebhookDelivery) -> bool:
    return timezone.now() >= delivery.until


def _end(delivery: WebhookDelivery, webhook: Webhook, attempt: Attempt) -> dict[str, Any]:
    """Tried again until its day is over, the last time when it ends."""
    if attempt.arrived:
        return _ended(WebhookStatus.DELIVERED, attempt)
    if attempt.code == HTTPStatus.GONE or _over(delivery):
        return _ended(WebhookStatus.FAILED, attempt)
    if not webhook.active:
        return _ended(WebhookStatus.CANCELED, attempt)
    wait = max(wait_after(delivery.attempts), asked_for(attempt.retry_after) or timedelta(0))
    return {"status": WebhookStatus.WAITING, "next_attempt_at": min(attempt.at + wait, delivery.until)}


def _ended(status: WebhookStatus, attempt: Attempt) -> dict[str, Any]:
    return {"status": status, "ended_at": attempt.at, "next_attempt_at": None}


def _well(webhook: Webhook) -> None:
    fine = {"failures": 0, "failing_since": None, "rest_until": None, "told_at": None}
    Webhook.objects.filter(pk=webhook.pk).update(delivered_at=timezone.now(), **fine)


def _badly(webhook: Webhook, attempt: Attempt) -> None:
    webhook.failures += 1
    rests = [rest for rest in (rest_after(webhook.failures), asked_for(attempt.retry_after)) if rest]
    webhook.rest_until = attempt.at + max(rests) if rests else None
    webhook.failing_since = webhook.failing_since or attempt.at
    webhook.save(update_fields=["failures", "rest_until", "failing_since"])
