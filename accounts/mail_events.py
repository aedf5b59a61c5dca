"""What sending services tell by anymail's webhooks (config/urls.py): the same verbs as the API's."""

from typing import Any

from anymail.signals import tracking
from django.dispatch import receiver

from accounts.domain.mails.bounces import record_event

MEANS = {
    "bounced": "bounced",
    "rejected": "bounced",
    "failed": "bounced",
    "complained": "complained",
    "unsubscribed": "unsubscribed",
}


@receiver(tracking, dispatch_uid="accounts.mail_events")
def tracked(sender: Any, event: Any, esp_name: str, **_: Any) -> None:
    """Deliveries, openings and clicks are nobody's business here."""
    if means := MEANS.get(event.event_type):
        reason = event.description or event.mta_response or event.reject_reason or ""
        record_event(means, message_id=event.message_id or "", address=event.recipient or "", reason=reason)
