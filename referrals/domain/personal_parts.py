"""What referrals keep about people: partners who are a customer's contact."""

from typing import Any

import pgtrigger

from accounts.domain.personal_parts import plain
from accounts.domain.privacy import NOBODY, Eraser
from accounts.models import AuditEntry, Contact
from referrals.enums import PartnerStatus


def partners(contact: Contact) -> list[dict[str, Any]]:
    names = ("name", "email", "company", "website", "language", "answers", "status", "applied_at", "approved_at",
             "payout_method", "payout_details")  # fmt: skip
    rows = contact.partners.select_related("program").order_by("pk")
    return [plain(row, *names) | {"program": row.program.name} for row in rows]


def erase_partners(contact: Contact, eraser: Eraser) -> None:
    """The ledger stays, to the cent; whoever it was earns nothing more."""
    contact.partners.filter(status=PartnerStatus.APPROVED).update(status=PartnerStatus.PAUSED)
    who: dict[str, Any] = {"name": NOBODY, "email": eraser.email, "email_key": eraser.email}
    ids = list(contact.partners.values_list("pk", flat=True))
    contact.partners.update(**who, company="", website="", language="", answers={}, payout_details={}, refusal="")
    # The audit keeps who decided what about a partner, and not who the partner was.
    entries = list(AuditEntry.objects.filter(kind="referrals.partner", object_id__in=ids))
    for entry in entries:
        entry.name, entry.before, entry.after = NOBODY, eraser.cleaned(entry.before), eraser.cleaned(entry.after)
    with pgtrigger.ignore("accounts.AuditEntry:append_only"):
        AuditEntry.objects.bulk_update(entries, ["name", "before", "after"])
