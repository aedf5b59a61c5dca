"""Where accounts stand with their onboarding, as the ground floor knows it: the tag, and the stage."""

from collections.abc import Mapping

from accounts.domain.activity import Who
from accounts.domain.stages import move_stage, tag
from accounts.enums import Stage
from onboarding.enums import ChecklistStatus

TAG = "onboarding"  # among the account's own fields


def move_on(statuses: Mapping[int, str], by: Who) -> None:
    """By account, what its checklist has just become. Who is through is active from now on; a trial stays one."""
    if not statuses:
        return
    tag(TAG, statuses, by=by)
    through = [pk for pk, status in statuses.items() if status == ChecklistStatus.FINISHED]
    move_stage(through, Stage.ONBOARDING, Stage.ACTIVE, by=by)
