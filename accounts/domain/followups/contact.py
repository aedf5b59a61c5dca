"""Talking with a customer: what was said, and which follow-ups it answers."""

from datetime import datetime

from django.db import transaction
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.domain.activity import Who, record
from accounts.domain.text import prose
from accounts.exceptions import DomainError
from accounts.models import Account, Activity, Contact

LONGEST_CALL = 24 * 60


@transaction.atomic
def log_contact(
    account: Account,
    *,
    by: Who,
    summary: str,
    contact: Contact | None = None,
    minutes: int = 0,
    two_way: bool = True,
    at: datetime | None = None,
) -> Activity:
    """A call. If they spoke with us, every follow-up that was open then counts as contacted."""
    now = timezone.now()
    at = at or now
    _check(account, contact, minutes, at, now)
    call = record(
        account,
        "call.logged",
        by=by,
        occurred_at=at,
        contact=str(contact or _("the customer")),
        minutes=minutes,
        summary=prose(summary, 10_000, field="summary"),
        two_way=two_way,
    )
    if two_way:
        Account.objects.filter(pk=account.pk).update(last_contact_at=Greatest("last_contact_at", at))
        account.follow_ups.open().filter(contacted_at__isnull=True, opened_at__lte=at).update(contacted_at=at)
    return call


def _check(account: Account, contact: Contact | None, minutes: int, at: datetime, now: datetime) -> None:
    if contact and contact.account_id != account.pk:
        raise _wrong("contact", _("This person is not at this account."))
    if not 0 <= minutes <= LONGEST_CALL:
        raise _wrong("minutes", _("A call lasts between 0 minutes and a day."))
    if at > now:
        raise _wrong("at", _("A call that has not happened yet cannot be logged."))


def _wrong(field: str, sentence: str) -> DomainError:
    return DomainError(sentence, code=f"{field}_wrong", errors={field: [sentence]})
