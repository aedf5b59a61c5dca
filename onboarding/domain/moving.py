"""Moving and canceling: a booking stays one row with one UID, so that old links lead to where it is now (B9, B10)."""

import secrets
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.domain.activity import Who
from accounts.domain.links import KEY_BYTES
from accounts.domain.text import one_line
from accounts.exceptions import Conflict
from accounts.models import Account
from onboarding.domain import reminding
from onboarding.domain.booking import Visitor, host_in_turn, lock_hosts, offer_for, release, seat_at, slot_gone
from onboarding.domain.invitations import sequence_of, uid_of
from onboarding.domain.letters import write_canceled, write_moved
from onboarding.domain.offers import Offer, offered_at
from onboarding.domain.telling import tell
from onboarding.enums import HostRule, SeatStatus, SessionStatus
from onboarding.models import Seat, Session


@transaction.atomic
def move(seat: Seat, start: datetime, *, by: Who = None, hold_key: str = "") -> Seat:
    """To another time: one-to-one, the session itself moves and keeps its UID; in a group, the person changes over."""
    lock_hosts(seat.session.session_type, _asks_for(seat))
    if seat.session.seats > 1:
        _lock_both(seat.session, start)
    session = _locked(seat)
    if session.starts_at == start:
        return seat
    if session.seats > 1:
        return _change_over(seat, session, start, by)
    was = _shift(session, start, hold_key=hold_key)
    tell(session, "session.moved", seat, by, before=was)
    write_moved(session, seat)
    seat.session = session
    return seat


@transaction.atomic
def move_session(session: Session, start: datetime, *, by: Who) -> Session:
    """All of it, by one of ours: everybody who has a seat gets a mail, and their calendar's entry moves."""
    lock_hosts(session.session_type, hosted_for(session))
    session = _held(session.pk)
    check_open(session)
    if session.starts_at == start:
        return session
    was = _shift(session, start)
    for seat in session.attendees.filter(status=SeatStatus.BOOKED).select_related("contact__account"):
        tell(session, "session.moved", seat, by, before=was)
        write_moved(session, seat)
    return session


def check_move(seat: Seat, start: datetime) -> None:
    """What move() would refuse as things stand. Nothing changes, and nothing is kept for them."""
    session = seat.session
    check_open(session)
    itself = session if session.seats == 1 else None
    offered = offered_at(session.session_type, start, account=_asks_for(seat), without=itself)
    if offered is None and session.starts_at != start:
        raise slot_gone()


def check_move_session(session: Session, start: datetime) -> None:
    """What move_session() would refuse as things stand."""
    check_open(session)
    offer = offered_at(session.session_type, start, account=hosted_for(session), without=session)
    if offer is None:
        raise slot_gone()
    _check_nobody_there(offer)


def _check_nobody_there(offer: Offer) -> None:
    if offer.session_id:
        raise Conflict(_("Another session of this group begins then."), code="group_there")


def _shift(session: Session, start: datetime, *, hold_key: str = "") -> datetime:
    """The row itself, with its reminders; when it was to begin. The host stays, if they are free then."""
    kind, was = session.session_type, session.starts_at
    offer = offer_for(kind, start, account=hosted_for(session), hold_key=hold_key, without=session)
    _check_nobody_there(offer)
    release(hold_key)
    session.host_id = session.host_id if session.host_id in offer.hosts else host_in_turn(kind, offer)
    session.starts_at, session.ends_at = start, start + timedelta(minutes=kind.minutes)
    session.sequence += 1
    try:
        with transaction.atomic():
            session.save(update_fields=["host_id", "starts_at", "ends_at", "sequence"])
    except IntegrityError:
        raise slot_gone() from None
    session.refresh_from_db()
    reminding.plan(session)
    return was


def _asks_for(seat: Seat) -> Account | None:
    """Whose hosts they move among."""
    if seat.session.seats == 1:
        return hosted_for(seat.session)
    return seat.contact.account if seat.contact else None


def hosted_for(session: Session) -> Account | None:
    """Whose CSM hosts it. A group is nobody's: there, it is one of those who come."""
    if session.account or session.session_type.host_rule != HostRule.CSM:
        return session.account
    return Account.objects.filter(csm=session.host_id, contacts__seats__session=session).order_by("pk").first()


