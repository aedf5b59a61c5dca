"""Mails that came back, as told by a person, a program or the sending service."""

from typing import Literal

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.domain.mails.letters import is_address, one_header_line
from accounts.domain.mails.outcomes import bounced
from accounts.domain.optouts import opt_out
from accounts.exceptions import DomainError
from accounts.models import Mail

EVENTS = ("bounced", "complained", "unsubscribed")
Told = Literal["new", "known", "unknown"]


@transaction.atomic
def record_bounce(message_id: str = "", address: str = "", reason: str = "") -> int:
    """The mail of that id, or where only the address is known, the last one that went there. Returns how many are
    newly known to have bounced: none for what is not ours, or was told before."""
    mails = [mail for mail in _meant(message_id, address) if mail.bounced_at is None]
    if mails:
        bounced(mails, one_header_line(reason))
    return len(mails)


@transaction.atomic
def record_event(event: str, *, message_id: str = "", address: str = "", reason: str = "") -> Told:
    """What became of a mail out there. Who marks one as spam, or unsubscribes with the sending service, is asked
    nothing more."""
    if event not in EVENTS:
        sentence = _("There is no event %(event)s.") % {"event": one_header_line(event)[:40]}
        raise DomainError(sentence, code="unknown_event", errors={"event": [sentence]})
    mails = _meant(message_id, address)
    if event == "bounced":
        return _told(record_bounce(message_id, address, reason), mails)
    return _told(_stop(event, mails, address), mails)


def _told(done: int, mails: list[Mail]) -> Told:
    return "new" if done else "known" if mails else "unknown"


def _stop(event: str, mails: list[Mail], address: str) -> int:
    how = "complaint" if event == "complained" else "one-click"
    who = {mail.to: mail.contact for mail in mails}
    if not who and is_address(address.strip().lower()):
        who = {address.strip().lower(): None}
    return sum(opt_out(to, how=how, contact=contact) for to, contact in who.items())


def _meant(message_id: str, address: str) -> list[Mail]:
    rows = Mail.objects.select_related("contact").defer("text", "html", "attachments").select_for_update(of=("self",))
    if bare := one_header_line(message_id).strip("<>"):
        return list(rows.filter(message_id__in=[bare, f"<{bare}>"]))
    to = one_header_line(address).lower()
    return list(rows.filter(to=to, sent_at__isnull=False).order_by("-sent_at", "-pk")[:1]) if to else []
