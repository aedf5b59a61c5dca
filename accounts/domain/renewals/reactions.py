"""What the renewals do about activities: follow-ups about a term that was moved are over; bands change opinions."""

from collections.abc import Sequence

from django.utils.translation import gettext_noop

from accounts.domain.activity import SYSTEM
from accounts.domain.followups import cancel_many
from accounts.domain.followups.bulk import MOST
from accounts.domain.renewals.disputes import review_accounts
from accounts.models import Activity, FollowUp

MOVED = gettext_noop("The term was moved.")


def close_moved(activities: Sequence[Activity]) -> None:
    """The new decision date is announced by itself, as a follow-up of its own."""
    ids: list[int] = []
    for activity in activities:
        about = FollowUp.objects.open().filter(account_id=activity.account_id, subject=activity.data["term"])
        told = about.filter(playbook__trigger="renewal.term_ending", activity__lt=activity.pk)
        ids += told.values_list("pk", flat=True)
    for at in range(0, len(ids), MOST):
        cancel_many(sorted(ids)[at : at + MOST], by=SYSTEM, why=MOVED)


def health_changed(activities: Sequence[Activity]) -> None:
    review_accounts({activity.account_id for activity in activities})
