"""The CSM's own feeling about an account."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.domain.activity import record
from accounts.models import Account, User
from health.domain.parameters import Parameters
from health.domain.recompute import score_accounts
from health.domain.upsert import check_text, refuse
from health.enums import Freshness
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


@dataclass(frozen=True)
class Felt:
    """The latest pulse, whether or not the score weighs it."""

    value: int
    reason: str
    by: str
    as_of: date
    freshness: Freshness

    def __str__(self) -> str:
        return _("Pulse %(value)s of 5: %(reason)s") % {"value": self.value, "reason": self.reason}


def with_pulse(accounts: QuerySet[Account]) -> QuerySet[Account]:
    """Read along with the account: a page that shows it asks no query more."""
    latest = Pulse.objects.filter(account=OuterRef("pk")).order_by("-at", "-pk")
    facts = JSONObject(value="value", reason="reason", name="user__name", email="user__email", at="at")
    return accounts.annotate(latest_pulse=Subquery(latest.values(facts=facts)[:1]))


def felt(account: Account, rule: Parameters) -> Felt | None:
    """Of an account that was read with its pulse; as fresh as the account's score model says."""
    found = account.latest_pulse  # type: ignore[attr-defined]
    if not found:
        return None
    zone = account.time_zone
    on = datetime.fromisoformat(found["at"]).astimezone(zone).date()
    fresh = timezone.now().astimezone(zone).date() - on < timedelta(days=rule.pulse_days)
    freshness = Freshness.FRESH if fresh else Freshness.STALE
    return Felt(found["value"], found["reason"], found["name"] or found["email"] or "", on, freshness)
