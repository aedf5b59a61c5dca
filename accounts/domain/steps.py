"""The steps of subscriptions in the database: read, added, moved, taken back."""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from accounts.domain.bulk import copy_in
from accounts.domain.lifecycle import Step, Terms, reason_of
from accounts.models import Movement, SubscriptionChange

TABLE = SubscriptionChange._meta.db_table
COLUMNS = (
    "subscription_id", "account_id", "effective_on", "mrr", "amount", "currency", "quantity", "plan_id", "reason",
    "comment", "revaluation", "recorded_at",
)  # fmt: skip


def of(subscription_ids: Sequence[int]) -> dict[int, list[Step]]:
    """What the customers did, in order; revaluations follow by themselves."""
    if not subscription_ids:
        return {}
    found: dict[int, list[Step]] = {}
    rows = SubscriptionChange.objects.filter(subscription_id__in=subscription_ids, revaluation=False)
    for sub, pk, day, amount, currency, quantity, plan in rows.order_by("effective_on", "id").values_list(
        "subscription_id", "id", "effective_on", "amount", "currency", "quantity", "plan_id"
    ):
        found.setdefault(sub, []).append(Step(day, Terms(amount, currency, quantity, plan), pk))
    return found


def write(entries: Sequence[Any]) -> list[int]:
    """The ids of the steps that are new. `entries` as in subscription_rows."""
    _take_back([pk for entry in entries for pk in entry.course.void])
    moved = [
        SubscriptionChange(pk=entry.course.moved.id, effective_on=entry.course.moved.day)
        for entry in entries
        if entry.course.moved
    ]
    if moved:
        SubscriptionChange.objects.bulk_update(moved, ["effective_on"], batch_size=1000)
    _explain(entries)
    rows = [row for entry in entries for row in _rows(entry)]
    # On one day: what begins or grows before what ends, so that a replaced subscription is no churn.
    rows.sort(key=lambda row: (row[0], row[1]))
    now = timezone.now()
    return copy_in(TABLE, COLUMNS, [[*row[2:], False, now] for row in rows])


def _take_back(ids: list[int]) -> None:
    if ids:
        Movement.objects.filter(change_id__in=ids)._raw_delete("default")
        SubscriptionChange.objects.filter(pk__in=ids)._raw_delete("default")


def _explain(entries: Sequence[Any]) -> None:
    ends = []
    for entry in entries:
        if entry.course.explained:
            reason, comment = reason_of(entry.sub)
            ends.append(SubscriptionChange(pk=entry.course.explained.id, reason=reason, comment=comment))
    if ends:
        SubscriptionChange.objects.bulk_update(ends, ["reason", "comment"], batch_size=1000)


def _rows(entry: Any) -> list[tuple]:
    sub, rows = entry.sub, []
    for step in entry.course.new:
        terms = step.terms
        over = not terms.amount and step.day > sub.started_on
        reason, comment = reason_of(sub) if over else ("", "")
        rows.append(
            (step.day, over, sub.pk, sub.account_id, step.day, entry.worth[step], terms.amount, terms.currency,
             terms.quantity, terms.plan_id, reason, comment)
        )  # fmt: skip
    return rows
