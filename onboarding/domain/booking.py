"""Booking: hold, book, move, cancel (RULES 5, B6 to B10).

Whoever submits is asked the same question as the list was made by, in one transaction that holds the hosts' rows;
the database's exclusion constraint stands behind it. Of n people on one slot one has it, the others are told.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.domain.account_values import zones
from accounts.domain.activity import Who
from accounts.domain.contacts import clean_email
from accounts.domain.links import KEY_BYTES
from accounts.domain.text import one_line
from accounts.exceptions import Conflict, DomainError
from accounts.models import Account, Contact
from onboarding.domain import pools, reminding, repeats
from onboarding.domain.hosts import host_ids
from onboarding.domain.letters import write_booked
from onboarding.domain.offers import Offer, offered_at
from onboarding.domain.telling import tell
from onboarding.enums import SeatStatus, SessionStatus
from onboarding.models import PoolHost, Seat, Session, SessionType

HOLD = timedelta(minutes=5)


class SlotGone(Conflict):
    """Somebody was faster, or it was never to be had: the page shows what is free now and keeps what was typed."""

    code = "slot_gone"


def slot_gone() -> SlotGone:
    return SlotGone(_("This time is not free any more. Please choose another one."))


@dataclass(frozen=True)
class Visitor:
    """Who books: a contact by their link, or somebody nobody knows yet."""

    name: str
    email: str
    contact: Contact | None = None
    language: str = ""
    time_zone: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)
    # Of who changes over from another session: their links lead to the new booking, and their calendar's entry goes on.
    key: str = ""
    entry: str = ""
    sequence: int = 0

    @classmethod
    def of(cls, contact: Contact, *, time_zone: str = "", answers: Mapping[str, Any] | None = None) -> "Visitor":
        zone = time_zone or str(contact.time_zone or contact.account.time_zone)
        return cls(str(contact), contact.email, contact, contact.language, zone, answers or {})


def clean_visitor(visitor: Visitor) -> Visitor:
    name = one_line(visitor.name, 160, field="name")
    if not name:
        sentence = _("Please tell us your name.")
        raise DomainError(sentence, code="invalid", errors={"name": [sentence]})
    if visitor.time_zone and visitor.time_zone not in zones():
        sentence = _("There is no time zone “%(zone)s”.") % {"zone": visitor.time_zone[:64]}
        raise DomainError(sentence, code="invalid", errors={"time_zone": [sentence]})
    return replace(visitor, name=name, email=clean_email(visitor.email))


# Holding a slot while its form is open ----------------------------------------------------------


@transaction.atomic
def hold(
    kind: SessionType, start: datetime, key: str, *, account: Account | None = None, held_for: str = ""
) -> Session | None:
    """For five minutes nobody else gets it; a new hold of the same visitor lets go of their last. Group sessions have
    seats and are not held: None. `held_for`: who it is, or where they come from."""
    if kind.seats > 1:
        release(key)
        return None
    offer = offer_for(kind, start, account=account, hold_key=key)
    release(key)
    repeats.check_held(held_for)
    return _insert(
        kind,
        offer,
        host_in_turn(kind, offer),
        account=account,
        status=SessionStatus.HELD,
        held_until=timezone.now() + HOLD,
        held_by=key,
        held_for=held_for,
    )


def release(key: str) -> None:
    if key:
        Session.objects.filter(status=SessionStatus.HELD, held_by=key).delete()


def drop_expired_holds() -> int:
    return Session.objects.filter(status=SessionStatus.HELD, held_until__lte=timezone.now()).delete()[0]


# Booking ----------------------------------------------------------------------------------------


@transaction.atomic
def book(
    kind: SessionType,
    start: datetime,
    visitor: Visitor,
    *,
    by: Who = None,
    account: Account | None = None,
    hold_key: str = "",
) -> Seat:
    """A seat at that time, or SlotGone. Sent twice by the same person, it is the same booking."""
    visitor = clean_visitor(visitor)
    if not kind.active:
        raise DomainError(_("This session is not offered any more."), code="not_offered", status=409)
    account = account or (visitor.contact.account if visitor.contact else None)
    seat, new = seat_at(kind, start, visitor, account=account, hold_key=hold_key)
    if new:
        tell(seat.session, "session.booked", seat, by)
        write_booked(seat.session, seat)
    return seat


def seat_at(
    kind: SessionType, start: datetime, visitor: Visitor, *, account: Account | None, hold_key: str = ""
) -> tuple[Seat, bool]:
    """Their seat at that time, and whether it is new; nobody is told yet. Inside a transaction."""
    lock_hosts(kind, account)
    if seat := _booked_already(kind, start, visitor):
        return seat, False
    if not visitor.key:
        repeats.check_coming(kind, visitor.email)
    offer = offer_for(kind, start, account=account, hold_key=hold_key)
    release(hold_key)
    session = _group(offer.session_id) if offer.session_id else _open(kind, offer, account)
    return _sit(session, visitor), True


def _booked_already(kind: SessionType, start: datetime, visitor: Visitor) -> Seat | None:
    seats = Seat.objects.select_related("session__session_type", "session__host", "contact__account")
    return seats.filter(
        session__session_type=kind,
        session__starts_at=start,
        session__status=SessionStatus.CONFIRMED,
        email=visitor.email,
        status=SeatStatus.BOOKED,
    ).first()


def lock_hosts(kind: SessionType, account: Account | None) -> None:
    """One booking of a host after the other. In order of id, and before any session is locked: two never wait for each
    other in a circle."""
    hosts = host_ids(kind, account)
    with connection.cursor() as cursor:
        cursor.execute(
            "select 1 from onboarding_schedule where user_id = any(%s) order by user_id for no key update",
            [hosts],
        )
        # Holds that have run out stand in the constraint's way until they are gone.
        cursor.execute(
            "delete from onboarding_session where status = 'held' and held_until <= %s and host_id = any(%s)",
            [timezone.now(), hosts],
        )


def offer_for(
    kind: SessionType,
    start: datetime,
    *,
    account: Account | None,
    hold_key: str = "",
    without: Session | None = None,
) -> Offer:
    lock_hosts(kind, account)
    offer = offered_at(kind, start, account=account, hold_key=hold_key, without=without)
    if offer is None:
        raise slot_gone()
    return offer


def _open(kind: SessionType, offer: Offer, account: Account | None) -> Session:
    session = _insert(kind, offer, host_in_turn(kind, offer), account=account if kind.seats == 1 else None)
    reminding.plan(session)
    return session


def host_in_turn(kind: SessionType, offer: Offer) -> int:
    """Of those who are free, whose turn it is."""
    if len(offer.hosts) == 1 and not kind.hosts.exists():
        return offer.hosts[0]
    rows = list(kind.hosts.select_for_update(no_key=True).order_by("user_id"))
    members = [pools.Member(r.user_id, r.weight, r.assigned, r.assigned_at, Fraction(r.calibration)) for r in rows]
    turn = pools.in_turn(members, offer.hosts)
    if not turn:
        return offer.hosts[0]
    chosen = int(turn[0].id)
    PoolHost.objects.filter(session_type=kind, user_id=chosen).update(
        assigned=F("assigned") + 1, assigned_at=timezone.now()
    )
    return chosen


def _insert(kind: SessionType, offer: Offer, host: int, **fields: Any) -> Session:
    try:
        with transaction.atomic():
            return Session.objects.create(
                session_type=kind,
                host_id=host,
                starts_at=offer.start,
                ends_at=offer.start + timedelta(minutes=kind.minutes),
                before=kind.before,
                after=kind.after,
                seats=kind.seats,
                where=kind.where,
                **fields,
            )
    except IntegrityError:  # the exclusion constraint: somebody came by another way
        raise slot_gone() from None


def _group(pk: int) -> Session:
    return Session.objects.select_related("session_type", "host").get(pk=pk)


def _sit(session: Session, visitor: Visitor) -> Seat:
    """A conditional update takes the seat: the last one goes to one person, whoever else asks at the same time."""
    taken = Session.objects.filter(pk=session.pk, status=SessionStatus.CONFIRMED, seats_taken__lt=F("seats")).update(
        seats_taken=F("seats_taken") + 1
    )
    if not taken:
        raise SlotGone(_("All seats of this session are taken. Please choose another one."), code="full")
    session.refresh_from_db(fields=["seats_taken"])
    try:
        with transaction.atomic():
            return Seat.objects.create(
                session=session,
                key=visitor.key or secrets.token_urlsafe(KEY_BYTES),
                contact=visitor.contact,
                name=visitor.name,
                email=visitor.email,
                language=visitor.language,
                time_zone=visitor.time_zone,
                answers=dict(visitor.answers),
                entry=visitor.entry,
                changes=max(visitor.sequence - session.sequence, 0),
            )
    except IntegrityError:
        raise Conflict(_("You have a seat in this session already."), code="booked_already") from None
