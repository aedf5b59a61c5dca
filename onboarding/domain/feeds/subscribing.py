"""Busy calendars that one of the team subscribes to: added, looked at again, given up."""

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.domain.outgoing import SCHEMES, NoAnswer, checked, resolved
from accounts.domain.text import one_line
from accounts.exceptions import Conflict, DomainError
from accounts.models import User
from onboarding.domain.feeds.hinting import look_soon
from onboarding.domain.feeds.problems import sentence
from onboarding.models import BusyCalendar

MOST = 20  # calendars of one person


@transaction.atomic
def subscribe(user: User, url: str, name: str = "") -> BusyCalendar:
    """Read within the minute; until then it blocks nothing."""
    address = clean_address(url)
    if BusyCalendar.objects.filter(user=user).count() >= MOST:
        raise DomainError(
            _("These are %(most)s calendars already: remove one first.") % {"most": MOST}, code="too_many"
        )
    name = one_line(name, 120, field="name") or checked(address).hostname or address[:120]
    try:
        with transaction.atomic():
            calendar = BusyCalendar.objects.create(user=user, url=address, name=name)
    except IntegrityError:
        raise Conflict(_("This calendar is subscribed to already."), code="subscribed_already") from None
    look_soon(calendar)
    return calendar


def clean_address(url: str) -> str:
    """webcal: is what calendar programs call https: for subscribing. Where it leads today is judged here, while
    somebody looks; at every reading, anew."""
    address = one_line(url, 1000, field="url")
    scheme, colon, rest = address.partition(":")
    if scheme.lower() in {"webcal", "webcals"}:
        address = f"https{colon}{rest}"
    try:
        parts = checked(address)
        resolved(parts.hostname or "", parts.port or SCHEMES[parts.scheme])
    except NoAnswer as problem:
        told = sentence(str(problem))
        raise DomainError(told, code="invalid", errors={"url": [told]}) from None
    return address


def look_again(calendar: BusyCalendar) -> None:
    """All of it, also what has not changed since."""
    _forget_what_was_read(BusyCalendar.objects.filter(pk=calendar.pk))
    look_soon(calendar)


def zone_changed(user: User) -> None:
    """All-day entries and times without a zone mean other instants now."""
    _forget_what_was_read(BusyCalendar.objects.filter(user=user))
    for calendar in BusyCalendar.objects.filter(user=user):
        look_soon(calendar)


def _forget_what_was_read(calendars: QuerySet[BusyCalendar]) -> None:
    calendars.update(etag="", last_modified="", digest="", due_at=timezone.now())


def unsubscribe(calendar: BusyCalendar) -> None:
    """What it blocked is free again at once."""
    calendar.delete()
