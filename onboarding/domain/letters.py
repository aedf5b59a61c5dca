"""Mails about sessions: the invitation for the calendar comes along."""

from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from accounts.domain.languages import first_supported
from accounts.domain.links import token_of
from accounts.domain.mails import Letter, write_mail, write_mails
from onboarding.domain.invitations import cancellation, request
from onboarding.domain.wording import about, name_of, when
from onboarding.models import Seat, Session

PURPOSE = "booking"  # the signature of booking links holds for nothing else


def address_of(seat: Seat) -> str:
    """Where the person sees, moves and cancels their booking."""
    return settings.BASE_URL + path_of(seat)


def path_of(seat: Seat) -> str:
    """The same within the site."""
    return reverse("booking", args=[token_of(seat.key, PURPOSE)])


def write_booked(session: Session, seat: Seat) -> None:
    write_mail(_letter(session, seat, "session.booked", "session_booked", _invitation(session, seat)))


def write_moved(session: Session, seat: Seat) -> None:
    write_mail(_letter(session, seat, "session.moved", "session_moved", _invitation(session, seat)))


def write_canceled(session: Session, seat: Seat) -> None:
    with translation.override(language_of(seat)):
        file = _file("CANCEL", cancellation(session, seat))
    write_mail(_letter(session, seat, "session.canceled", "session_canceled", file))


def write_reminders(due: Iterable[tuple[Seat, int]]) -> None:
    """One for each person; the key makes it one, whoever asks how often."""
    write_mails(
        _letter(seat.session, seat, "session.reminder", "session_reminder", None, hours=hours) for seat, hours in due
    )


def language_of(seat: Seat) -> str:
    return first_supported(seat.language, seat.contact.language if seat.contact else "")


def zone_of(seat: Seat, session: Session) -> ZoneInfo:
    account = seat.contact.account if seat.contact else session.account
    return ZoneInfo(seat.time_zone or str(account.time_zone if account else "UTC"))


def _letter(
    session: Session, seat: Seat, kind: str, template: str, file: Mapping[str, str] | None, **context: Any
) -> Letter:
    with translation.override(language_of(seat)):
        facts = {
            "seat": seat,
            "session": session,
            "host": session.host,
            "what": name_of(session.session_type),
            "about": about(session.session_type),
            "url": address_of(seat),
            "when": when(session, zone_of(seat, session)),
            **context,
        }
    suffix = f" {context['hours']}h" if "hours" in context else ""
    return Letter(
        kind=kind,
        key=f"{kind} {seat.pk} {session.sequence}{suffix}",
        contact=seat.contact,
        to=seat.email,
        account_id=seat.contact.account_id if seat.contact else session.account_id,
        language=language_of(seat),
        zone=zone_of(seat, session),
        template=template,
        context=facts,
        attachments=[file] if file else [],
    )


def _invitation(session: Session, seat: Seat) -> dict[str, str]:
    with translation.override(language_of(seat)):
        return _file("REQUEST", request(session, seat, address_of(seat)))


def _file(method: str, content: str) -> dict[str, str]:
    return {"name": "invite.ics", "type": f"text/calendar; method={method}", "content": content}
