"""What staff do with a mail in the outbox."""

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.domain.mails.writing import announce, opted_out
from accounts.enums import MailStatus
from accounts.exceptions import Conflict, DomainError
from accounts.models import Mail
from accounts.registry import mail_kinds

WAITING = [MailStatus.QUEUED, MailStatus.FAILED]
SETTLED = [MailStatus.SENT, MailStatus.FAILED, MailStatus.PARKED, MailStatus.BOUNCED, MailStatus.CANCELED]


def send_again(mail: Mail) -> None:
    """Now, whatever became of it; the same message, so a reader's program may fold the two into one."""
    if mail.kind in mail_kinds and mail_kinds[mail.kind].asks and opted_out([mail.to]):
        raise DomainError(_("This address wants no more questions from us."), code="opted_out")
    now = timezone.now()
    again = {"status": MailStatus.QUEUED, "send_at": now, "attempts": 0, "error": "", "claimed_at": None}
    cleared = {"bounced_at": None, "bounce_reason": ""}
    if not Mail.objects.filter(pk=mail.pk, status__in=SETTLED).update(**again, **cleared):
        raise Conflict(_("This mail is waiting already, or is just being sent."))
    announce()


def cancel(mail: Mail) -> None:
    if not Mail.objects.filter(pk=mail.pk, status__in=WAITING).update(status=MailStatus.CANCELED):
        raise Conflict(_("Too late: this mail is no longer waiting."))
