"""Personal links: a contact's own address for one purpose, without a sign-in.

The token in it is a random key with a signature that holds for that purpose only: nobody makes one from what the
database knows, and a link to the survey opens no portal.
"""

import base64
import hmac
import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from accounts.domain.activity import Who, record
from accounts.exceptions import DomainError
from accounts.models import Contact, ContactLink
from accounts.registry import LinkPurpose, link_purposes

KEY_BYTES = 16
KEY_LENGTH = 22  # of so many bytes in base64
USE_KEPT_EVERY = timedelta(minutes=10)


class LinkGone(DomainError):
    """404: never ours, altered, or for something else. 410: it was good once. Neither says whose it is."""

    code = "link_gone"
    status = 404


def gone(status: int) -> LinkGone:
    if status == 410:
        return LinkGone(_("This link has ended. Ask whoever sent it to you for a new one."), status=410)
    return LinkGone(_("This link leads nowhere. Please check that it was copied as a whole."))


# The token ----------------------------------------------------------------------------------------


def token_of(key: str, purpose: str) -> str:
    return key + _signature(key, purpose, settings.SECRET_KEY)


def key_in(token: str, purpose: str) -> str:
    """The key, where the signature is ours and for this purpose; else "". Takes the same time either way."""
    key, given = token[:KEY_LENGTH], token[KEY_LENGTH:].encode()
    known = [
        hmac.compare_digest(_signature(key, purpose, secret).encode(), given)
        for secret in map(str, (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))
    ]
    return key if any(known) else ""


def _signature(key: str, purpose: str, secret: str) -> str:
    digest = salted_hmac(f"accounts.links.{purpose}", key, secret, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest[:KEY_BYTES]).decode().rstrip("=")


def url_of(key: str, purpose: LinkPurpose) -> str:
    return settings.BASE_URL + reverse(purpose.url_name, args=[token_of(key, purpose.name)])


# Making -------------------------------------------------------------------------------------------

# An expired link stays gone: the next one is another. One that still works is used on, and works as long as promised.
END_EXPIRED = """
update accounts_contactlink l set revoked_at = %(now)s
from unnest(%(contacts)s::bigint[], %(subjects)s::text[]) as w (contact_id, subject)
where l.contact_id = w.contact_id and l.subject = w.subject and l.purpose = %(purpose)s
    and l.revoked_at is null and l.expires_at <= %(now)s
"""
MAKE = """
insert into accounts_contactlink as l (purpose, key, contact_id, subject, created_at, expires_at)
select %(purpose)s, w.key, w.contact_id, w.subject, %(now)s, %(expires)s::timestamptz
from unnest(%(contacts)s::bigint[], %(subjects)s::text[], %(keys)s::text[]) as w (contact_id, subject, key)
on conflict (contact_id, purpose, subject) where revoked_at is null do update set expires_at =
    case when l.expires_at is null or excluded.expires_at is null then null
         else greatest(l.expires_at, excluded.expires_at) end
returning l.contact_id, l.subject, l.key
"""


def address_of(contact: Contact, purpose: str, subject: str = "", *, expires_at: datetime | None = None) -> str:
    """The whole address, of the link that is there or of a new one."""
    return addresses_of([(contact, subject)], purpose, expires_at=expires_at)[0]


@transaction.atomic
def addresses_of(
    wanted: Iterable[tuple[Contact | int, str]], purpose: str, *, expires_at: datetime | None = None
) -> list[str]:
    """address_of() for many at once, in the order asked: contacts (or their ids) with what the link is about."""
    kind = link_purposes[purpose]
    pairs = [(who if isinstance(who, int) else who.pk, subject) for who, subject in wanted]
    keys = _live_keys(sorted(set(pairs)), kind, expires_at)
    return [url_of(keys[pair], kind) for pair in pairs]


def _live_keys(
    pairs: Sequence[tuple[int, str]], kind: LinkPurpose, expires_at: datetime | None
) -> dict[tuple[int, str], str]:
    now = timezone.now()
    if expires_at is None and kind.days is not None:
        expires_at = now + timedelta(days=kind.days)
    params: dict[str, Any] = {
        "purpose": kind.name,
        "contacts": [contact for contact, _subject in pairs],
        "subjects": [subject for _contact, subject in pairs],
        "keys": [secrets.token_urlsafe(KEY_BYTES) for _pair in pairs],
        "now": now,
        "expires": expires_at,
    }
    with connection.cursor() as cursor:
        cursor.execute(END_EXPIRED, params)
        cursor.execute(MAKE, params)
        return {(contact, subject): key for contact, subject, key in cursor.fetchall()}


# Finding and ending -------------------------------------------------------------------------------


def find_link(token: str, purpose: str) -> ContactLink:
    """The link, with its contact and account; LinkGone for what is none, or none any more."""
    key = key_in(token, purpose)
    links = ContactLink.objects.select_related("contact__account")
    link = links.filter(key=key, purpose=purpose).first() if key else None
    if link is None:
        raise gone(404)
    if not works(link):
        raise gone(410)
    return link


def works(link: ContactLink, now: datetime | None = None) -> bool:
    now = now or timezone.now()
    has_left = link.contact.left_on is not None and not link_purposes[link.purpose].for_leavers
    return not (link.revoked_at or has_left or (link.expires_at and link.expires_at <= now))


def note_use(link: ContactLink) -> None:
    """When it was last used, to some minutes: not a write for every page."""
    now = timezone.now()
    if link.last_used_at is None or link.last_used_at < now - USE_KEPT_EVERY:
        ContactLink.objects.filter(pk=link.pk).update(last_used_at=now)


@transaction.atomic
def revoke_link(link: ContactLink, by: Who = None) -> bool:
    """It stops working now; False where it had already."""
    if not ContactLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=timezone.now()):
        return False
    record(link.contact.account_id, "link.revoked", by=by, contact=str(link.contact), purpose=link.purpose)
    return True


def purpose_in_words(data: Mapping[str, Any]) -> str:
    """Of a link.revoked."""
    purpose = link_purposes.items.get(data.get("purpose", ""))
    return str(purpose.title) if purpose else ""


@transaction.atomic
def renew(link: ContactLink, by: Who = None) -> str:
    """Another address in its place; the old one stops working."""
    revoke_link(link, by)
    return address_of(link.contact, link.purpose, link.subject)
