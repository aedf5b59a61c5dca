"""A mail went out, or came back: the row says so, and the app it belongs to hears of it in the same transaction."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Literal

import structlog
from django.db import transaction
from django.utils import timezone

from accounts.domain.activity import Fact, record_many
from accounts.domain.text import shortened
from accounts.enums import MailStatus
from accounts.models import Mail
from accounts.registry import mail_kinds

log = structlog.get_logger(__name__)

REASON_LENGTH = 400


def sent(mails: Sequence[Mail]) -> None:
    now = timezone.now()
    for mail in mails:
        mail.status, mail.sent_at, mail.error = MailStatus.SENT, now, ""
    try:
        with transaction.atomic():
            _keep_sent(mails)
            _tell("sent", mails)
    except Exception:
        # It is out: saying so comes before everything, or it would go out again.
        log.exception("what follows from sent mails failed", mails=[mail.pk for mail in mails])
        _keep_sent(mails)


def _keep_sent(mails: Sequence[Mail]) -> None:
    rows = Mail.objects.filter(pk__in=[mail.pk for mail in mails], bounced_at=None)  # some services tell at once
    rows.update(status=MailStatus.SENT, sent_at=timezone.now(), error="")


@transaction.atomic
def bounced(mails: Sequence[Mail], reason: str) -> None:
    now, why = timezone.now(), shortened(reason, REASON_LENGTH)
    for mail in mails:
        mail.status, mail.bounced_at, mail.bounce_reason = MailStatus.BOUNCED, now, why
    rows = Mail.objects.filter(pk__in=[mail.pk for mail in mails])
    rows.update(status=MailStatus.BOUNCED, bounced_at=now, bounce_reason=why)
    _tell("bounced", mails)
    record_many(
        Fact(mail.account_id, "mail.bounced", {"email": mail.to, "subject": mail.subject, "reason": why or "–"})
        for mail in mails
        if mail.account_id
    )


def _tell(what: Literal["sent", "bounced"], mails: Sequence[Mail]) -> None:
    by_kind: dict[str, list[Mail]] = defaultdict(list)
    for mail in mails:
        by_kind[mail.kind].append(mail)
    for name, rows in by_kind.items():
        tell = getattr(mail_kinds[name], what) if name in mail_kinds else None
        if tell:
            tell(rows)
