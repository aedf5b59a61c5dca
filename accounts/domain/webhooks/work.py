"""What people do with a webhook's deliveries: look, try it out, send one again; what is old goes."""

import uuid

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.domain import rules
from accounts.domain.webhooks.fanning import PATIENCE, announce
from accounts.enums import WebhookStatus
from accounts.exceptions import Conflict
from accounts.models import Webhook, WebhookDelivery

AT_ONCE = 2000
SETTLED = [WebhookStatus.DELIVERED, WebhookStatus.FAILED, WebhookStatus.CANCELED]


@transaction.atomic
def send_test(webhook: Webhook) -> WebhookDelivery:
    """An event of no account, tried once."""
    _must_be_on(webhook)
    _wake(webhook)
    now = timezone.now()
    row = WebhookDelivery.objects.create(
        webhook=webhook, message=uuid.uuid4(), created_at=now, next_attempt_at=now, until=now
    )
    announce()
    return row


@transaction.atomic
def send_again(delivery: WebhookDelivery) -> WebhookDelivery:
    """Now, whatever became of it, and for a day; under the same id, by which the other side knows it."""
    _must_be_on(delivery.webhook)
    now = timezone.now()
    until = now + PATIENCE if delivery.activity_id else now
    again = {"status": WebhookStatus.WAITING, "next_attempt_at": now, "until": until, "attempts": 0, "ended_at": None}
    ready = WebhookDelivery.objects.filter(pk=delivery.pk, status__in=[*SETTLED, WebhookStatus.WAITING])
    if not ready.update(**again):
        raise Conflict(_("It is just being sent."))
    _wake(delivery.webhook)
    announce()
    return WebhookDelivery.objects.select_related("webhook", "activity__account").get(pk=delivery.pk)


def _must_be_on(webhook: Webhook) -> None:
    if not Webhook.objects.filter(pk=webhook.pk, active=True).exists():
        raise Conflict(_("This webhook is switched off."), code="switched_off")


def _wake(webhook: Webhook) -> None:
    """Somebody is looking: it is asked at once, however often it has failed."""
    Webhook.objects.filter(pk=webhook.pk).exclude(rest_until=None).update(rest_until=None)


PRUNE = """
delete from accounts_webhookdelivery where id in (
    select id from accounts_webhookdelivery where ended_at < %(before)s order by ended_at limit %(limit)s
    for update skip locked
)
"""


def prune() -> int:
    """Deliveries that ended long ago. In portions, so that nobody waits long."""
    before, total = timezone.now() - rules.days("webhooks.keep_days"), 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(PRUNE, {"before": before, "limit": AT_ONCE})
            total += cursor.rowcount
            if cursor.rowcount < AT_ONCE:
                return total
