"""One follow-up, worked on by one person."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.domain.activity import Actor, Who, record
from accounts.domain.followups import rules
from accounts.enums import FollowUpStatus, Outcome
from accounts.exceptions import DomainError
from accounts.models import FollowUp, User


@transaction.atomic
def complete(
    follow_up: FollowUp | int,
    *,
    by: Who,
    outcome: str,
    note: str = "",
    steps: Sequence[bool] | None = None,
) -> FollowUp:
    """Done, and what came of it. `steps`: which ones are ticked, in order."""
    outcome, note = rules.checked_outcome(outcome, note)
    row = rules.locked(follow_up)
    rules.still_open(row)
    if steps is not None:
        row.steps = [{**step, "done": bool(done)} for step, done in zip(row.steps, steps, strict=False)]
    row.outcome, row.outcome_note = outcome, note
    _close(row, FollowUpStatus.DONE, by)
    record(
        row.account_id,
        "followup.done",
        by=by,
        cause=row.activity,
        follow_up=row.pk,
        title=row.title,
        outcome=outcome,
        note=note,
        playbook=row.kind,
    )
    return row


@transaction.atomic
def cancel(follow_up: FollowUp | int, *, by: Who, why: str) -> FollowUp:
    """Not needed after all."""
    why = rules.checked_why(why)
    row = rules.locked(follow_up)
    rules.still_open(row)
    row.outcome_note = why
    _close(row, FollowUpStatus.CANCELED, by)
    record(
        row.account_id,
        "followup.canceled",
        by=by,
        cause=row.activity,
        follow_up=row.pk,
        title=row.title,
        why=why,
    )
    return row


@transaction.atomic
def snooze(follow_up: FollowUp | int, *, by: Who, until: datetime, reason: str, past_promise: bool = False) -> FollowUp:
    """Later. What is no promise becomes due when it wakes; a promise stays due when it was promised."""
    reason = rules.checked_snooze(until, reason, timezone.now())
    row = rules.locked(follow_up)
    rules.still_open(row)
    kept = rules.keeps_promise(row, until, past_promise=past_promise)
    if not row.promise:
        row.due_at = max(row.due_at, until)
    row.status, row.snoozed_until, row.snooze_reason = FollowUpStatus.SNOOZED, until, reason
    row.save(update_fields=["status", "snoozed_until", "snooze_reason", "due_at"])
    record(
        row.account_id,
        "followup.snoozed",
        by=by,
        cause=row.activity,
        follow_up=row.pk,
        title=row.title,
        until=until,
        reason=reason,
        past_promise=not kept,
    )
    return row


@transaction.atomic
def reassign(follow_up: FollowUp | int, *, to: User, by: Who, note: str = "") -> FollowUp:
    """Hand it over. To the one who has it already: nothing happens."""
    note = rules.one_line(note, rules.REASON_LIMIT, field="note")
    rules.can_take(to)
    row = rules.locked(follow_up)
    rules.still_open(row)
    if row.assignee_id == to.pk:
        return row
    before, row.assignee = row.assignee, to
    row.save(update_fields=["assignee"])
    record(
        row.account_id,
        "followup.reassigned",
        by=by,
        cause=row.activity,
        follow_up=row.pk,
        title=row.title,
        before=str(before or ""),
        after=str(to),
        note=note,
    )
    return row


@transaction.atomic
def set_step(follow_up: FollowUp | int, index: int, done: bool, by: Who) -> FollowUp:
    """Tick one step, or take the tick away. Too small a thing for the timeline."""
    row = rules.locked(follow_up)
    rules.still_open(row)
    if not 0 <= index < len(row.steps):
        raise DomainError(_("There is no such step."), code="not_found", status=404)
    row.steps[index]["done"] = bool(done)
    row.save(update_fields=["steps"])
    return row


def _close(row: FollowUp, status: FollowUpStatus, by: Who) -> None:
    row.status, row.closed_at, row.closed_by = status, timezone.now(), Actor.of(by).user
    if row.outcome == Outcome.HELPED and row.contacted_at is None:
        row.contacted_at = row.closed_at  # the same instant: who opens it again knows where the contact came from
    row.snoozed_until, row.holds = None, rules.held(row, row.closed_at)
    row.save(
        update_fields=[
            "status", "closed_at", "closed_by", "snoozed_until", "holds", "steps", "outcome", "outcome_note",
            "contacted_at",
        ]
    )  # fmt: skip
