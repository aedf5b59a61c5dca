"""What must hold before a follow-up changes. Each rule answers with a sentence, for one row and for many alike."""

from datetime import datetime, timedelta
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils.translation import gettext as _

from accounts import formats
from accounts.domain.followups.endings import ending_of
from accounts.domain.retelling import title_of
from accounts.domain.text import one_line, prose
from accounts.enums import FollowUpStatus, Outcome
from accounts.exceptions import Conflict, DomainError
from accounts.models import Activity, FollowUp, User

OPEN_STATES = {FollowUpStatus.OPEN, FollowUpStatus.SNOOZED}
LONGEST_SNOOZE = timedelta(days=365)
NOTE_LIMIT, REASON_LIMIT = 10_000, 400


def locked(follow_up: FollowUp | int) -> FollowUp:
    """The row as it is now, ours until the transaction ends."""
    pk = follow_up if isinstance(follow_up, int) else follow_up.pk
    rows = FollowUp.objects.select_related("account", "activity", "assignee", "playbook", "closed_by")
    try:
        return rows.select_for_update(of=("self",)).get(pk=pk)
    except FollowUp.DoesNotExist:
        raise DomainError(_("This follow-up does not exist."), code="not_found", status=404) from None


def still_open(row: FollowUp) -> None:
    if row.status in OPEN_STATES:
        return
    by, ending = _who_closed(row), ending_of(row)
    if ending and not ending.by:
        raise Conflict(_("“%(title)s” has closed by itself already.") % {"title": title_of(row)})
    if row.status == FollowUpStatus.CANCELED:
        raise Conflict(_("“%(title)s” was already canceled by %(by)s.") % {"title": title_of(row), "by": by})
    raise Conflict(_("“%(title)s” was already done by %(by)s.") % {"title": title_of(row), "by": by})


def _who_closed(row: FollowUp) -> str:
    """A program has no user: its name stands on the activity."""
    if row.closed_by:
        return str(row.closed_by)
    told = Activity.objects.filter(account=row.account_id, kind__startswith="followup.", data__follow_up=row.pk)
    return told.order_by("-id").values_list("actor_label", flat=True).first() or _("Tenure")


def checked_outcome(outcome: str, note: str) -> tuple[str, str]:
    if outcome not in Outcome.values:
        raise DomainError(
            _("Say what came of it: one of the outcomes."),
            code="outcome_missing",
            errors={"outcome": [_("Choose an outcome.")]},
        )
    return Outcome(outcome).value, prose(note, NOTE_LIMIT, field="note")


def checked_snooze(until: datetime, reason: str, now: datetime) -> str:
    if until <= now:
        raise _wrong("until", _("Choose a time to come: a snooze cannot end in the past."))
    if until > now + LONGEST_SNOOZE:
        raise _wrong("until", _("A snooze lasts a year at most."))
    reason = one_line(reason, REASON_LIMIT, field="reason")
    if not reason:
        raise _wrong("reason", _("Say why it can wait."))
    return reason


def keeps_promise(row: FollowUp, until: datetime, *, past_promise: bool) -> bool:
    """Whether the snooze ends before the promise does; one that breaks it must say so."""
    kept = not row.promise or until <= row.due_at
    if not kept and not past_promise:
        raise DomainError(
            _("“%(title)s” is a promise until %(due)s. Snoozing it until %(until)s breaks it: confirm that.")
            % {"title": title_of(row), "due": formats.moment(row.due_at), "until": formats.moment(until)},
            code="past_promise",
            errors={"past_promise": [_("Confirm that this promise will be broken.")]},
        )
    return kept


def can_take(to: User) -> None:
    if not to.is_active or not to.may("followup.work"):
        raise DomainError(
            _("%(name)s cannot be handed follow-ups.") % {"name": to},
            code="cannot_take",
            errors={"to": [_("Choose somebody who works with customers.")]},
        )


def checked_why(why: str) -> str:
    why = one_line(why, REASON_LIMIT, field="why")
    if not why:
        raise _wrong("why", _("Say why it is no longer needed."))
    return why


def held(row: FollowUp, closed_at: datetime) -> Any:
    """The time this one keeps the playbook from opening the same again (see FollowUp.holds)."""
    if row.playbook is None:
        return None
    until = closed_at + timedelta(days=row.playbook.cool_down_days)
    return DateTimeTZRange(row.opened_at, max(until, row.opened_at))


def _wrong(field: str, sentence: str) -> DomainError:
    return DomainError(sentence, code=f"{field}_wrong", errors={field: [sentence]})
