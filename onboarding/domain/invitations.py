"""Invitations for calendars (RULES 5, B9; RFC 5545 and 5546): what Outlook, Google and Apple take into their own."""

from email.utils import parseaddr
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone
from icalendar import Calendar, Event, vCalAddress, vText

from accounts.domain.mails.letters import one_header_line
from onboarding.domain.wording import name_of
from onboarding.models import Seat, Session

PROGRAM = "-//Tenure//Sessions//EN"


def request(session: Session, seat: Seat, address: str) -> str:
    """METHOD:REQUEST, for a booking and for every change of it."""
    return _calendar(session, seat, "REQUEST", "CONFIRMED", address)


def cancellation(session: Session, seat: Seat) -> str:
    return _calendar(session, seat, "CANCEL", "CANCELLED", "")


def _calendar(session: Session, seat: Seat, method: str, status: str, address: str) -> str:
    calendar = Calendar()
    calendar.add("prodid", PROGRAM)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    event = Event()
    event.add("uid", uid_of(session, seat))
    event.add("sequence", sequence_of(session, seat))
    # RFC 5546: when this message was made. Of two with the same number, programs believe the later one.
    event.add("dtstamp", timezone.now())
    event.add("dtstart", session.starts_at)
    event.add("dtend", session.ends_at)
    event.add("summary", vText(f"{name_of(session.session_type)}: {session.host} / {seat.name}"))
    event.add("status", status)
    event.add("transp", "OPAQUE")
    if session.where:
        event.add("location", vText(session.where))
    if session.cancel_reason:
        event.add("comment", vText(session.cancel_reason))
    if address:
        event.add("description", vText(address))
        event.add("url", address)
    # Calendars take a change from nobody but who invited: a host may be another after it, the company is the same.
    event["organizer"] = _person(settings.COMPANY_NAME, parseaddr(settings.DEFAULT_FROM_EMAIL)[1])
    event.add("attendee", _attendee(seat.name, seat.email, "REQ-PARTICIPANT"), encode=False)
    event.add("attendee", _attendee(str(session.host), session.host.email, "CHAIR"), encode=False)
    calendar.add_component(event)
    return calendar.to_ical().decode()


def uid_of(session: Session, seat: Seat) -> str:
    """Of a group each person has an entry of their own: one seat canceled cancels no other's. Who changes over to
    another session keeps theirs."""
    if seat.entry:
        return seat.entry
    own = f"-{seat.pk}" if session.seats > 1 else ""
    return f"{session.uid}{own}{uid_end()}"


def uid_end() -> str:
    """What the UIDs of all our sessions end with."""
    return f"@{urlsplit(settings.BASE_URL).hostname or 'tenure'}"


def sequence_of(session: Session, seat: Seat) -> int:
    """A seat that was given up in a group that goes on: one more than what was sent."""
    given_up = session.seats > 1 and seat.canceled_at is not None and session.canceled_at is None
    return session.sequence + seat.changes + int(given_up)


def _attendee(name: str, email: str, role: str) -> vCalAddress:
    person = _person(name, email)
    person.params["ROLE"], person.params["PARTSTAT"], person.params["RSVP"] = role, "ACCEPTED", "FALSE"
    return person


def _person(name: str, email: str) -> vCalAddress:
    person = vCalAddress(f"mailto:{email}")
    # Parameters cannot hold a quote or a control character, whatever is done about them.
    person.params["CN"] = vText(one_header_line(name).replace('"', "'"))
    return person
