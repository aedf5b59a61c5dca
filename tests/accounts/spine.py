"""Rows for tests of the spine: accounts, playbooks, follow-ups, with as few words as the test needs."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction

from accounts.domain.activity import record
from accounts.domain.order import yearly_loss
from accounts.enums import PlaybookState
from accounts.models import Account, Activity, Delivery, FollowUp, Playbook

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)  # a Wednesday

_number = itertools.count(1)


def make_account(name: str = "Acme", **fields: Any) -> Account:
    return Account.objects.create(**{"external_id": f"a{next(_number)}", "name": name, **fields})


def make_playbook(key: str = "shrink", **fields: Any) -> Playbook:
    defaults = {
        "key": key,
        "name": key.capitalize(),
        "state": PlaybookState.ON,
        "trigger": "mrr.contracted",
        "title": "Call {account}",
        "due_hours": 24,
    }
    return Playbook.objects.create(**{**defaults, **fields})


def make_follow_up(account: Account | None = None, **fields: Any) -> FollowUp:
    account = account or make_account()
    opened = fields.pop("opened_at", NOON)
    defaults = {
        "account": account,
        "kind": "manual",
        "title": "Call them",
        "reason": "Because",
        "opened_at": opened,
        "due_at": opened + timedelta(days=1),
        "expected_loss": yearly_loss(account.mrr, account.band),
        "assignee": account.csm,
    }
    return FollowUp.objects.create(**{**defaults, **fields})


def contract(account: Account, **data: Any) -> Activity:
    """The account's MRR shrinks: most tests' trigger."""
    facts = {
        "subscription": "S-1",
        "plan": "Pro",
        "before": "500",
        "after": "300",
        "amount": "-200",
        "currency": "USD",
        "dropped": "20 seats",
    }
    with transaction.atomic():
        return record(account, "mrr.contracted", **{**facts, **data})


def told(account: Account) -> list[tuple[str, dict]]:
    """Kind and facts of all that happened to it, in order."""
    return list(account.activities.order_by("id").values_list("kind", "data"))


def ends(activity: Activity) -> list[tuple[str, str, str]]:
    """How it ended with each subscriber, and why."""
    rows = Delivery.objects.filter(activity=activity).order_by("id")
    return [(row.subscriber, row.status, row.sentence.replace("\u202f", " ")) for row in rows]


STATE = {
    "closes_on": "mrr.expanded",
    "closes_when": [{"field": "after", "op": "gte", "value": "500"}],
    "cool_down_days": 14,
}


def expand(account: Account, after: int = 500, **fields: Any) -> Activity:
    """What a playbook of STATE closes on."""
    data = {"subscription": "S-1", "before": 300, "after": after, "amount": 200, "currency": "USD", **fields}
    with transaction.atomic():
        return record(account, "mrr.expanded", **data)
