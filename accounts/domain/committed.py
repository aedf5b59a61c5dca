"""Committed MRR (M4): what is there today, less what is known to leave: cancellations ahead, smaller plans ahead."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import F

from accounts.domain.rates import Rates
from accounts.enums import SubscriptionStatus as Status
from accounts.exceptions import DomainError
from accounts.models import Account, PlanChange, Subscription


@dataclass(frozen=True)
class Leaving:
    """What is scheduled to leave: all of a subscription, or a part of it."""

    subscription: Subscription
    on: date
    mrr: Decimal  # what leaves, reporting currency
    change: PlanChange | None = None  # None: it is canceled


def leaving(account_ids: Sequence[int] | None = None) -> list[Leaving]:
    """Of these accounts, or of all; the nearest first. Two queries."""
    return sorted([*_ends(account_ids), *_decreases(account_ids)], key=lambda one: (one.on, one.subscription.pk))


def _ends(account_ids: Sequence[int] | None) -> list[Leaving]:
    rows = Subscription.objects.filter(ended_on__isnull=False, mrr__gt=0).exclude(status=Status.CANCELED)
    rows = rows if account_ids is None else rows.filter(account__in=account_ids)
    return [Leaving(sub, sub.ended_on, sub.mrr) for sub in rows.select_related("account__csm", "plan") if sub.ended_on]


def _decreases(account_ids: Sequence[int] | None) -> list[Leaving]:
    rows = PlanChange.objects.filter(applied_at=None, undone_at=None, subscription__ended_on=None)
    rows = rows if account_ids is None else rows.filter(account__in=account_ids)
    rows = rows.select_related("subscription__account__csm", "subscription__plan")
    less = list(rows.filter(after__lt=F("before")))
    rates = Rates({change.currency for change in less})
    return [Leaving(change.subscription, change.effective_on, _worth(change, rates), change) for change in less]


def _worth(change: PlanChange, rates: Rates) -> Decimal:
    """Of its MRR the share that the change takes; a rate that is missing takes nothing of what does not count."""
    try:
        return rates.convert(change.before - change.after, change.currency, change.effective_on)
    except DomainError:
        return Decimal(0)


def committed_mrr(account: Account) -> Decimal:
    return account.mrr - sum((one.mrr for one in leaving([account.pk])), Decimal(0))
