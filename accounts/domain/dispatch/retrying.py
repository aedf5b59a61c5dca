"""What failed, and what a cool-down held back, is tried again, one at a time: a bad one delays nobody."""

from collections.abc import Iterable

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_noop

from accounts.domain.dispatch.batch import CLOSING, Run, load_playbooks
from accounts.domain.dispatch.endings import store
from accounts.domain.dispatch.reacting import REACTION, attempt, put_off
from accounts.enums import DeliveryStatus, PlaybookState
from accounts.models import Delivery
from accounts.registry import reactions

log = structlog.get_logger(__name__)

AT_ONCE = 200
PLAYBOOK = "playbook:"
# A reaction that waits for its first try is react()'s.
AGAIN = Q(status=DeliveryStatus.FAILED) | Q(status=DeliveryStatus.PENDING, subscriber__startswith=PLAYBOOK)
# Kept on a row that was held back, should the trying fail: it is still due as if it had happened when it opens.
HELD = {"held": True}
NO_SUCH = gettext_noop("Nobody of that name listens any more.")
SWITCHED_OFF = gettext_noop("The playbook is switched off.")


def retry_due(limit: int = AT_ONCE) -> int:
    """Those whose time has come, each in a transaction of its own. Returns how many were tried."""
    for tried in range(limit):
        if not _retry_next():
            return tried
    return limit


@transaction.atomic
def _retry_next() -> bool:
    row = (
        Delivery.objects.filter(AGAIN, next_attempt_at__lte=timezone.now())
        .select_related("activity")
        .order_by("next_attempt_at")
        .select_for_update(skip_locked=True, of=("self",))
        .first()
    )
    if row is None:
        return False
    retry(row)
    return True


def retry(row: Delivery) -> None:
    """One more attempt. However it ends, the row says so."""
    held = _was_held(row)
    try:
        with transaction.atomic():
            error = _again(row)
    except Exception as raised:
        log.exception("delivery failed again", subscriber=row.subscriber, activity=row.activity_id)
        error = raised
    if error is not None:
        put_off(row, error, HELD if held else {})


def _was_held(row: Delivery) -> bool:
    return row.status == DeliveryStatus.PENDING or row.facts == HELD


def _again(row: Delivery) -> Exception | str | None:
    if row.subscriber.startswith(REACTION):
        return _react_again(row)
    return _run_again(row)


def _react_again(row: Delivery) -> Exception | None:
    reaction = reactions.items.get(row.subscriber.removeprefix(REACTION))
    if reaction is None:
        _end(row, DeliveryStatus.SKIPPED, NO_SUCH)
        return None
    error = attempt(reaction, [row.activity])
    if error is None:
        _end(row, DeliveryStatus.DONE)
    return error


def _run_again(row: Delivery) -> str | None:
    pk = row.subscriber.removeprefix(PLAYBOOK).removeprefix(CLOSING)
    prepared = next((p for p in load_playbooks() if str(p.playbook.pk) == pk), None)
    if prepared is None:
        _end(row, DeliveryStatus.SKIPPED, NO_SUCH)
        return None
    closing = row.subscriber.startswith(CLOSING)
    if not closing and prepared.playbook.state != PlaybookState.ON:
        _end(row, DeliveryStatus.SKIPPED, SWITCHED_OFF)
        return None
    # What was held back is due as if it had happened now: until now nobody could have done anything about it.
    run = Run([row.activity], [prepared], since=timezone.now() if _was_held(row) else None)
    endings = [d for d in (run.closings() if closing else run.playbooks()) if d.subscriber == row.subscriber]
    if endings and endings[0].status == DeliveryStatus.FAILED:
        return endings[0].note
    if endings:
        store(endings)
    _attempted(row, None if endings else DeliveryStatus.DONE)
    return None


def _attempted(row: Delivery, status: DeliveryStatus | None) -> None:
    row.attempts += 1
    if status is None:
        row.save(update_fields=["attempts"])
    else:
        _end(row, status)


def _end(row: Delivery, status: DeliveryStatus, note: str = "") -> None:
    row.status, row.note, row.facts = status, note, {}
    row.next_attempt_at, row.ended_at = None, timezone.now()
    row.save(update_fields=["status", "note", "facts", "next_attempt_at", "ended_at", "attempts"])


# What an admin may do about the parked ones ---------------------------------------------------------------


def try_again(ids: Iterable[int]) -> int:
    """Parked ones get five more attempts, from now on."""
    return Delivery.objects.filter(pk__in=list(ids), status=DeliveryStatus.PARKED).update(
        status=DeliveryStatus.FAILED, attempts=0, next_attempt_at=timezone.now(), ended_at=None
    )
