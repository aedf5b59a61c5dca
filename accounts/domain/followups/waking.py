"""Snoozes end: by the clock, or because someone wants it back now."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.domain.activity import Who
from accounts.domain.followups import rules
from accounts.enums import FollowUpStatus
from accounts.models import FollowUp

AWAKE = {"status": FollowUpStatus.OPEN, "snoozed_until": None, "snooze_reason": ""}


@transaction.atomic
def wake(follow_up: FollowUp | int, *, by: Who) -> FollowUp:
    """Back on the list, before its snooze ends."""
    row = rules.locked(follow_up)
    rules.still_open(row)
    for name, value in AWAKE.items():
        setattr(row, name, value)
    row.save(update_fields=[*AWAKE])
    return row


def wake_due(now: datetime | None = None) -> int:
    """Those whose snooze is over. A conditional update: any number of sweeps may run at once."""
    return FollowUp.objects.filter(status=FollowUpStatus.SNOOZED, snoozed_until__lte=now or timezone.now()).update(
        **AWAKE
    )
