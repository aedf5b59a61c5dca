"""Support tickets."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.domain.bulk import Counts
from health.domain.events import AHEAD
from health.domain.upsert import Table, check_choice, check_moment, check_text, one, refuse, upsert
from health.enums import Severity, TicketStatus


class TicketRow(NamedTuple):
    account_id: int
    external_id: str
    opened_at: datetime
    subject: str = ""
    theme: str = ""
    severity: str = Severity.NORMAL.value
    strategic: bool = False
    status: str = TicketStatus.OPEN.value
    closed_at: datetime | None = None


TICKETS = Table(
    "health_ticket",
    {
        "account_id": "bigint",
        "external_id": "text",
        "opened_at": "timestamptz",
        "subject": "text",
        "theme": "text",
        "severity": "text",
        "strategic": "bool",
        "status": "text",
        "closed_at": "timestamptz",
    },
)


def upsert_tickets(rows: Sequence[TicketRow], *, told: Collection[str] | None = None) -> Counts:
    return upsert(TICKETS, rows, check=check_ticket, kind="ticket", day=lambda row: row.opened_at, told=told)


def save_ticket(row: TicketRow) -> str:
    """One ticket: created, updated or unchanged."""
    return one(upsert_tickets([row]))


def check_ticket(row: TicketRow) -> TicketRow:
    latest = timezone.now() + AHEAD
    closed_at = check_moment("closed_at", row.closed_at, latest) if row.closed_at else None
    opened_at = check_moment("opened_at", row.opened_at, latest)
    if closed_at and closed_at < opened_at:
        raise refuse("closed_at", _("Closed before it was opened."))
    return row._replace(
        external_id=check_text("external_id", row.external_id, 200, needed=True),
        subject=check_text("subject", row.subject, 400),
        theme=check_text("theme", row.theme, 80),
        severity=check_choice("severity", row.severity, Severity.values),
        status=TicketStatus.CLOSED.value if closed_at else check_choice("status", row.status, TicketStatus.values),
    )
