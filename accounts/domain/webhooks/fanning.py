"""From activities to deliveries, for a whole batch in the statement that marks it as dispatched."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from celery import current_app
from django.db import connection, transaction

PATIENCE = timedelta(hours=24)

MARK = """
with dispatched as (
    update accounts_activity set dispatched_at = %(now)s where id = any(%(ids)s) returning id, kind
)
insert into accounts_webhookdelivery
    (webhook_id, activity_id, message, status, created_at, next_attempt_at, until, attempts, problem, response)
select w.id, d.id, gen_random_uuid(), 'waiting', %(now)s, %(now)s, %(until)s, 0, '', ''
from accounts_webhook w join dispatched d on d.kind = any(w.events)
where w.active order by d.id, w.id
on conflict (webhook_id, activity_id) do nothing
"""


def mark_dispatched(ids: Sequence[int], now: datetime) -> int:
    """How many deliveries that made."""
    with connection.cursor() as cursor:
        cursor.execute(MARK, {"ids": list(ids), "now": now, "until": now + PATIENCE})
        written = cursor.rowcount
    if written:
        announce()
    return written


def announce() -> None:
    """A hint that something waits; the sweep finds it anyway."""
    transaction.on_commit(_hint, robust=True)


def _hint() -> None:
    with suppress(Exception):
        current_app.send_task("accounts.tasks.send_webhooks")
