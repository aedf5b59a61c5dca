"""A checklist as its readers see it: what is next, what waits for what, what is done and by whom. In a fixed number of
queries."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.utils import timezone, translation
from django.utils.translation import ngettext

from accounts.domain.links import token_of
from accounts.models import Account, Contact
from onboarding.domain.letters import address_of
from onboarding.domain.progress import is_overdue
from onboarding.domain.templates.texts import StepText, text_of
from onboarding.domain.wording import in_words, name_of
from onboarding.enums import ChecklistStatus, SeatStatus, SessionStatus, StepOwner, StepState
from onboarding.models import Checklist, ChecklistStep, Seat, Session, SessionType


@dataclass(frozen=True)
class Booked:
    """The session that a step is about, once it is booked."""

    starts_at: datetime
    host: str
    url: str  # of the booking, for whose seat it is


@dataclass(frozen=True)
class Item:
    row: ChecklistStep
    said: StepText
    late: bool
    waits_for: list[str]  # titles of what must be done first
    session: SessionType | None = None
    booked: Booked | None = None

    @property
    def pk(self) -> int:
        return self.row.pk

    @property
    def title(self) -> str:
        return self.said.title

    @property
    def state(self) -> str:
        return self.row.state

    @property
    def is_open(self) -> bool:
        return self.row.state == StepState.OPEN

    @property
    def is_blocked(self) -> bool:
        return self.row.state == StepState.BLOCKED

    @property
    def is_done(self) -> bool:
        return self.row.state == StepState.DONE

    @property
    def is_closed(self) -> bool:
        return self.row.state in StepState.closed()

    @property
    def is_customers(self) -> bool:
        return self.row.step.owner == StepOwner.CUSTOMER

    @property
    def by_itself(self) -> bool:
        """It was ticked by what somebody did."""
        return self.is_done and not (self.row.closed_by_id or self.row.closed_by_contact_id)

    @property
    def ticks_itself(self) -> bool:
        return bool(self.row.step.auto_action)

    @property
    def action(self) -> str:
        """What ticks it, as people read it: board_opened is a program's way of writing."""
        return in_words(self.row.step.auto_action)

    @property
    def closed_by(self) -> str:
        return str(self.row.closed_by or self.row.closed_by_contact or "")

    @property
    def closed_on(self) -> date | None:
        return timezone.localtime(self.row.closed_at).date() if self.row.closed_at else None

    @property
    def video_site(self) -> str:
        return (urlsplit(self.row.step.video_url).hostname or "").removeprefix("www.")

    @property
    def session_name(self) -> str:
        return name_of(self.session) if self.session else ""


