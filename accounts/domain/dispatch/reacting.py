"""Reactions: code of the apps above that answers activities. A batch in a transaction of its own, its effects and
the mark on its deliveries together; what fails is tried again one by one."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

import structlog
from django.db import connection, transaction
from django.utils import timezone

from accounts.domain.dispatch.pacing import ATTEMPTS, wait_after
from accounts.enums import DeliveryStatus
from accounts.models import Activity, Delivery
from accounts.registry import Reaction, reactions

log = structlog.get_logger(__name__)

BATCH = 1000
REACTION = "reaction:"

Known = Mapping[int, Activity]  # by id
Row = tuple[int, Activity]  # a delivery's id, and what it delivers


def react(dispatched: Iterable[Activity] = ()) -> int:
    """Every reaction that waits for its first try. Returns how many deliveries were ended. What was just dispatched
    is not read again: activities do not change."""
    known = {activity.pk: activity for activity in dispatched}
    waited_for = set(_pending().filter(subscriber__startswith=REACTION).values_list("subscriber", flat=True).distinct())
    return sum(_react_all(reaction, known) for reaction in reactions if f"{REACTION}{reaction.name}" in waited_for)


def _pending():
    return Delivery.objects.filter(status=DeliveryStatus.PENDING, next_attempt_at__lte=timezone.now())


def _react_all(reaction: Reaction, known: Known) -> int:
    total = done = _react_once(reaction, known)
    while done == BATCH:
        total += (done := _react_once(reaction, known))
    return total


@transaction.atomic
def _react_once(reaction: Reaction, known: Known) -> int:
    rows = _claimed(reaction, known)
    by_kind = sorted(rows, key=lambda row: row[1].kind)  # a stable sort: still in order within a kind
    for _kind, group in groupby(by_kind, key=lambda row: row[1].kind):
        _together_or_alone(reaction, list(group))
    return len(rows)


def _claimed(reaction: Reaction, known: Known) -> list[Row]:
    """Oldest first. What the deliveries say is not read: they wait, and that is all there is to know."""
    pending = _pending().filter(subscriber=f"{REACTION}{reaction.name}")
    locked = pending.order_by("activity_id").select_for_update(skip_locked=True)
    found = dict(locked.values_list("activity_id", "pk")[:BATCH])
    unknown = found.keys() - known.keys()
    read = {a.pk: a for a in Activity.objects.filter(pk__among=unknown)} if unknown else {}
    return [(found[pk], known.get(pk) or read[pk]) for pk in sorted(found)]


def _together_or_alone(reaction: Reaction, rows: Sequence[Row]) -> None:
    error = attempt(reaction, [activity for _pk, activity in rows])
    if error is None:
        done(pk for pk, _activity in rows)
    elif len(rows) == 1:
        put_off(Delivery.objects.get(pk=rows[0][0]), error)
    else:
        for row in rows:
            _together_or_alone(reaction, [row])


def attempt(reaction: Reaction, activities: Sequence[Activity]) -> Exception | None:
    """What it raised, with all it did until then undone."""
    try:
        with transaction.atomic():
            reaction.handle(activities)
            # What would only fail at the commit fails here, where it is known whose fault it is.
            with connection.cursor() as cursor:
                cursor.execute("set constraints all immediate")
                cursor.execute("set constraints all deferred")
    except Exception as error:
        log.exception("reaction failed", reaction=reaction.name, activities=[a.pk for a in activities][:20])
        return error
    return None


def done(ids: Iterable[int]) -> None:
    Delivery.objects.filter(pk__among=list(ids)).update(
        status=DeliveryStatus.DONE, attempts=1, note="", ended_at=timezone.now(), next_attempt_at=None
    )


def put_off(row: Delivery, error: Exception | str, facts: dict[str, bool] | None = None) -> None:
    """Again later, or, after the last attempt, parked where an admin sees it."""
    row.attempts += 1
    row.note = (error if isinstance(error, str) else f"{type(error).__name__}: {error}")[:2000]
    row.facts = facts or {}
    if row.attempts >= ATTEMPTS:
        row.status, row.next_attempt_at, row.ended_at = DeliveryStatus.PARKED, None, timezone.now()
    else:
        row.status, row.next_attempt_at = DeliveryStatus.FAILED, timezone.now() + wait_after(row.attempts)
    row.save(update_fields=["attempts", "note", "facts", "status", "next_attempt_at", "ended_at"])
