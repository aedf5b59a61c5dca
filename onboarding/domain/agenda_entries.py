"""Sessions as entries of the calendars that the team subscribes to."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy, ngettext

from accounts import formats
from accounts.registry import CalendarEntry, CalendarSource
from onboarding.domain.invitations import uid_end
from onboarding.domain.wording import name_of
from onboarding.enums import SeatStatus, SessionStatus
from onboarding.models import Seat, Session

BEHIND, AHEAD = timedelta(days=60), timedelta(days=400)
MOST = 3000
NAMED = 12  # of a group


def load(user: Any, team: bool) -> Sequence[CalendarEntry]:
    """Those that one hosts (or everybody's); canceled ones too, so that programs take them out."""
    now = timezone.now()
    rows = Session.objects.filter(starts_at__gte=now - BEHIND, starts_at__lt=now + AHEAD)
    rows = (
        rows.exclude(status=SessionStatus.HELD) if team else rows.exclude(status=SessionStatus.HELD).filter(host=user)
    )
    rows = (
        rows.select_related("session_type", "host", "account").prefetch_related("attendees").order_by("starts_at", "pk")
    )
    return [_entry(session, team) for session in rows[:MOST]]


def _entry(session: Session, team: bool) -> CalendarEntry:
    seats = [seat for seat in session.attendees.all() if seat.status != SeatStatus.CANCELED]
    url = _address(session)
    return CalendarEntry(
        uid=f"{session.uid}{uid_end()}",
        sequence=session.sequence,
        start=session.starts_at,
        end=session.ends_at,
        title=_title(session, seats, team),
        changed_at=session.canceled_at or max([session.created_at, *(seat.booked_at for seat in seats)]),
        text="\n".join([*_lines(session, seats), *([url] if url else [])]),
        url=url,
        canceled=session.status == SessionStatus.CANCELED,
    )


def _title(session: Session, seats: list[Seat], team: bool) -> str:
    who = str(session.account) if session.account else (seats[0].name if len(seats) == 1 else "")
    who = who or (_seats(session) if session.seats > 1 else "")
    parts = [name_of(session.session_type), who, str(session.host) if team else ""]
    return " · ".join(part for part in parts if part)


def _seats(session: Session) -> str:
    return ngettext("%(taken)s of %(seats)s seat", "%(taken)s of %(seats)s seats", session.seats) % {
        "taken": session.seats_taken,
        "seats": session.seats,
    }


def _lines(session: Session, seats: list[Seat]) -> list[str]:
    lines = [f"{seat.name} <{seat.email}>" for seat in seats[:NAMED]]
    if len(seats) > NAMED:
        lines.append(_seats(session))
    lines += [formats.labelled(question, answer) for seat in seats[:NAMED] for question, answer in seat.answers.items()]
    return [*lines, session.where] if session.where else lines


def _address(session: Session) -> str:
    try:
        return settings.BASE_URL + reverse("onboarding:session", args=[session.pk])
    except NoReverseMatch:
        return ""


SOURCE = CalendarSource("sessions", gettext_lazy("Sessions with customers"), load, 20)
