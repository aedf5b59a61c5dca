"""The CSM's own feeling about an account."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.domain.activity import record
from accounts.models import Account, User
from health.domain.recompute import score_accounts
from health.domain.upsert import check_text, refuse
from health.models import Pulse


@transaction.atomic
def set_pulse(account: Account, *, value: int, reason: str, by: User) -> Pulse:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 5:
        raise refuse("value", _("A whole number from 1 to 5."))
    reason = check_text("reason", reason, 4000)
    if not reason:
        raise refuse("reason", _("Say why: a number alone helps nobody later."))
    pulse = Pulse.objects.create(account=account, value=value, reason=reason, user=by, at=timezone.now())
    record(account, "pulse.set", by=by, value=value, reason=reason)
    score_accounts([account.pk])  # they look at it right now
    return pulse
