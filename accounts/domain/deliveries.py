"""What became of an activity: answers "why did, or didn't, the playbook run?"."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.domain.retelling import title_of
from accounts.domain.timeline import Entry
from accounts.domain.webhooks import reading
from accounts.domain.wording import told_ending, translated
from accounts.enums import DeliveryStatus, PlaybookState, WebhookStatus
from accounts.models import Activity, Delivery, FollowUp, Playbook, WebhookDelivery

TONES = {
    DeliveryStatus.DONE: "green",
    DeliveryStatus.SKIPPED: "grey",
    DeliveryStatus.PENDING: "accent",
    DeliveryStatus.FAILED: "yellow",
    DeliveryStatus.PARKED: "red",
}


@dataclass(frozen=True)
class Ending:
    """How it ended with one who wanted to know."""

    who: str
    status: Any
    tone: str
    note: str
    at: datetime | None = None
    follow_up: FollowUp | None = None
    playbook: Playbook | None = None

    @property
    def title(self) -> str:
        """Of what it opened, in the reader's language."""
        return title_of(self.follow_up) if self.follow_up else ""


def story(activity: Activity) -> dict[str, Any]:
    """`endings` of playbooks first, then of the rest; `effects` it caused. Four queries."""
    rows = list(
        activity.deliveries.select_related("follow_up__activity", "follow_up__account").order_by("created_at", "pk")
    )
    playbooks = {f"playbook:{p.pk}": p for p in _playbooks(activity, rows)}
    told = {row.subscriber for row in rows}
    endings = [_ending(row, playbooks.get(row.subscriber)) for row in rows]
    endings += [_silent(activity, p) for key, p in playbooks.items() if key not in told]
    endings += [_sent(row) for row in activity.webhook_deliveries.select_related("webhook").order_by("pk")]
    effects = activity.effects.select_related("account", "actor", "cause").order_by("occurred_at", "pk")[:50]
    return {"endings": sorted(endings, key=lambda e: e.playbook is None), "effects": list(map(Entry, effects))}


def _playbooks(activity: Activity, rows: Iterable[Delivery]) -> list[Playbook]:
    """Those that answered, and those that wait for this kind."""
    ids = [int(n) for n in (row.subscriber.removeprefix("playbook:") for row in rows) if n.isdigit()]
    answered = Playbook.objects.filter(pk__in=ids)
    return list((answered | Playbook.objects.triggered_by(activity.kind)).order_by("name"))


def _ending(row: Delivery, playbook: Playbook | None) -> Ending:
    return Ending(
        who=translated(playbook.name) if playbook else _name(row.subscriber),
        status=row.get_status_display(),
        tone=TONES.get(DeliveryStatus(row.status), "grey"),
        note=told_ending(row),
        at=row.ended_at,
        follow_up=row.follow_up,
        playbook=playbook,
    )


def _sent(row: WebhookDelivery) -> Ending:
    note = _("Answered %(code)s") % {"code": row.code} if row.code else reading.why(row)
    return Ending(
        row.webhook.name, row.get_status_display(), reading.TONES[WebhookStatus(row.status)], note, row.ended_at
    )


def _name(subscriber: str) -> str:
    what, _colon, name = subscriber.partition(":")
    if what == "playbook":
        return _("A playbook that was deleted")
    return name.replace("_", " ").replace(".", ": ") or subscriber


def _silent(activity: Activity, playbook: Playbook) -> Ending:
    """A playbook for this kind that has nothing on record about this activity."""
    if playbook.state != PlaybookState.ON:
        note = _("It is a draft.") if playbook.state == PlaybookState.DRAFT else _("It is switched off.")
    elif activity.dispatched_at is None:
        note = _("Not looked at yet: it will be within a minute.")
    else:
        note = _("It was not on when this happened.")
    return Ending(translated(playbook.name), _("Did not run"), "grey", note, playbook=playbook)
