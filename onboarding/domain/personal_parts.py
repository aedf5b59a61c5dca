"""What onboarding keeps about people: the sessions they booked, and those they were led away from."""

from typing import Any

from accounts.domain.personal_parts import plain
from accounts.domain.privacy import NOBODY, Eraser
from accounts.models import Contact


def seats(contact: Contact) -> list[dict[str, Any]]:
    names = ("name", "email", "language", "time_zone", "answers", "status", "booked_at", "canceled_at")
    rows = contact.seats.select_related("session").order_by("pk")
    return [plain(row, *names) | {"starts_at": row.session.starts_at.isoformat()} for row in rows]


def erase_seats(contact: Contact, eraser: Eraser) -> None:
    """That somebody came stays."""
    contact.seats.update(name=NOBODY, email=eraser.email, language="", time_zone="", answers={})


def routings(contact: Contact) -> list[dict[str, Any]]:
    rows = contact.routings.select_related("session_type").order_by("pk")
    return [plain(row, "target", "question", "answer", "at") | {"type": row.session_type.slug} for row in rows]


def erase_routings(contact: Contact, eraser: Eraser) -> None:
    """The answer is one of a few that were offered: it stays, and nobody's any more."""
    for row in contact.routings.all():
        row.contact, row.key = None, f"erased {row.pk}"
        row.save(update_fields=["contact", "key"])
