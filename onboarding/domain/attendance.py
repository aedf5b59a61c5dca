"""After a session: who came, what was learned, what comes next. All of it can be corrected."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.domain.activity import Who, record
from accounts.domain.text import one_line, prose
from accounts.exceptions import Conflict
from onboarding.domain.telling import tell
from onboarding.enums import SeatStatus, SessionStatus
from onboarding.models import Seat, Session

TAGS, TAG_LENGTH = 20, 60


@transaction.atomic
def mark(seat: Seat, came: bool | None, *, by: Who) -> Session:
    """That they came, or did not; None takes it back. Not before it begins: nobody is late for tomorrow."""
    session = (
        Session.objects.select_for_update(of=("self",)).select_related("session_type", "host").get(pk=seat.session_id)
    )
    seat.refresh_from_db(fields=["status"])
    if session.status == SessionStatus.CANCELED or seat.status == SeatStatus.CANCELED:
        raise Conflict(_("This booking has been canceled."), code="canceled")
    if session.starts_at > timezone.now():
        raise Conflict(_("This session has not begun yet."), code="too_early")
    status = {True: SeatStatus.ATTENDED, False: SeatStatus.NO_SHOW, None: SeatStatus.BOOKED}[came]
    if seat.status == status:
        return session
    seat.status = status
    seat.save(update_fields=["status"])
    _settle(session)
    kind = {True: "session.attended", False: "session.no_show", None: "session.unmarked"}[came]
    tell(session, kind, seat, by)
    return session


def _settle(session: Session) -> None:
    """It took place if anybody came; it did not if everybody stayed away."""
    seats = set(session.attendees.exclude(status=SeatStatus.CANCELED).values_list("status", flat=True))
    if SeatStatus.ATTENDED in seats:
        session.status = SessionStatus.ATTENDED
    elif seats == {SeatStatus.NO_SHOW}:
        session.status = SessionStatus.NO_SHOW
    else:
        session.status = SessionStatus.CONFIRMED
    session.ended_at = None if session.status == SessionStatus.CONFIRMED else timezone.now()
    session.save(update_fields=["status", "ended_at"])


@transaction.atomic
def take_down(session: Session, *, by: Who, notes: str, friction: Iterable[str] = (), next_step: str = "") -> Session:
    """Takeaways, friction points (as tags) and the next step; on the account's timeline."""
    session.notes = prose(notes, 20_000, field="notes")
    session.friction = _tags(friction)
    session.next_step = one_line(next_step, 400, field="next_step")
    session.save(update_fields=["notes", "friction", "next_step"])
    if session.account_id:
        record(
            session.account_id,
            "session.noted",
            by=by,
            session=session.pk,
            notes=session.notes,
            friction=", ".join(session.friction),
            next_step=session.next_step,
        )
    return session


def _tags(given: Iterable[str]) -> list[str]:
    """Lower-cased and each once, so that the report counts what is the same as the same."""
    tags = [one_line(tag, TAG_LENGTH, field="friction").lower() for tag in given]
    return list(dict.fromkeys(tag for tag in tags if tag))[:TAGS]
