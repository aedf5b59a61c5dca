"""What health keeps about people: invites and answers of surveys, and usage under their name."""

from typing import Any

from accounts.domain.personal_parts import plain
from accounts.domain.privacy import Eraser
from accounts.models import Contact
from health.models import AnswerRevision, UsageEvent

GONE = "[…]"  # where there were words


def answers(contact: Contact) -> list[dict[str, Any]]:
    names = ("kind", "source", "score", "reason", "comment", "answered_at", "revised_at")
    return [
        plain(row, *names)
        | {"earlier": [plain(old, "score", "reason", "comment", "given_at") for old in row.revisions.all()]}
        for row in contact.answers.prefetch_related("revisions").order_by("pk")
    ]


def erase_answers(contact: Contact, eraser: Eraser) -> None:
    """The numbers stay: NPS is what it was, and so many left a comment."""
    AnswerRevision.objects.filter(answer__contact=contact).exclude(comment="").update(comment=GONE)
    contact.answers.exclude(comment="").update(comment=GONE)


def invites(contact: Contact) -> list[dict[str, Any]]:
    names = ("address", "subject", "status", "queued_at", "sent_at", "opened_at")
    rows = contact.invites.select_related("survey").order_by("pk")
    return [plain(row, *names) | {"survey": row.survey.name} for row in rows]


def erase_invites(contact: Contact, eraser: Eraser) -> None:
    contact.invites.update(address=eraser.email)


def _usage(contact: Contact) -> Any:
    return UsageEvent.objects.filter(account_id=contact.account_id, user__iexact=contact.email)


def usage(contact: Contact) -> list[dict[str, Any]]:
    rows = _usage(contact).select_related("action").order_by("occurred_at")
    return [plain(row, "occurred_at", "count") | {"action": row.action.key} for row in rows]


def erase_usage(contact: Contact, eraser: Eraser) -> None:
    """Somebody used it: so many active people there were, and are."""
    _usage(contact).update(user=eraser.email)
