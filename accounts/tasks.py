"""What workers do for the ground floor: load, call, log."""

import structlog
from celery import shared_task

from accounts.domain import dispatch, escalation, factors, followups, mails, plans, replies, subscriptions, webhooks
from accounts.domain.imports import runs
from accounts.domain.numbers import counting, digest
from accounts.domain.renewals import sweep

log = structlog.get_logger(__name__)

MAILS_AT_ONCE = 500


@shared_task
def dispatch_activities() -> None:
    """Sent by record() at the commit; only a hint that something waits."""
    if count := dispatch.dispatch_waiting():
        log.info("activities dispatched", count=count)


@shared_task
def sweep_activities() -> None:
    """The net under the hint: what a broken broker or a killed worker left behind."""
    if count := dispatch.dispatch_waiting():
        log.warning("activities swept up", count=count)


@shared_task
def retry_deliveries() -> None:
    if count := dispatch.react() + dispatch.retry_due():
        log.info("deliveries tried again", count=count)


@shared_task
def escalate_overdue() -> None:
    """Snoozes that end wake first: what sleeps is late only if it was promised."""
    woken, late = followups.wake_due(), escalation.escalate_overdue()
    if woken or late:
        log.info("follow-ups woken and escalated", woken=woken, escalated=late)


@shared_task
def rank_again() -> None:
    """What is at stake, on every follow-up that is to be done: after the chances of loss were changed, and as the net
    under that."""
    if count := followups.rank_again():
        log.info("queue ranked again", count=count)


@shared_task
def sweep_subscriptions() -> None:
    """Trials, dunning, cancellations and changes of plan whose day has come; rates too."""
    if count := subscriptions.sweep_subscriptions() + plans.apply_due_changes():
        log.info("subscriptions swept", count=count)


@shared_task
def sweep_renewals() -> None:
    """Terms that are announced, asked about, roll over or lapse today. What changes with the new term comes first: it
    says how long that is."""
    plans.apply_due_changes()
    if count := sweep.sweep_renewals():
        log.info("renewals swept", count=count)


@shared_task
def forget_replies() -> None:
    if count := replies.forget_replies():
        log.info("kept API answers forgotten", count=count)


# Up to a hundred megabytes in one transaction: longer than other work, shorter than the visibility time-out.
@shared_task(soft_time_limit=800, time_limit=850)
def work_import(*, run_id: int) -> None:
    """Check or write one file; killed in the middle, nothing is written and it starts again."""
    runs.work(run_id)
    log.info("import worked on", run=run_id)


@shared_task
def sweep_imports() -> None:
    """Files that wait while nobody works on them: the message was lost, or the worker was killed."""
    if count := runs.sweep():
        log.warning("imports sent again", count=count)


@shared_task
def prune_mails() -> None:
    if count := mails.prune_bodies():
        log.info("texts of old mails deleted", count=count)


@shared_task
def send_mails() -> None:
    """So many at a time, and then once more: other work gets its turn in between."""
    count = mails.send_due(MAILS_AT_ONCE)
    if count and mails.waiting():
        send_mails.delay()
    if count:
        log.info("mails sent", count=count)


@shared_task
def send_webhooks() -> None:
    """Each address is a task of its own: one that is slow, or away, delays no other."""
    for pk in webhooks.due():
        send_to_webhook.delay(webhook_id=pk)


@shared_task
def send_to_webhook(*, webhook_id: int) -> None:
    if count := webhooks.send_to(webhook_id):
        log.info("webhook deliveries tried", webhook=webhook_id, count=count)


@shared_task
def prune_webhooks() -> None:
    if count := webhooks.prune():
        log.info("old webhook deliveries deleted", count=count)


@shared_task
def seal_factors() -> None:
    if count := factors.seal_factors():
        log.info("second factors sealed anew", count=count)


@shared_task
def count_changes() -> None:
    """What moved since the last look, and the month that has begun, into the sums of the numbers."""
    total = 0
    while count := counting.count_changes():
        total += count
    if total:
        log.info("changes counted", count=total)


@shared_task
def mail_boards() -> None:
    """The weekly numbers; whoever has them already gets none."""
    if count := digest.mail_boards():
        log.info("weekly numbers written", count=count)
