"""Many follow-ups at once: a constant number of queries, and each refusal with its reason."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Case, F, Value, When
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.domain.activity import Actor, Fact, Who, record_many
from accounts.domain.followups import rules
from accounts.domain.retelling import title_of
from accounts.enums import FollowUpStatus, Outcome
from accounts.exceptions import DomainError
from accounts.models import FollowUp, User

MOST = 1000


@dataclass(frozen=True)
class Refusal:
    id: int
    title: str
    why: str


@dataclass
class BulkResult:
    """`done`: how many; `rows`: which. `refused`: which not, and why."""

    rows: list[FollowUp] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)

    @property
    def done(self) -> int:
        return len(self.rows)


@transaction.atomic
def complete_many(ids: Iterable[int], *, by: Who, outcome: str, note: str = "") -> BulkResult:
    outcome, note = rules.checked_outcome(outcome, note)
    result = _sorted_out(ids, by, "followup.work")
    contacted = {"contacted_at": Coalesce("contacted_at", "closed_at")} if outcome == Outcome.HELPED else {}
    _close(result, FollowUpStatus.DONE, by, outcome=outcome, outcome_note=note, **contacted)
    _tell(result, "followup.done", by, lambda row: {"outcome": outcome, "note": note, "playbook": row.kind})
    return result


@transaction.atomic
def cancel_many(ids: Iterable[int], *, by: Who, why: str) -> BulkResult:
    why = rules.checked_why(why)
    result = _sorted_out(ids, by, "followup.work")
    _close(result, FollowUpStatus.CANCELED, by, outcome_note=why)
    _tell(result, "followup.canceled", by, lambda _row: {"why": why})
    return result


@transaction.atomic
def snooze_many(ids: Iterable[int], *, by: Who, until: datetime, reason: str, past_promise: bool = False) -> BulkResult:
    reason = rules.checked_snooze(until, reason, timezone.now())
    result = _sorted_out(
        ids, by, "followup.work", lambda row: rules.keeps_promise(row, until, past_promise=past_promise)
    )
    _update(
        result,
        status=FollowUpStatus.SNOOZED,
        snoozed_until=until,
        snooze_reason=reason,
        due_at=Case(When(promise=True, then=F("due_at")), default=Greatest("due_at", Value(until))),
    )
    _tell(
        result,
        "followup.snoozed",
        by,
        lambda row: {"until": until, "reason": reason, "past_promise": row.promise and until > row.due_at},
    )
    return result


@transaction.atomic
def reassign_many(ids: Iterable[int], *, to: User, by: Who, note: str = "") -> BulkResult:
    """Those who are with `to` already count as done and leave no trace."""
    note = rules.one_line(note, rules.REASON_LIMIT, field="note")
    rules.can_take(to)
    result = _sorted_out(ids, by, "followup.reassign")
    moved = BulkResult([row for row in result.rows if row.assignee_id != to.pk])
    _update(moved, assignee=to)
    _tell(
        moved,
        "followup.reassigned",
        by,
        lambda row: {"before": str(row.assignee or ""), "after": str(to), "note": note},
    )
    return result


def _sorted_out(
    ids: Iterable[int], by: Who, permission: str, rule: Callable[[FollowUp], Any] = lambda _row: None
) -> BulkResult:
    """The rows, locked, parted into those that may be worked on and those that may not."""
    wanted = sorted(set(ids))
    if len(wanted) > MOST:
        raise DomainError(_("At most %(most)s at once.") % {"most": MOST}, code="too_many")
    rows = FollowUp.objects.filter(pk__in=wanted).select_related(
        "account", "activity", "assignee", "playbook", "closed_by"
    )
    found = {row.pk: row for row in rows.order_by("pk").select_for_update(of=("self",))}
    result, user = BulkResult(), Actor.of(by).user
    for pk in wanted:
        row = found.get(pk)
        why = _("It does not exist.") if row is None else _why_not(row, user, permission, rule)
        if row is None or why:
            result.refused.append(Refusal(pk, title_of(row) if row else "", why))
        else:
            result.rows.append(row)
    return result


def _why_not(row: FollowUp, user: User | None, permission: str, rule: Callable[[FollowUp], Any]) -> str:
    if user and not user.may(permission, row):
        return _("It is not yours.")
    try:
        rules.still_open(row)
        rule(row)
    except DomainError as refusal:
        return str(refusal)
    return ""


def _close(result: BulkResult, status: FollowUpStatus, by: Who, **values: Any) -> None:
    """One statement per cool-down: a selection has few of them."""
    now = timezone.now()
    holds = {row.pk: rules.held(row, now) for row in result.rows}
    for row in result.rows:
        row.holds = holds[row.pk]
        row.status, row.closed_at = status, now
    FollowUp.objects.bulk_update(result.rows, ["holds", "status", "closed_at"])
    _update(result, closed_by=Actor.of(by).user, snoozed_until=None, **values)


def _update(result: BulkResult, **values: Any) -> None:
    FollowUp.objects.filter(pk__in=[row.pk for row in result.rows]).update(**values)


def _tell(result: BulkResult, kind: str, by: Who, facts: Callable[[FollowUp], dict[str, Any]]) -> None:
    record_many(
        [
            Fact(
                row.account_id, kind, {"follow_up": row.pk, "title": row.title, **facts(row)}, cause_id=row.activity_id
            )
            for row in result.rows
        ],
        by=by,
    )
