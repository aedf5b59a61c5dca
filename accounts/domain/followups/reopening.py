"""Taking back what one has just closed: a slip of the hand costs one key."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Case, Exists, F, OuterRef, When
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.domain.activity import Fact, record_many
from accounts.domain.followups.bulk import BulkResult, Refusal
from accounts.domain.followups.handover import hand_over_all
from accounts.domain.followups.stake import refresh_expected_loss
from accounts.domain.followups.waking import AWAKE
from accounts.domain.retelling import title_of
from accounts.enums import FollowUpStatus
from accounts.exceptions import Conflict
from accounts.models import FollowUp, User

WITHIN = timedelta(minutes=5)
CLOSED = [FollowUpStatus.DONE, FollowUpStatus.CANCELED]


@transaction.atomic
def reopen(closed_at: datetime, *, by: User) -> BulkResult:
    """What they closed at this instant, one or many in one go, is open again: its outcome counts for no playbook any
    more. The instant names the deed: what somebody else has closed meanwhile has another one. Of many, those that
    cannot be are refused; where none can, it is a conflict."""
    if not timedelta(0) <= timezone.now() - closed_at <= WITHIN:
        raise Conflict(_("This is too long ago to be undone."), code="too_late")
    result = _sorted_out(closed_at, by)
    if not result.rows:
        gone = _("There is nothing left to undo: it has been changed meanwhile.")
        raise Conflict(result.refused[0].why if result.refused else gone)
    _open(result.rows)
    facts = {row.pk: {"follow_up": row.pk, "title": row.title} for row in result.rows}
    record_many(
        [Fact(row.account_id, "followup.reopened", facts[row.pk], cause_id=row.activity_id) for row in result.rows],
        by=by,
    )
    for left in {row.assignee for row in result.rows if row.assignee and not row.assignee.is_active}:
        hand_over_all(left, by=by)
    return result


def _sorted_out(closed_at: datetime, by: User) -> BulkResult:
    newer = FollowUp.objects.filter(
        account=OuterRef("account"),
        playbook=OuterRef("playbook"),
        subject=OuterRef("subject"),
        opened_at__gt=OuterRef("opened_at"),
        holds__isnull=False,
    )
    rows = FollowUp.objects.filter(status__in=CLOSED, closed_at=closed_at, closed_by=by)
    rows = rows.select_related("account", "activity", "assignee").annotate(replaced=Exists(newer))
    result = BulkResult()
    for row in rows.order_by("pk").select_for_update(of=("self",)):
        if why := _why_not(row, by):
            result.refused.append(Refusal(row.pk, title_of(row), why))
        else:
            result.rows.append(row)
    return result


def _why_not(row: FollowUp, by: User) -> str:
    if not by.may("followup.work", row):
        return _("It is not yours.")
    return _replaced(row) if row.replaced else ""  # type: ignore[attr-defined]


def _replaced(row: FollowUp) -> str:
    return _("“%(title)s” cannot be opened again: a newer one of its kind has taken its place.") % {
        "title": title_of(row)
    }


def _open(rows: list[FollowUp]) -> None:
    """The database itself holds that no two of a kind are open: one that was opened this very moment wins."""
    chosen = FollowUp.objects.filter(pk__in=[row.pk for row in rows])
    for row in rows:
        row.holds = DateTimeTZRange(row.opened_at, None) if row.playbook_id else None
    try:
        with transaction.atomic():
            FollowUp.objects.bulk_update(rows, ["holds"])
            chosen.update(
                **AWAKE,
                closed_at=None,
                closed_by=None,
                outcome="",
                outcome_note="",
                # “Helped” was the contact, unless there had been one before.
                contacted_at=Case(When(contacted_at=F("closed_at"), then=None), default=F("contacted_at")),
            )
    except IntegrityError as error:
        raise Conflict(_replaced(rows[0])) from error
    refresh_expected_loss([row.account_id for row in rows])
