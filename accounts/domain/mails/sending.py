"""Waiting mails go out, one at a time, by any number of workers.

Each is claimed in a transaction of its own, handed to the server, and marked: a worker that is killed between the last
two leaves one mail of which nobody knows whether it went. After five minutes it goes out again, once, marked as a
repeat and under the same message id. Without a mail server "sent" means: kept here, in the outbox.
"""

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from smtplib import SMTPRecipientsRefused, SMTPResponseException
from typing import Any

import structlog
from django.conf import settings
from django.core.cache import cache
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_noop
from redis.exceptions import RedisError

from accounts.domain.mails.outcomes import bounced, sent
from accounts.domain.mails.writing import OPTED_OUT, opted_out
from accounts.domain.text import shortened
from accounts.enums import MailStatus
from accounts.models import Mail
from accounts.registry import mail_kinds

log = structlog.get_logger(__name__)

KEPT_AT_ONCE = 500
PATIENCE = 120.0  # seconds; a slow server must not keep a task past its limit, in the middle of a mail
LOST_AFTER = timedelta(minutes=5)
WAITS = [timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2)]  # then it is parked
LOST_TWICE = gettext_noop("A worker was lost twice while sending it: it may have arrived.")
AWAY = "mail-server-away"
AWAY_KEPT_SECONDS = 120

DUE = """
select id from accounts_mail where status in ('queued', 'failed') and send_at <= %(now)s
order by send_at, id limit %(limit)s for update skip locked
"""
# As an array they are looked for once; with `in`, a plan may look again for each mail, and claim more than asked for.
CLAIM = f"""
update accounts_mail set status = 'sending', claimed_at = %(now)s, attempts = attempts + 1
where id = any(array({DUE})) returning id
"""  # noqa: S608 - put together from what stands above
# The first time it goes out again; a mail that is lost with its worker twice is not tried a third time.
TAKE_BACK = """
update accounts_mail set status = case when repeated then 'parked' else 'queued' end, repeated = true,
    error = case when repeated then %(lost_twice)s else error end
where status = 'sending' and claimed_at < %(lost)s
"""


def send_due(limit: int = KEPT_AT_ONCE) -> int:
    """At most `limit` of those whose time has come. Returns how many went out, or are settled another way."""
    _take_back()
    if not settings.MAIL_BACKEND:
        return _keep(limit)
    server = get_connection(settings.MAIL_BACKEND)
    if not _reached(server):
        return 0
    try:
        return _send(server, limit)
    finally:
        server.close()


def waiting() -> bool:
    """Whether something is due now."""
    due = Mail.objects.filter(status__in=[MailStatus.QUEUED, MailStatus.FAILED], send_at__lte=timezone.now())
    return due.exists()


def _take_back() -> None:
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(TAKE_BACK, {"lost": now - LOST_AFTER, "lost_twice": LOST_TWICE})
        if cursor.rowcount:
            log.warning("mails of a lost worker taken back", count=cursor.rowcount)


def _claim(limit: int) -> list[Mail]:
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, {"now": now, "limit": limit})
        ids = [pk for (pk,) in cursor.fetchall()]
    return list(Mail.objects.filter(pk__in=ids).order_by("send_at", "pk")) if ids else []


# Without a server ---------------------------------------------------------------------------------


@transaction.atomic
def _keep(limit: int) -> int:
    mails = _claim(limit)
    refusing = opted_out(mail.to for mail in mails if _asks(mail))
    refused = [mail for mail in mails if _asks(mail) and mail.to in refusing]
    _cancel(refused)
    sent([mail for mail in mails if mail not in refused])
    return len(mails)


def _asks(mail: Mail) -> bool:
    return mail.kind in mail_kinds and mail_kinds[mail.kind].asks


def _cancel(mails: Sequence[Mail]) -> None:
    Mail.objects.filter(pk__in=[mail.pk for mail in mails]).update(status=MailStatus.CANCELED, error=OPTED_OUT)


# With one -----------------------------------------------------------------------------------------


