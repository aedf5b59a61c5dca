"""What customers pay for: how it comes in, changes and ends. Every change makes its steps and movements.

One row or a hundred thousand go the same way (domain/subscription_rows.py): the rows are planned in Python, by
the rules in lifecycle.py, and written in sets.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.domain.activity import Who
from accounts.domain.bulk import Counts, chunks
from accounts.domain.subscription_rows import Batch, Row
from accounts.domain.subscription_sweep import sweep_subscriptions
from accounts.enums import ChurnReason, SubscriptionStatus as Status
from accounts.exceptions import Conflict, DomainError
from accounts.models import Account, Subscription

__all__ = [
    "cancel",
    "schedule_cancel",
    "sweep_subscriptions",
    "upsert_subscription",
    "upsert_subscriptions",
]


@transaction.atomic
def upsert_subscription(
    account: Account, external_id: str, *, by: Who, effective_on: date | None = None, **fields: Any
) -> tuple[Subscription, str]:
    """The subscription, and whether it was "created", "updated" or "unchanged". What is left out stays as it is.

    New terms count from `effective_on` (today, in the account's zone, if it is not said), which cannot lie
    before the last change nor ahead: what is to come is said by `ended_on` and `trial_ends_on`.
    """
    batch = Batch(by=by)
    batch.run([Row(0, account.pk, external_id, fields, effective_on)])
    if batch.counts.refused:
        raise batch.counts.refused[0][1]
    entry = batch.entries[0]
    entry.sub.refresh_from_db(fields=["mrr"])
    return entry.sub, entry.result


def schedule_cancel(
    subscription: Subscription, *, by: Who, ends_on: date, reason: str, comment: str = ""
) -> Subscription:
    """It will end on that day, the first one without it: MRR stays until then, committed MRR leaves now."""
    return _end(subscription, by, ends_on, reason, comment)


def cancel(
    subscription: Subscription, *, by: Who, reason: str, comment: str = "", on: date | None = None
) -> Subscription:
    """It is over, today or since `on`."""
    return _end(subscription, by, on, reason, comment)


def _end(subscription: Subscription, by: Who, on: date | None, reason: str, comment: str) -> Subscription:
    if reason not in ChurnReason.values:
        sentence = _("Say why they leave: one of the reasons.")
        raise DomainError(sentence, code="reason_missing", errors={"reason": [sentence]})
    if subscription.status == Status.CANCELED:
        raise Conflict(_("This subscription is over already."))
    ended = {"ended_on": on} if on else {"status": Status.CANCELED, "ended_on": None}
    fields: dict[str, Any] = {**ended, "churn_reason": reason, "churn_comment": comment}
    row, _result = upsert_subscription(subscription.account, subscription.external_id, by=by, **fields)
    return row


def upsert_subscriptions(rows: Iterable[Mapping[str, Any]], *, by: Who) -> Counts:
    """Rows are fields by name, with `account` (external id), `external_id` and perhaps `effective_on`; None and
    what is left out stay as they are. A bad row is refused by itself, at its index.

    An id that comes several times tells its history, in the order of the rows. Movements of the last days are
    news and are dispatched; older ones stand on the timeline only (see movements.NEWS).
    """
    counts, position = Counts(), 0
    for chunk in chunks(rows):
        with transaction.atomic():
            for turn in _turns(chunk, position):
                batch = Batch(by=by, quiet=True)
                batch.run_named(turn)
                counts.add(batch.counts)
        position += len(chunk)
    counts.refused.sort(key=lambda refusal: refusal[0])
    return counts


def _turns(chunk: list[Mapping[str, Any]], offset: int) -> Iterable[list[tuple[int, Mapping[str, Any]]]]:
    """The first row of each subscription, then the second of each that has one, …"""
    turns: list[list[tuple[int, Mapping[str, Any]]]] = []
    seen: dict[Any, int] = {}
    for position, row in enumerate(chunk, offset):
        key = str(row.get("external_id"))
        turn = seen[key] = seen.get(key, -1) + 1
        if turn == len(turns):
            turns.append([])
        turns[turn].append((position, row))
    return turns
