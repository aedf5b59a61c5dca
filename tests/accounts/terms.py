"""Terms for tests: a subscription with one, its renewals, and what must hold of them always."""

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

import time_machine

from accounts.models import Account, Renewal, Subscription
from tests.accounts.revenue import make_account, subscribe, subscribe_each
from tests.accounts.spine import told

__all__ = [
    "YEARLY", "at", "kinds", "made", "make_account", "noon", "renewal", "sound", "subscribe", "subscribe_each", "told", "yearly",
]  # fmt: skip

TODAY = date(2026, 3, 4)
YEARLY = {"unit_amount": Decimal(1200), "interval": "year", "term_end": date(2027, 1, 1), "notice_days": 30}


def noon(day: str | date) -> datetime:
    day = date.fromisoformat(day) if isinstance(day, str) else day
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def at(day: str | date) -> time_machine.travel:
    return time_machine.travel(noon(day), tick=False)


def yearly(account: Account, external_id: str = "S-1", **fields: Any) -> Renewal:
    """100 dollars a month, by the year since 2026, 30 days notice: to be decided by 2 December."""
    subscribe(account, external_id, **{**YEARLY, **fields})
    return renewal(external_id)


def renewal(external_id: str = "S-1") -> Renewal:
    """The one to be decided."""
    return (
        Renewal.objects.undecided().select_related("account", "subscription").get(subscription__external_id=external_id)
    )


def made(external_id: str = "S-1") -> list[tuple[str, str, str]]:
    """(starts, ends, stage) of its terms, in order."""
    rows = Renewal.objects.filter(subscription__external_id=external_id).order_by("starts_on")
    return [(row.starts_on.isoformat(), row.ends_on.isoformat(), row.stage) for row in rows]


def kinds(account: Account, prefix: str = "renewal.") -> list[str]:
    return [kind for kind, _data in told(account) if kind.startswith(prefix)]


def sound() -> bool:
    """Each live subscription with a term has one renewal to be decided, which follows it; terms lie apart."""
    for sub in Subscription.objects.exclude(status__in=["trialing", "canceled"]).exclude(term_end=None):
        if sub.ended_on and sub.ended_on <= sub.term_end:
            continue
        row = Renewal.objects.undecided().get(subscription=sub)
        found = (row.ends_on, row.notice_days, row.auto_renew)
        assert found == (sub.term_end, sub.notice_days, sub.auto_renew), sub.external_id
    for sub in Subscription.objects.all():
        terms = list(sub.renewals.order_by("starts_on").values_list("starts_on", "ends_on"))
        assert all(first < last for first, last in terms)
        assert all(one[1] <= other[0] for one, other in pairwise(terms)), terms
    return True