def server_away() -> str:
    """What the mail server last answered, when it could not be reached; "" when all is well."""
    try:
        return cache.get(AWAY, "")
    except (RedisError, OSError):
        return ""


def _reached(server: Any) -> bool:
    """A server that is away is no mail's fault: none of them is tried, and none is given up."""
    try:
        server.open()
    except Exception as error:
        log.warning("the mail server does not answer", error=str(error))
        _say_away(shortened(f"{type(error).__name__}: {error}", 300))
        return False
    return True


def _say_away(error: str) -> None:
    try:
        cache.set(AWAY, error, AWAY_KEPT_SECONDS)
    except (RedisError, OSError):
        log.warning("nobody is told that the mail server is away")


def _send(server: Any, limit: int) -> int:
    until = time.monotonic() + PATIENCE
    for done in range(limit):
        mails = _claim(1) if time.monotonic() < until else []
        if not mails:
            return done
        if not _send_one(server, mails[0]) and not _reached(server):
            return done + 1
    return limit


def _send_one(server: Any, mail: Mail) -> bool:
    """False where the conversation with the server broke off: the next mail needs another."""
    if _asks(mail) and opted_out([mail.to]):  # since it was written
        _cancel([mail])
        return True
    message = message_of(mail)
    try:
        server.send_messages([message])
    except Exception as error:
        _failed(mail, error)
        server.close()
        return False
    if given := _id_given(message):
        Mail.objects.filter(pk=mail.pk).update(message_id=given)
    sent([mail])
    return True


def message_of(mail: Mail) -> EmailMultiAlternatives:
    headers = {"Message-ID": mail.message_id, **mail.headers}
    message = EmailMultiAlternatives(mail.subject, mail.text, to=[mail.to], headers=headers)
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    for attachment in mail.attachments:
        _attach(message, **attachment)
    return message


def _attach(message: EmailMultiAlternatives, name: str, type: str, content: str) -> None:  # noqa: A002 - as it is kept
    """An invitation is another form of the whole mail, which is where calendars look for it, and a file for programs
    that know none. The services of anymail take text and HTML alone: there, the file has the invitation's type."""
    if type.startswith("text/calendar;") and not settings.MAIL_BACKEND.startswith("anymail."):
        message.attach_alternative(content, type)
        message.attach(name, content.encode(), "application/ics")
    else:
        message.attach(name, content, type)


def _id_given(message: Any) -> str:
    """Sending services give each message an id of their own, and name it when it bounces."""
    given = getattr(getattr(message, "anymail_status", None), "message_id", None)
    return given if isinstance(given, str) else ""


def _failed(mail: Mail, error: Exception) -> None:
    """Refused for good: a wrong address has bounced, anything else is parked. Otherwise it is tried again later."""
    code, said = _answer(error)
    log.warning("mail failed", mail=mail.pk, kind=mail.kind, attempts=mail.attempts, error=type(error).__name__)
    if isinstance(error, SMTPRecipientsRefused) and code >= 500:
        bounced([mail], said)
        return
    if not code:  # no answer: it may have arrived all the same
        Mail.objects.filter(pk=mail.pk).update(repeated=True)
    waits = dict(enumerate(WAITS, 1))
    if code >= 500 or mail.attempts not in waits:
        _mark(mail, MailStatus.PARKED, said)
    else:
        _mark(mail, MailStatus.FAILED, said, timezone.now() + waits[mail.attempts])


def _mark(mail: Mail, status: MailStatus, error: str, send_at: datetime | None = None) -> None:
    mine = Mail.objects.filter(pk=mail.pk, status=MailStatus.SENDING)
    mine.update(status=status, error=error, send_at=send_at or mail.send_at)


def _answer(error: Exception) -> tuple[int, str]:
    """The server's code and words; 0 where the failure was no answer of its."""
    code: int
    said: bytes | str
    if isinstance(error, SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()), (0, b""))
    elif isinstance(error, SMTPResponseException):
        code, said = error.smtp_code, error.smtp_error
    else:
        code, said = 0, f"{type(error).__name__}: {error}"
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return code, shortened(f"{code} {text}" if code else text, 300).replace("\0", "")
