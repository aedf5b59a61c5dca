"""After a session: who came, what was learned, what comes next. All of it can be corrected."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import formats
from accounts.domain import followups
from accounts.domain.activity import Fact, Who, record_many
from accounts.domain.text import one_line, prose
from accounts.exceptions import Conflict
from accounts.models import Account, Activity, FollowUp, User
from onboarding.domain.telling import tell
from onboarding.domain.wording import name_of
from onboarding.enums import SeatStatus, SessionStatus
from onboarding.models import Seat, Session

TAGS, TAG_LENGTH = 20, 60
LATELY = timedelta(days=180)


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


def came_after_all(activities: Sequence[Activity]) -> None:
    """A no-show that is taken back leaves nobody to be asked again; one of several still does."""
    waiting = FollowUp.objects.open().filter(
        kind="no_show",
        occurrences=1,
        account__in={activity.account_id for activity in activities},
        activity__data__session__in=[activity.data["session"] for activity in activities],
    )
    marked = {(a.account_id, a.data["session"], a.data["contact"]): a for a in activities}
    for row in waiting.select_related("activity"):
        about = row.activity.data if row.activity else {}
        found = marked.get((row.account_id, about.get("session"), about.get("contact")))
        if found and found.pk > (row.activity_id or 0):
            followups.cancel(row, by=None, why=_("Attendance taken back"))


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


@dataclass(frozen=True)
class FollowUpWanted:
    """The next step as somebody's work: about whom, whose, by when."""

    account: Account
    assignee: User | None
    due_at: datetime


@transaction.atomic
def take_down(
    session: Session,
    *,
    by: Who,
    notes: str,
    friction: Iterable[str] = (),
    next_step: str = "",
    follow_up: FollowUpWanted | None = None,
) -> Session:
    """Takeaways, friction points (as tags) and the next step; on the timeline of all whose session it was. Said twice,
    it is told once."""
    written = prose(notes, 20_000, field="notes"), _tags(friction), one_line(next_step, 400, field="next_step")
    if written != (session.notes, session.friction, session.next_step):
        session.notes, session.friction, session.next_step = written
        session.save(update_fields=["notes", "friction", "next_step"])
        _tell_what_was_noted(session, by)
    if follow_up:
        _open(session, follow_up, by)
    return session


def _tell_what_was_noted(session: Session, by: Who) -> None:
    facts = {
        "session": session.pk,
        "notes": session.notes,
        "friction": ", ".join(session.friction),
        "next_step": session.next_step,
    }
    record_many([Fact(account.pk, "session.noted", facts) for account in accounts_of(session)], by=by)


def _open(session: Session, wanted: FollowUpWanted, by: Who) -> None:
    followups.open_by_hand(
        wanted.account,
        by=by,
        title=one_line(session.next_step, 240, field="next_step"),
        due_at=wanted.due_at,
        assignee=wanted.assignee,
        note=_("Next step after %(type)s on %(day)s.")
        % {"type": name_of(session.session_type), "day": formats.day(timezone.localdate(session.starts_at))},
    )


def accounts_of(session: Session) -> list[Account]:
    """Whose session it is: its own account's, or that of everybody who has a seat. A prospect has none."""
    if session.account:
        return [session.account]
    seats = session.attendees.exclude(status=SeatStatus.CANCELED)
    return list(Account.objects.filter(pk__in=seats.values("contact__account")).select_related("csm").order_by("name"))


SUGGESTED = """
select tag from onboarding_session, unnest(friction) tag where starts_at >= %(since)s
group by tag order by count(*) desc, tag limit %(most)s
"""


def suggestions(*, most: int = 15) -> list[str]:
    """Friction points that were named most of late: what is the same should be called the same."""
    with connection.cursor() as cursor:
        cursor.execute(SUGGESTED, {"since": timezone.now() - LATELY, "most": most})
        return [tag for (tag,) in cursor.fetchall()]


def _tags(given: Iterable[str]) -> list[str]:
    """Lower-cased and each once, so that the report counts what is the same as the same."""
    tags = [one_line(tag, TAG_LENGTH, field="friction").lower() for tag in given]
    return list(dict.fromkeys(tag for tag in tags if tag))[:TAGS]
