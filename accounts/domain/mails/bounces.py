"""Mails that came back, as told by a person, a program or the sending service."""

from django.db import transaction

from accounts.domain.mails.letters import one_header_line
from accounts.domain.mails.outcomes import bounced
from accounts.models import Mail


@transaction.atomic
def record_bounce(message_id: str = "", address: str = "", reason: str = "") -> int:
    """The mail of that id, or where only the address is known, the last one that went there. Returns how many are
    newly known to have bounced: none for what is not ours, or was told before."""
    mails = list(_meant(message_id.strip(), address.strip().lower()))
    if mails:
        bounced(mails, one_header_line(reason))
    return len(mails)


def _meant(message_id: str, address: str) -> list[Mail]:
    rows = Mail.objects.select_for_update().defer("text", "html", "attachments")
    if message_id:
        bare = message_id.strip("<>")
        return list(rows.filter(message_id__in=[bare, f"<{bare}>"], bounced_at=None))
    last = rows.filter(to=address, sent_at__isnull=False).order_by("-sent_at", "-pk").first() if address else None
    return [last] if last and last.bounced_at is None else []
