"""One session: who comes and what they answered, whose it is, what was learned. For the team."""

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.domain.retelling import title_of
from accounts.domain.timeline import Entry
from accounts.enums import Stage
from accounts.http import Request
from accounts.models import Account, Activity, User
from accounts.models.followup import OPEN
from onboarding.domain import agenda, board
from onboarding.domain.attendance import accounts_of
from onboarding.domain.questions import questions_of
from onboarding.domain.wording import about, name_of, when
from onboarding.enums import ChecklistStatus, SeatStatus, SessionStatus
from onboarding.models import Checklist, Seat, Session
from onboarding.views.board.rows import Row, rows_of

HISTORY, EARLIER, FOLLOW_UPS, ACCOUNTS = 30, 5, 5, 12
TONES = {
    SessionStatus.CONFIRMED: "accent",
    SessionStatus.ATTENDED: "green",
    SessionStatus.NO_SHOW: "red",
    SessionStatus.CANCELED: "grey",
}
SEAT_TONES = {
    SeatStatus.BOOKED: "grey",
    SeatStatus.ATTENDED: "green",
    SeatStatus.NO_SHOW: "red",
    SeatStatus.CANCELED: "grey",
}


def the_session(user: User, pk: int, permission: str = "onboarding.view") -> Session:
    """A 404 for who may not; what is only held is no session yet."""
    related = ("session_type", "host", "account__csm", "account__segment")
    row = get_object_or_404(Session.objects.exclude(status=SessionStatus.HELD).select_related(*related), pk=pk)
    if not user.may(permission, row):
        raise Http404
    return row


@dataclass(frozen=True)
class Place:
    """A seat with what its person answered."""

    seat: Seat
    answers: list[tuple[str, str]]

    @property
    def tone(self) -> str:
        return SEAT_TONES[SeatStatus(self.seat.status)]

    @property
    def canceled(self) -> bool:
        return self.seat.status == SeatStatus.CANCELED


@require_safe
def session(request: Request, pk: int) -> HttpResponse:
    return shown(request, the_session(request.user, pk))


def shown(request: Request, row: Session, *, status: int = 200, **more: Any) -> HttpResponse:
    return render(request, "onboarding/session/page.html", context(request, row, **more), status=status)


def context(request: Request, row: Session, **more: Any) -> dict[str, Any]:
    now, accounts = timezone.now(), accounts_of(row)
    may_work = request.user.may("onboarding.work", row)
    open_ = row.status == SessionStatus.CONFIRMED
    return {
        "s": row,
        "what": name_of(row.session_type),
        "about": about(row.session_type),
        "when": when(row, ZoneInfo(timezone.get_current_timezone_name())),
        "tone": TONES[SessionStatus(row.status)],
        "places": (found := places(row)),
        "anybody": any(place.seat.status == SeatStatus.BOOKED for place in found),
        "accounts": accounts[:ACCOUNTS],
        "more_accounts": max(len(accounts) - ACCOUNTS, 0),
        "alone": accounts[0] if len(accounts) == 1 else None,
        "begun": row.starts_at <= now,
        "running": row.starts_at <= now < row.ends_at,
        "group": row.seats > 1,
        "may_work": may_work,
        "may_mark": may_work and row.status != SessionStatus.CANCELED and row.starts_at <= now,
        "may_change": may_work and open_ and row.starts_at > now,
        "history": history(row, accounts),
        **(_of(accounts[0], row) if len(accounts) == 1 else {}),
        **more,
    }


def places(row: Session) -> list[Place]:
    asked = {question.key: question.text for question in questions_of(row.session_type)}
    seats = row.attendees.select_related("contact__account").order_by("status", "pk")
    return [Place(seat, [(asked.get(key, key), str(said)) for key, said in seat.answers.items()]) for seat in seats]


def history(row: Session, accounts: list[Account]) -> list[Entry]:
    about_it = Activity.objects.filter(
        account_id__in=[account.pk for account in accounts], kind__startswith="session.", data__session=row.pk
    )
    return [Entry(a) for a in about_it.select_related("actor").order_by("-occurred_at", "-id")[:HISTORY]]


def _of(account: Account, row: Session) -> dict[str, Any]:
    """What one wants to know of a customer before one talks to them."""
    earlier = [item for item in agenda.of_account(account, most=EARLIER + 1) if item.pk != row.pk]
    waiting = account.follow_ups.filter(OPEN).select_related("assignee", "activity").order_by("due_at")
    return {
        "band": "" if account.stage == Stage.CHURNED else account.band,
        "onboarding": checklist_of(account),
        "earlier": earlier[:EARLIER],
        "follow_ups": [(one, title_of(one)) for one in waiting[:FOLLOW_UPS]],
    }


def checklist_of(account: Account) -> Row | None:
    """The running one, else the last one."""
    found = Checklist.objects.filter(account=account).select_related("account", "version__template")
    one = found.filter(status=ChecklistStatus.RUNNING).first() or found.order_by("-started_at").first()
    return rows_of(board.cards_of([one]))[0] if one else None
