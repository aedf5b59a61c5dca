"""A follow-up written by hand. Those of playbooks are opened by domain/dispatch."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.domain.activity import Actor, Who, record
from accounts.domain.followups import rules
from accounts.domain.order import yearly_loss
from accounts.domain.text import one_line, prose
from accounts.domain.wording import WRITTEN_BY
from accounts.enums import Priority
from accounts.exceptions import DomainError
from accounts.models import Account, FollowUp, User

MANUAL = "manual"
LONGEST_AHEAD = timedelta(days=5 * 365)  # beyond that it is a slip, and the last days of the calendar have no tomorrow


@transaction.atomic
def open_by_hand(
    account: Account,
    *,
    by: Who,
    title: str,
    due_at: datetime,
    assignee: User | None = None,
    note: str = "",
    priority: int = Priority.NORMAL,
) -> FollowUp:
    """Something to do that no playbook knows of. Without an assignee it is the writer's own."""
    title = one_line(title, 240, field="title")
    if not title:
        raise DomainError(_("Say what is to be done."), code="title_missing", errors={"title": [_("Give it a title.")]})
    _check_due(due_at)
    if priority not in Priority.values:
        raise DomainError(
            _("There is no such priority."), code="priority_wrong", errors={"priority": [_("Choose one.")]}
        )
    assignee = assignee or Actor.of(by).user or account.csm
    if assignee:
        rules.can_take(assignee)
    row = FollowUp.objects.create(
        account=account,
        kind=MANUAL,
        title=title,
        instructions=prose(note, rules.NOTE_LIMIT, field="note"),
        reason=WRITTEN_BY + Actor.of(by).label,
        due_at=due_at,
        assignee=assignee,
        priority=priority,
        expected_loss=yearly_loss(account.mrr, account.band),
    )
    opened = record(account, "followup.opened", by=by, follow_up=row.pk, title=title)
    row.activity = opened
    row.save(update_fields=["activity"])
    return row


def _check_due(due_at: datetime) -> None:
    now = timezone.now()
    if due_at <= now:
        raise DomainError(
            _("That time has passed."), code="due_passed", errors={"due_at": [_("Choose a time to come.")]}
        )
    if due_at > now + LONGEST_AHEAD:
        sentence = _("This day is out of reach.")
        raise DomainError(sentence, code="due_out_of_reach", errors={"due_at": [sentence]})
