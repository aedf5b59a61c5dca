"""Letters become rows, in sets, in the transaction of what they tell of."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from email.utils import make_msgid
from typing import Any
from urllib.parse import urlsplit

from celery import current_app
from django.conf import settings
from django.db import connection, transaction
from django.db.models import prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext_noop

from accounts.domain.bulk import chunks
from accounts.domain.links import addresses_of
from accounts.domain.mails.letters import ADDRESS_LENGTH, Letter, is_address, safe_headers, storable
from accounts.domain.mails.rendering import words_of
from accounts.enums import MailStatus
from accounts.models import Mail, OptOut
from accounts.registry import mail_kinds

AT_ONCE = 500  # rendered mails are some kilobytes each
NO_ADDRESS = gettext_noop("This is not an e-mail address.")
OPTED_OUT = gettext_noop("This address wants no more questions from us.")


def write_mail(letter: Letter) -> Mail:
    return write_mails([letter])[0]


def write_mails(letters: Iterable[Letter]) -> list[Mail]:
    """A row for each, in the order given; what was written before is not written again. Bodies are not loaded.

    Who has opted out is not asked: their mail stands in the outbox as canceled, with the reason.
    """
    written: list[Mail] = []
    for chunk in chunks(letters, AT_ONCE):
        with transaction.atomic():
            written += _write(chunk)
    return written


def _write(letters: Sequence[Letter]) -> list[Mail]:
    keys = [letter.key for letter in letters]
    there = _by_key(keys)
    new = {letter.key: letter for letter in reversed(letters) if letter.key not in there}  # of two, the first
    if new:
        Mail.objects.bulk_create(_rows(list(reversed(new.values()))), ignore_conflicts=True)
        there |= _by_key(list(new))
        announce()
    return [there[key] for key in keys]


def _by_key(keys: Sequence[str]) -> dict[str, Mail]:
    return {mail.key: mail for mail in Mail.objects.filter(key__in=keys).defer("text", "html", "attachments")}


def _rows(letters: Sequence[Letter]) -> list[Mail]:
    asks = [letter for letter in letters if mail_kinds[letter.kind].asks]
    prefetch_related_objects([letter.contact for letter in letters if letter.contact], "account")
    links = dict(zip([letter.key for letter in asks], _unsubscribe_links(asks), strict=True))
    refusing = opted_out([letter.address() for letter in asks])
    now = timezone.now()
    return [_row(letter, links.get(letter.key, ""), refusing, now) for letter in letters]


def _unsubscribe_links(letters: Sequence[Letter]) -> list[str]:
    if nobodys := next((letter.key for letter in letters if letter.contact is None), ""):
        raise ValueError(f"{nobodys}: a mail that asks goes to a contact, who can say that they want no more")
    wanted = [(letter.contact, "") for letter in letters if letter.contact]
    return addresses_of(wanted, "unsubscribe") if wanted else []


def opted_out(addresses: Iterable[str]) -> set[str]:
    return set(OptOut.objects.filter(address__in=list(addresses)).values_list("address", flat=True))


def _row(letter: Letter, unsubscribe_url: str, refusing: set[str], now: datetime) -> Mail:
    words, address = words_of(letter, unsubscribe_url), letter.address()
    status, error = _fate(letter, address, refusing)
    return Mail(
        key=letter.key,
        kind=letter.kind,
        account_id=letter.account_id or (letter.contact.account_id if letter.contact else None),
        contact=letter.contact,
        to=storable(address)[:ADDRESS_LENGTH],
        language=letter.read_in(),
        subject=words.subject,
        text=words.text,
        html=words.html,
        headers=_headers(letter, unsubscribe_url),
        attachments=[dict(attachment) for attachment in letter.attachments],
        status=status,
        error=error,
        created_at=now,
        send_at=letter.send_at or now,
        # Given now and kept over all attempts: should it come twice, the reader's program knows it for the same.
        message_id=make_msgid(domain=_domain()),
    )


def _fate(letter: Letter, address: str, refusing: set[str]) -> tuple[MailStatus, str]:
    if not is_address(address):
        return MailStatus.PARKED, NO_ADDRESS
    if mail_kinds[letter.kind].asks and address in refusing:
        return MailStatus.CANCELED, OPTED_OUT
    return MailStatus.QUEUED, ""


def _headers(letter: Letter, unsubscribe_url: str) -> dict[str, Any]:
    headers = {"Auto-Submitted": "auto-generated", **letter.headers}
    if unsubscribe_url:
        headers["List-Unsubscribe"] = f"<{unsubscribe_url}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return safe_headers(headers)


def _domain() -> str:
    return urlsplit(settings.BASE_URL).hostname or "localhost"


def announce() -> None:
    """Tell a worker, after the commit, that mails wait. Only a hint: the timetable finds them anyway. However many
    are written in one transaction, one message goes out."""
    if not any(hook[1] is _hint for hook in connection.run_on_commit):
        transaction.on_commit(_hint, robust=True)


def _hint() -> None:
    with suppress(Exception):
        current_app.send_task("accounts.tasks.send_mails")
