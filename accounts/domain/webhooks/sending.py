"""What waits for one address goes there, one after the other, by one worker at a time.

A delivery is claimed, sent, and marked: a worker that is killed between the last two leaves one of which nobody knows
whether it arrived, and which goes out again under the same id. Different addresses are different tasks: a slow one
delays nobody else.
"""

import time
from datetime import timedelta
from typing import Any

import structlog
from django.db import connection
from django.utils import timezone

from accounts.domain.outgoing import NoAnswer, ask
from accounts.domain.text import prose
from accounts.domain.webhooks.fanning import announce
from accounts.domain.webhooks.marking import Attempt, mark
from accounts.domain.webhooks.payload import body_of
from accounts.domain.webhooks.signing import SecretLost, headers_of
from accounts.models import WebhookDelivery

log = structlog.get_logger(__name__)

PATIENCE = 60.0  # seconds, of one task; then others get their turn
TIME_OUT = 15.0  # of one request
EXCERPT = 2000  # bytes of an answer that are looked at
LEASE = timedelta(minutes=3)
LOST_AFTER = timedelta(minutes=5)
LEFT_OVER = timedelta(hours=1)

DUE = """
select w.id from accounts_webhook w
where w.active and coalesce(w.busy_until, %(now)s) <= %(now)s and coalesce(w.rest_until, %(now)s) <= %(now)s
    and exists (select from accounts_webhookdelivery d
        where d.webhook_id = w.id and d.status = 'waiting' and d.next_attempt_at <= %(now)s)
order by w.id
"""
TAKE_BACK = """
update accounts_webhookdelivery set status = 'waiting', next_attempt_at = %(now)s
where status = 'sending' and claimed_at < %(lost)s
"""
# A day is over, and their address was never asked in peace: the last attempt is not waited for.
GIVE_UP = """
update accounts_webhookdelivery d set status = 'failed', ended_at = %(now)s, next_attempt_at = null
from accounts_webhook w where w.id = d.webhook_id and w.failures > 0 and d.status = 'waiting' and d.until < %(over)s
"""
LEASED = """
update accounts_webhook set busy_until = %(until)s
where id = %(id)s and active and coalesce(busy_until, %(now)s) <= %(now)s and coalesce(rest_until, %(now)s) <= %(now)s
"""
LET_GO = "update accounts_webhook set busy_until = null where id = %(id)s and busy_until = %(until)s"
CLAIM = """
update accounts_webhookdelivery set status = 'sending', claimed_at = %(now)s, attempts = attempts + 1 where id = (
    select d.id from accounts_webhookdelivery d join accounts_webhook w on w.id = d.webhook_id
    where d.webhook_id = %(webhook)s and d.status = 'waiting' and d.next_attempt_at <= %(now)s
        and w.active and coalesce(w.rest_until, %(now)s) <= %(now)s
    order by d.next_attempt_at, d.id limit 1 for update of d skip locked
) returning id
"""


def due() -> list[int]:
    """Webhooks for which something waits, with nobody at it. What a lost worker has left waits again."""
    now = timezone.now()
    _run(TAKE_BACK, now=now, lost=now - LOST_AFTER)
    _run(GIVE_UP, now=now, over=now - LEFT_OVER)
    with connection.cursor() as cursor:
        cursor.execute(DUE, {"now": now})
        return [pk for (pk,) in cursor.fetchall()]


def send_to(pk: int) -> int:
    """All that waits for this webhook, for a minute at most. Returns how many were tried."""
    lease = timezone.now() + LEASE
    if not _run(LEASED, id=pk, now=timezone.now(), until=lease):
        return 0
    try:
        tried = _send(pk, time.monotonic() + PATIENCE)
    finally:
        _run(LET_GO, id=pk, until=lease)
    # Looked at after letting go: whoever came meanwhile has left the rest to us.
    if pk in due():
        announce()
    return tried


def _send(pk: int, until: float) -> int:
    tried = 0
    while time.monotonic() < until and (delivery := _claim(pk)):
        mark(delivery, _attempt(delivery))
        tried += 1
    return tried


def _attempt(delivery: WebhookDelivery) -> Attempt:
    """What goes wrong here is no reason to keep back what is behind it."""
    try:
        return attempt(delivery)
    except Exception:
        log.exception("a webhook delivery could not be made", delivery=delivery.pk)
        return Attempt(timezone.now(), problem="ours")


def _claim(pk: int) -> WebhookDelivery | None:
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, {"webhook": pk, "now": timezone.now()})
        found = cursor.fetchone()
    rows = WebhookDelivery.objects.select_related("webhook", "activity__account")
    return rows.filter(pk=found[0]).first() if found else None


def attempt(delivery: WebhookDelivery) -> Attempt:
    """One request, not led on to another address: an answer, or why there is none."""
    webhook, body, began = delivery.webhook, body_of(delivery), time.monotonic()
    try:
        headers = headers_of(webhook, f"msg_{delivery.message.hex}", body)
    except SecretLost:
        return Attempt(timezone.now(), problem="secret")
    plain = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
    try:
        answer = ask(
            webhook.url,
            method="POST",
            headers={**plain, **headers},
            body=body,
            most=EXCERPT,
            seconds=TIME_OUT,
            redirects=0,
            cut=True,
        )
    except NoAnswer as problem:
        return Attempt(timezone.now(), took=_since(began), problem=str(problem))
    return Attempt(
        timezone.now(),
        code=answer.status,
        took=_since(began),
        response=prose(answer.body.decode("utf-8", "replace"), EXCERPT),
        retry_after=answer.headers.get("retry-after", ""),
    )


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


def _run(sql: str, **params: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.rowcount
