"""What staff do with a mail in the outbox."""

from collections.abc import Iterable

from django.db import connection
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
    if not mail.text:
        raise Conflict(_("Its text has been deleted: it cannot be sent again."))
    now = timezone.now()
    again = {"status": MailStatus.QUEUED, "send_at": now, "attempts": 0, "error": "", "claimed_at": None}
    cleared = {"bounced_at": None, "bounce_reason": ""}
    if not Mail.objects.filter(pk=mail.pk, status__in=SETTLED).update(**again, **cleared):
        raise Conflict(_("This mail is waiting already, or is just being sent."))
    announce()


# What nobody has tried to send, or what the server has refused for now: where it did not answer, it may have arrived.
TAKE_BACK = """
delete from accounts_mail where id in (
    select id from accounts_mail where (id = any(%(ids)s) or key = any(%(keys)s))
        and status in ('queued', 'failed') and not repeated
    order by id for update
) returning id, key
"""


def take_back(ids: Iterable[int] = (), keys: Iterable[str] = ()) -> dict[int, str]:
    """Out of the outbox again, as if they had never been written: the keys of those that were still there, by id. Who
    refers to them must let go of them in the same transaction."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE_BACK, {"ids": list(ids), "keys": list(keys)})
        return dict(cursor.fetchall())


def cancel(mail: Mail) -> None:
    if not Mail.objects.filter(pk=mail.pk, status__in=WAITING).update(status=MailStatus.CANCELED):
        raise Conflict(_("Too late: this mail is no longer waiting."))
