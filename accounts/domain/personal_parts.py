"""What the ground floor keeps about people: themselves, mails, links, asks, what they said, where they are named."""

from collections.abc import Iterable
from typing import Any

import pgtrigger
from django.db.models import Model, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.forms.models import model_to_dict
from django.utils import timezone

from accounts.domain.privacy import NOBODY, Eraser
from accounts.models import Activity, Contact, FollowUp, OptOut, WebhookDelivery

# Their own words, on activities that name them.
SAID = ("comment", "summary", "text", "notes")
FOLLOW_UP = ("title", "reason", "instructions", "steps", "texts", "outcome_note")
AT_ONCE = 500


def plain(row: Model, *names: str) -> dict[str, Any]:
    """These fields as they stand in JSON."""
    values = model_to_dict(row, names) | {name: getattr(row, name) for name in names}
    return {name: _readable(values[name]) for name in names}


def _readable(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str | list | dict):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


# Themselves ---------------------------------------------------------------------------------------------

PERSON = ("email", "name", "title", "phone", "decides", "champion", "language", "time_zone", "left_on", "created_at")


def person(contact: Contact) -> list[dict[str, Any]]:
    refused = OptOut.objects.filter(address=contact.email.lower()).exists()
    return [plain(contact, *PERSON) | {"wants_no_questions": refused}]


def erase_person(contact: Contact, eraser: Eraser) -> None:
    """The opt-out of their address stays: it is what keeps others from writing to it."""
    contact.email, contact.name = eraser.email, NOBODY
    contact.title = contact.phone = contact.language = ""
    contact.time_zone = None
    contact.left_on = contact.left_on or timezone.now().astimezone(contact.account.time_zone).date()
    contact.save()


# Mails, links, asks, intents -------------------------------------------------------------------------------


def mails(contact: Contact) -> list[dict[str, Any]]:
    names = ("kind", "to", "subject", "text", "status", "created_at", "sent_at", "bounced_at")
    return [plain(row, *names) for row in contact.mails.order_by("created_at")]


def erase_mails(contact: Contact, eraser: Eraser) -> None:
    waiting = contact.mails.filter(status__in=["queued", "failed"])
    waiting.update(status="canceled", error="")
    gone: dict[str, Any] = {"headers": {}, "attachments": [], "bounce_reason": "", "error": ""}
    contact.mails.update(to=eraser.email, subject="", text="", html="", **gone)


def links(contact: Contact) -> list[dict[str, Any]]:
    return [plain(row, "purpose", "subject", "created_at") for row in contact.links.order_by("pk")]


def erase_links(contact: Contact, eraser: Eraser) -> None:
    contact.links.all().delete()


def asks(contact: Contact) -> list[dict[str, Any]]:
    return [plain(row, "kind", "subject", "at") for row in contact.asks.order_by("at")]


def erase_asks(contact: Contact, eraser: Eraser) -> None:
    contact.asks.update(address=eraser.email)


def intents(contact: Contact) -> list[dict[str, Any]]:
    return [plain(row, "score", "factors", "comment", "answered_at") for row in contact.intents.order_by("pk")]


def erase_intents(contact: Contact, eraser: Eraser) -> None:
    contact.intents.update(comment="")


# Where they are named ----------------------------------------------------------------------------------------


def _naming(contact: Contact, eraser: Eraser, *columns: str) -> Q:
    named = Q()
    for column in columns:
        for word in eraser.words:
            named |= Q(**{f"{column}__icontains": word})
    return named


def _activities(contact: Contact, eraser: Eraser) -> QuerySet[Activity]:
    rows = contact.account.activities.annotate(words=Cast("data", TextField()))
    return rows.filter(_naming(contact, eraser, "words", "actor_label")).order_by("pk")


def activities(contact: Contact) -> list[dict[str, Any]]:
    rows = _activities(contact, Eraser(contact))
    return [plain(row, "kind", "occurred_at", "actor_label", "data") for row in rows]


def erase_activities(contact: Contact, eraser: Eraser) -> None:
    """The one change that is made to what happened: who it was. That it happened stays."""
    changed = []
    for row in _activities(contact, eraser):
        data = row.data
        if eraser.is_theirs(data.get("contact")):
            data = data | {name: "" for name in SAID if data.get(name)}
        row.data, row.actor_label = eraser.cleaned(data), eraser.cleaned(row.actor_label)[:120]
        changed.append(row)
    with pgtrigger.ignore("accounts.Activity:facts_stay"):
        _write(Activity, changed, ["data", "actor_label"])
    # Programs that were told may have answered with what they got.
    WebhookDelivery.objects.filter(activity__in=changed).update(response="")


def _follow_ups(contact: Contact, eraser: Eraser) -> QuerySet[FollowUp]:
    rows = contact.account.follow_ups.annotate(
        step_words=Cast("steps", TextField()), text_words=Cast("texts", TextField())
    )
    columns = ("title", "reason", "instructions", "outcome_note", "step_words", "text_words")
    return rows.filter(_naming(contact, eraser, *columns)).order_by("pk")


def follow_ups(contact: Contact) -> list[dict[str, Any]]:
    return [plain(row, "opened_at", *FOLLOW_UP) for row in _follow_ups(contact, Eraser(contact))]


def erase_follow_ups(contact: Contact, eraser: Eraser) -> None:
    """What was quoted from their answers stands in reason and instructions: those go as a whole."""
    changed = []
    for row in _follow_ups(contact, eraser):
        for name in FOLLOW_UP:
            setattr(row, name, eraser.cleaned(getattr(row, name)))
        row.title, row.reason, row.instructions = row.title[:240], "", ""
        changed.append(row)
    _write(FollowUp, changed, list(FOLLOW_UP))


def _write(model: type[Model], rows: Iterable[Model], fields: list[str]) -> None:
    model._default_manager.bulk_update(rows, fields, batch_size=AT_ONCE)
