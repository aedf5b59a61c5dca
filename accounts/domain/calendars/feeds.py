"""Addresses of calendars: made once, shown once, kept as a digest."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.exceptions import DomainError, Forbidden
from accounts.models import CalendarFeed, User
from accounts.registry import calendar_sources

MOST = 20  # addresses of one person that work: more are not looked after
SHOWN = 6  # characters of the secret by which its owner knows it again


def make_feed(user: User, *, sources: Sequence[str], team: bool = False) -> tuple[CalendarFeed, str]:
    """The row and the secret of its address, which nobody can read again."""
    known = [source.key for source in calendar_sources.sorted()]
    if unknown := sorted(set(sources) - set(known)):
        sentence = _("There is nothing called %(source)s for calendars.") % {"source": ", ".join(unknown)}
        raise DomainError(sentence, code="unknown_source", errors={"sources": [sentence]})
    if not sources:
        sentence = _("Choose what the calendar shows.")
        raise DomainError(sentence, code="source_missing", errors={"sources": [sentence]})
    if user.feeds.filter(revoked_at__isnull=True).count() >= MOST:
        raise DomainError(
            _("You have %(most)s calendar addresses: revoke one first.") % {"most": MOST}, code="too_many"
        )
    secret = secrets.token_urlsafe(32)
    feed = CalendarFeed.objects.create(
        user=user,
        digest=digest(secret),
        prefix=secret[:SHOWN],
        sources=[key for key in known if key in sources],
        team=team,
    )
    return feed, secret


def digest(secret: str | bytes) -> str:
    # 256 random bits: a plain hash is enough, and the look-up by it leaks no timing of the secret.
    return hashlib.sha256(secret if isinstance(secret, bytes) else secret.encode("utf-8", "replace")).hexdigest()


def address_of(secret: str) -> str:
    return settings.BASE_URL + reverse("calendar", args=[secret])


def find_feed(secret: str) -> CalendarFeed | None:
    """The feed of an address that still works: not revoked, and its owner still signs in."""
    live = CalendarFeed.objects.filter(revoked_at__isnull=True, user__is_active=True)
    return live.select_related("user").filter(digest=digest(secret)).first()


def note_read(feed: CalendarFeed) -> None:
    """To the minute, not to the request: programs ask often."""
    now = timezone.now()
    if feed.last_read_at is None or feed.last_read_at < now - timedelta(minutes=1):
        CalendarFeed.objects.filter(pk=feed.pk).update(last_read_at=now)


def revoke_feed(feed: CalendarFeed, *, by: User) -> None:
    if feed.user_id != by.pk:
        raise Forbidden(_("This is %(owner)s's calendar address.") % {"owner": feed.user})
    CalendarFeed.objects.filter(pk=feed.pk, revoked_at__isnull=True).update(revoked_at=timezone.now())
