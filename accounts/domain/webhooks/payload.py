"""What is sent: what happened, when, to which account. The caller's own ids, and no more about people than the API
shows; what somebody said or wrote in their own words stays here."""

import json
from datetime import UTC, datetime
from typing import Any

from accounts.models import Activity, WebhookDelivery
from accounts.registry import Field, activity_kinds

WORDS = {"comment", "friction", "next_step", "note", "notes", "summary", "text"}
# Internal facts by which the API addresses what they are about.
ADDRESSED = {"follow_up", "renewal", "session", "partner_id"}


def body_of(delivery: WebhookDelivery) -> bytes:
    """The same bytes at every attempt, as long as nobody asks to be forgotten meanwhile."""
    told = _told(delivery.activity) if delivery.activity else {"webhook": delivery.webhook.name}
    at = delivery.activity.occurred_at if delivery.activity else delivery.created_at
    whole = {"type": delivery.event, "timestamp": _moment(at), "data": told}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()


def _told(activity: Activity) -> dict[str, Any]:
    kind = activity_kinds.items.get(activity.kind)
    names = [field.name for field in kind.fields if is_told(field)] if kind else []
    facts = {name: activity.data[name] for name in names if name in activity.data}
    return {"account": activity.account.external_id, **facts}


def is_told(field: Field) -> bool:
    return (field.public or field.name in ADDRESSED) and field.name not in WORDS


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
