"""Working on follow-ups: every page, API call and command ends in one of these verbs.

The caller has checked the permission (`user.may("followup.work", follow_up)`); the verbs for many at once
check it themselves, row by row, because a selection may hold rows of several people.
"""

from accounts.domain.followups.bulk import (
    BulkResult,
    Refusal,
    cancel_many,
    complete_many,
    reassign_many,
    snooze_many,
)
from accounts.domain.followups.contact import log_contact
from accounts.domain.followups.handover import hand_over_all, heir_of, move_along
from accounts.domain.followups.opening import open_by_hand
from accounts.domain.followups.reopening import reopen
from accounts.domain.followups.stake import rank_again, refresh_expected_loss
from accounts.domain.followups.waking import wake, wake_due
from accounts.domain.followups.work import cancel, complete, reassign, set_step, snooze

__all__ = [
    "BulkResult",
    "Refusal",
    "cancel",
    "cancel_many",
    "complete",
    "complete_many",
    "hand_over_all",
    "heir_of",
    "log_contact",
    "move_along",
    "open_by_hand",
    "rank_again",
    "reassign",
    "reassign_many",
    "refresh_expected_loss",
    "reopen",
    "set_step",
    "snooze",
    "snooze_many",
    "wake",
    "wake_due",
]
