"""What the customer's own page shows of sessions: those that are coming, and what can be booked."""

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from accounts.domain.links import token_of
from onboarding.domain.letters import path_of
from onboarding.domain.wording import When, about, name_of, when
from onboarding.enums import SeatStatus, SessionStatus
from onboarding.models import Seat, SessionType

MOST = 10


@dataclass(frozen=True)
class Coming:
    what: str
    host: str
    when: When
    url: str


@dataclass(frozen=True)
class Bookable:
    slug: str
    name: str
    about: str
    minutes: int


def portal_part(link: Any) -> dict[str, Any] | None:
    """Nothing where nothing is booked and nothing can be."""
    zone = ZoneInfo(timezone.get_current_timezone_name())
    seats = Seat.objects.filter(
        contact=link.contact, status=SeatStatus.BOOKED, session__status=SessionStatus.CONFIRMED,
        session__ends_at__gt=timezone.now(),
    ).select_related("session__session_type", "session__host")  # fmt: skip
    coming = [_coming(seat, zone) for seat in seats.order_by("session__starts_at", "pk")[:MOST]]
    kinds = SessionType.objects.filter(active=True).order_by("slug")[:MOST]
    bookable = [Bookable(kind.slug, name_of(kind), about(kind), kind.minutes) for kind in kinds]
    if not coming and not bookable:
        return None
    return {"coming": coming, "bookable": bookable, "token": token_of(link.key, link.purpose)}


def _coming(seat: Seat, zone: ZoneInfo) -> Coming:
    session = seat.session
    return Coming(name_of(session.session_type), str(session.host), when(session, zone), path_of(seat))
