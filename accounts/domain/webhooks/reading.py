"""How a webhook stands, and what became of its deliveries, for those who look at them."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.utils.translation import gettext as _, gettext_lazy, pgettext_lazy

from accounts.domain import keyset
from accounts.domain.outgoing import PROBLEMS
from accounts.enums import WebhookStatus
from accounts.models import Webhook, WebhookDelivery

TONES = {
    WebhookStatus.WAITING: "yellow",
    WebhookStatus.SENDING: "accent",
    WebhookStatus.DELIVERED: "green",
    WebhookStatus.FAILED: "red",
    WebhookStatus.CANCELED: "grey",
}
STATES = [(WebhookStatus(value), label) for value, label in WebhookStatus.choices]
SECRET_LOST = gettext_lazy("The installation has another key since: change the secret.")
OURS = gettext_lazy("It could not be made: the log says why.")
LED_ON = gettext_lazy("It leads on to another address: enter that one.")
NEWEST = keyset.Order("id", descending=True)


@dataclass(frozen=True)
class State:
    title: Any
    tone: str


def state(row: Webhook) -> State:
    if row.gone_at:
        return State(pgettext_lazy("webhook", "Switched off by the other side"), "red")
    if not row.active:
        return State(pgettext_lazy("webhook", "Off"), "grey")
    if row.failing_since:
        return State(pgettext_lazy("webhook", "Failing"), "yellow")
    return State(pgettext_lazy("webhook", "On"), "green")


def why(row: WebhookDelivery) -> str:
    """Why it has not arrived, as far as that is not the other side's to say."""
    if row.problem:
        return str({"secret": SECRET_LOST, "ours": OURS, **PROBLEMS}.get(row.problem, row.problem))
    if row.code and 300 <= row.code < 400:
        return str(LED_ON)
    if row.code == HTTPStatus.GONE:
        return _("It wants no more of this: the webhook was switched off.")
    return ""


def page(row: Webhook, *, after: str = "", before: str = "", state: str = "", size: int = 50) -> keyset.Page:
    """The newest first; the first page, where the address names none."""
    rows = WebhookDelivery.objects.filter(webhook=row).select_related("activity__account")
    if state in WebhookStatus.values:
        rows = rows.filter(status=state)
    column = WebhookDelivery._meta.get_field("id")
    try:
        given = (("after", after), ("before", before))
        places = {name: keyset.read_position(text, column) for name, text in given if text}
    except keyset.BadPositionError:
        places = {}
    return keyset.page(rows, NEWEST, size=size, at=lambda found: (found.pk, found.pk), **places)  # type: ignore[arg-type]
