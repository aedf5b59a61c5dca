"""One person, one session: who has one of a kind ahead is asked before they book another, and nobody books or holds so
many that nothing is left for others."""

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _, ngettext

from accounts.domain import rules
from accounts.exceptions import Conflict, DomainError
from accounts.models import Contact
from onboarding.enums import SeatStatus, SessionStatus
from onboarding.models import Seat, Session, SessionType


def coming_of(kind: SessionType, contact: Contact) -> list[Seat]:
    """What they have booked of this kind and still have ahead, the next first."""
    return list(_coming(kind).filter(contact=contact).order_by("session__starts_at", "pk"))


def _coming(kind: SessionType) -> QuerySet[Seat]:
    rows = Seat.objects.select_related("session__session_type", "session__host", "contact__account")
    return rows.filter(
        session__session_type=kind,
        session__status=SessionStatus.CONFIRMED,
        session__starts_at__gt=timezone.now(),
        status=SeatStatus.BOOKED,
    )


def check_coming(kind: SessionType, email: str) -> None:
    """Whatever name they give; nothing is said of when, which is only theirs to know."""
    most = rules.number("booking.ahead")
    if _coming(kind).filter(email=email).count() >= most:
        sentence = ngettext(
            "%(n)s session of this kind is booked with this address already: move it by the link in its mail.",
            "%(n)s sessions of this kind are booked with this address already: move one by the link in its mail.",
            most,
        )
        raise Conflict(sentence % {"n": most}, code="booked_enough")


def check_held(held_for: str) -> None:
    """Of one person, or one place: people choose one time after the other, programs would take them all."""
    if not held_for:
        return
    running = Session.objects.filter(held_for=held_for, status=SessionStatus.HELD, held_until__gt=timezone.now())
    if running.count() >= rules.number("booking.held"):
        sentence = _("From here, several times are being kept already. Book one of them, or wait five minutes.")
        raise DomainError(sentence, code="held_enough", status=429)


def holder(contact: Contact | None, address: str) -> str:
    """Who holds a time, or from where; nobody can tell the address from it. "" is nobody that could be counted."""
    if contact:
        return f"contact {contact.pk}"
    return salted_hmac("onboarding.held_for", address).hexdigest() if address else ""