def _lock_both(session: Session, start: datetime) -> None:
    """The group they leave and the one they come to, whoever hosts them. In order of id: two who change places never
    wait for each other."""
    there = Q(session_type=session.session_type_id, starts_at=start, status=SessionStatus.CONFIRMED)
    list(Session.objects.filter(Q(pk=session.pk) | there).order_by("pk").select_for_update().values_list("pk"))


def _change_over(seat: Seat, session: Session, start: datetime, by: Who) -> Seat:
    """Every link that was ever sent leads to the new seat (B10), and the entry in their calendar moves there (B9). One
    they have there already keeps its own: then the entry of this one goes."""
    contact, key = seat.contact, seat.key
    entry, number = uid_of(session, seat), sequence_of(session, seat) + 1
    visitor = Visitor(seat.name, seat.email, contact, seat.language, seat.time_zone, seat.answers, key, entry, number)
    _rename(seat, secrets.token_urlsafe(KEY_BYTES))
    other, new = seat_at(session.session_type, start, visitor, account=_asks_for(seat))
    if not new:
        _rename(seat, key)
    _leave(seat, session)
    if new:
        tell(other.session, "session.moved", other, by, before=session.starts_at)
        write_moved(other.session, other)
    else:
        tell(session, "session.canceled", seat, by, reason="")
        write_canceled(session, seat)
    return other


def _rename(seat: Seat, key: str) -> None:
    seat.key = key
    seat.save(update_fields=["key"])


@transaction.atomic
def cancel(seat: Seat, *, by: Who = None, reason: str = "") -> Seat:
    """Their seat; of a one-to-one session, the session. Said twice, it is said once."""
    if Seat.objects.filter(pk=seat.pk, status=SeatStatus.CANCELED).exists():
        return seat
    session = _locked(seat)
    reason = one_line(reason, 400, field="reason")
    _leave(seat, session)
    if session.seats == 1:
        _end(session, reason)
    tell(session, "session.canceled", seat, by, reason=reason)
    write_canceled(session, seat)
    return seat


@transaction.atomic
def cancel_session(session: Session, *, by: Who, reason: str) -> Session:
    """All of it, by one of ours: everybody who has a seat gets a mail."""
    session = _held(session.pk)
    if session.status == SessionStatus.CANCELED:
        return session
    if session.status != SessionStatus.CONFIRMED:
        raise Conflict(_("This session has taken place: it cannot be canceled any more."), code="over")
    check_open(session)
    reason = one_line(reason, 400, field="reason")
    seats = list(session.attendees.filter(status=SeatStatus.BOOKED).select_related("contact__account"))
    for seat in seats:
        _leave(seat, session)
    _end(session, reason)
    for seat in seats:
        tell(session, "session.canceled", seat, by, reason=reason)
        write_canceled(session, seat)
    return session


def _locked(seat: Seat) -> Session:
    """The session a seat is in, as it stands now; Conflict where nothing can be changed any more."""
    session = _held(seat.session_id)
    seat.refresh_from_db(fields=["status"])
    if seat.status == SeatStatus.CANCELED:
        raise _canceled()
    check_open(session)
    return session


def _held(pk: int) -> Session:
    rows = Session.objects.select_for_update(of=("self",)).select_related("session_type", "host", "account")
    return rows.get(pk=pk)


def check_open(session: Session) -> None:
    """Conflict for what is canceled or has begun."""
    if session.status == SessionStatus.CANCELED:
        raise _canceled()
    if session.status != SessionStatus.CONFIRMED or session.starts_at <= timezone.now():
        raise Conflict(_("This session has begun: it cannot be changed any more."), code="over")


def _canceled() -> Conflict:
    return Conflict(_("This booking has been canceled. You can book another time."), code="canceled")


def _leave(seat: Seat, session: Session) -> None:
    """Seats are counted, not taken off: the session is locked, and a figure that was wrong before is right after."""
    seat.status, seat.canceled_at = SeatStatus.CANCELED, timezone.now()
    seat.save(update_fields=["status", "canceled_at"])
    session.seats_taken = session.attendees.exclude(status=SeatStatus.CANCELED).count()
    session.save(update_fields=["seats_taken"])


def _end(session: Session, reason: str) -> None:
    session.status, session.canceled_at, session.cancel_reason = SessionStatus.CANCELED, timezone.now(), reason
    session.sequence += 1
    session.save(update_fields=["status", "canceled_at", "cancel_reason", "sequence"])
    session.reminders.filter(sent_at__isnull=True).delete()
