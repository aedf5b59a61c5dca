"""What a touch model is recommended from: the plan, what the customer pays, the hours the team has left."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.domain import rules
from accounts.domain.mrr import monthly_amount
from accounts.domain.rates import Rates
from accounts.enums import Complexity, SubscriptionStatus, TouchModel
from accounts.exceptions import DomainError
from accounts.models import Account, Subscription, User
from onboarding.domain.capacity import hours_of
from onboarding.domain.touch.arithmetic import Limits
from onboarding.enums import SessionStatus
from onboarding.models import Session, TouchDecision

MONTHS = 12
MINUTES = Decimal(60)


def limits() -> Limits:
    return Limits(
        Decimal(rules.number("touch.low_value")),
        Decimal(rules.number("touch.high_value")),
        {
            TouchModel.LOW: Decimal(0),
            TouchModel.MID: Decimal(rules.number("touch.mid_hours")),
            TouchModel.HIGH: Decimal(rules.number("touch.high_hours")),
        },
    )


@dataclass(frozen=True)
class Known:
    account: Account
    complexity: str
    yearly_value: Decimal  # reporting currency, to the whole


def known_of(accounts: Sequence[Account]) -> list[Known]:
    """The worth of those who do not pay yet is that of what they try out."""
    trying = _worth_of_trials([account.pk for account in accounts if not account.mrr])
    return [
        Known(
            account,
            account.plan.complexity if account.plan else Complexity.MID,
            (MONTHS * (account.mrr or trying.get(account.pk, Decimal(0)))).quantize(Decimal("0.01")),
        )
        for account in accounts
    ]


def _worth_of_trials(ids: Collection[int]) -> dict[int, Decimal]:
    if not ids:
        return {}
    rows = Subscription.objects.filter(account__in=ids, ended_on=None).exclude(status=SubscriptionStatus.CANCELED)
    found = list(rows)
    rates, today = Rates({row.currency for row in found} or {settings.REPORTING_CURRENCY}), timezone.localdate()
    worth: dict[int, Decimal] = {}
    for row in found:
        try:
            amount = rates.convert(monthly_amount(row), row.currency, today)
        except DomainError:  # no rate for it: told where rates are kept, not here
            continue
        worth[row.account_id] = worth.get(row.account_id, Decimal(0)) + amount
    return worth


def free_hours(without: Collection[int] = ()) -> Decimal | None:
    """Of the team in this week, less what new customers of the week were promised (accounts `without` apart) and
    have not booked yet. None where nobody has planned any hours: then there is nothing to be short of."""
    monday = timezone.localdate() - timedelta(days=timezone.localdate().weekday())
    weeks = hours_of(User.objects.workers(), monday).values()
    if not any(week.planned_minutes and week.open_minutes for week in weeks):
        return None
    free = sum(week.free_minutes for week in weeks) / MINUTES
    return max(Decimal(0), free - _promised(monday, without)).quantize(Decimal("0.1"))


def _promised(monday, without: Collection[int]) -> Decimal:
    booked = Session.objects.filter(account=OuterRef("account"), status__in=SessionStatus.taking())
    decisions = TouchDecision.objects.filter(recommended_at__date__gte=monday).exclude(account__in=without)
    hours = limits().hours
    rows = decisions.filter(~Exists(booked)).values_list("chosen", "recommended")
    return sum((hours[TouchModel(chosen or recommended)] for chosen, recommended in rows), Decimal(0))
