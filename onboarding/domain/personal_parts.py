"""What onboarding keeps about people: the sessions they booked."""

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