@dataclass(frozen=True)
class Shown:
    checklist: Checklist
    items: list[Item]
    next: Item | None = None

    @property
    def is_running(self) -> bool:
        return self.checklist.status == ChecklistStatus.RUNNING

    @property
    def is_finished(self) -> bool:
        return self.checklist.status == ChecklistStatus.FINISHED

    @property
    def done(self) -> int:
        return self.checklist.required_done

    @property
    def of(self) -> int:
        return self.checklist.required_steps

    @property
    def finished_on(self) -> date | None:
        at = self.checklist.finished_at
        return timezone.localtime(at).date() if at else None

    @property
    def time_to_value(self) -> str:
        """From the start to the activation; what was reached before took no time."""
        at, started = self.checklist.activated_at, self.checklist.started_at
        hours = max(at - started, timedelta(0)) // timedelta(hours=1) if at else 0
        if hours < 48:
            return ngettext("after %(n)s hour", "after %(n)s hours", hours) % {"n": hours}
        return ngettext("after %(n)s day", "after %(n)s days", hours // 24) % {"n": hours // 24}

    @property
    def ahead(self) -> list[Item]:
        """What comes after the next one: what can be done, then what waits."""
        rest = [item for item in self.items if not item.is_closed and item is not self.next]
        return sorted(rest, key=lambda item: (item.is_blocked, item.row.due_on or date.max, item.row.step.position))

    @property
    def closed(self) -> list[Item]:
        """The latest first; what does not apply to them is nobody's concern."""
        found = [item for item in self.items if item.is_closed and item.state != StepState.NOT_APPLICABLE]
        return sorted(found, key=lambda item: item.row.closed_at or self.checklist.started_at, reverse=True)


def latest_of(account: Account) -> Checklist | None:
    """The one that runs, else the last one there was."""
    rows = account.checklists.select_related("version__template", "account")
    latest = list(rows.order_by("-started_at", "-pk")[:10])
    return next((row for row in latest if row.status == ChecklistStatus.RUNNING), latest[0] if latest else None)


def shown(checklist: Checklist, *, contact: Contact | None = None) -> Shown:
    """In the language that is active. With `contact`, what is next is the next of the customer's own."""
    rows = list(
        ChecklistStep.objects.filter(checklist=checklist)
        .select_related("step__session_type", "closed_by", "closed_by_contact")
        .order_by("step__position", "pk")
    )
    sessions = _booked(checklist.account_id, rows, contact)
    items = [_item(row, rows, checklist, sessions) for row in rows]
    return Shown(checklist, items, _next(items, theirs=contact is not None))


def _item(
    row: ChecklistStep, rows: Iterable[ChecklistStep], checklist: Checklist, sessions: Mapping[int, Booked]
) -> Item:
    step, language = row.step, translation.get_language() or ""
    waits_for = [
        text_of(other.step, language).title
        for other in rows
        if row.state == StepState.BLOCKED and other.step.key in step.after and other.state not in StepState.closed()
    ]
    late = (
        row.state == StepState.OPEN
        and step.required
        and checklist.status == ChecklistStatus.RUNNING
        and row.due_on is not None
        and is_overdue(row.due_on, checklist.account.time_zone, timezone.now())
    )
    kind = step.session_type if step.session_type and step.session_type.active else None
    return Item(row, text_of(step, language), late, waits_for, kind, sessions.get(step.session_type_id or 0))


def _next(items: Sequence[Item], *, theirs: bool) -> Item | None:
    """Of what can be done now what is due first, the optional last; for the customer, of theirs if there is any."""
    doable = [item for item in items if item.is_open]
    own = [item for item in doable if item.is_customers or item.session] if theirs else doable
    return min(own or doable, key=_turn, default=None)


def _turn(item: Item) -> tuple[bool, date, int]:
    step = item.row.step
    return not step.required, item.row.due_on or date.max, step.position


def _booked(account_id: int, rows: Iterable[ChecklistStep], contact: Contact | None) -> dict[int, Booked]:
    """By session type, the next session of theirs that is not over. Its address is of whose seat it is alone."""
    open_ones = [row for row in rows if row.state not in StepState.closed()]
    types = {row.step.session_type_id for row in open_ones if row.step.session_type_id}
    if not types:
        return {}
    seats = Seat.objects.filter(
        contact__account=account_id,
        status=SeatStatus.BOOKED,
        session__session_type__in=types,
        session__status=SessionStatus.CONFIRMED,
        session__ends_at__gt=timezone.now(),
    ).select_related("session__host")
    found: dict[int, Booked] = {}
    for seat in seats.order_by("-session__starts_at"):
        session: Session = seat.session
        url = address_of(seat) if contact and seat.contact_id == contact.pk else ""
        found[session.session_type_id] = Booked(session.starts_at, str(session.host), url)
    return found


def portal_part(link: Any) -> dict[str, Any] | None:
    """What the customer's home shows of it; nothing where there is nothing to do or to be proud of."""
    checklist = latest_of(link.contact.account)
    if checklist is None or checklist.status == ChecklistStatus.CANCELED:
        return None
    token = token_of(link.key, link.purpose)
    return {"shown": shown(checklist, contact=link.contact), "contact": link.contact, "token": token}
