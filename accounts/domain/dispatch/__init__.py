"""From activities to their effects: playbooks and reactions, once each, whatever breaks in between.

record() leaves an activity undispatched and sends a hint; a worker that hears it, or the sweep, calls
dispatch_waiting(). Every subscriber's end is a Delivery row: done, skipped and why, failed until tried again,
parked. Nothing here depends on a message arriving, or arriving once, or in order.
"""

import time
from collections.abc import Sequence

import structlog
from django.db import InterfaceError, OperationalError

from accounts.domain.activity import announce
from accounts.domain.dispatch.batch import BATCH, dispatch_batch, park_next, waiting
from accounts.domain.dispatch.reacting import react
from accounts.domain.dispatch.retrying import retry_due, try_again
from accounts.domain.dispatch.trial import Trial, try_on
from accounts.models import Activity

__all__ = ["Trial", "dispatch_waiting", "react", "retry_due", "try_again", "try_on"]

log = structlog.get_logger(__name__)

PATIENCE = 60.0  # seconds; long work is cut into short tasks


def dispatch_waiting(*, batch: int = BATCH) -> int:
    """Dispatch until nothing waits. Returns how many activities it were."""
    total, until = 0, time.monotonic() + PATIENCE
    while (dispatched := _guarded(batch)) is not None:
        total += len(dispatched)
        react(dispatched)
        # Looked at after letting go of the lock: whoever found it taken meanwhile has left the rest to us.
        if len(dispatched) < batch and not waiting():
            break
        if time.monotonic() > until:
            announce()
            break
    return total


def _guarded(batch: int) -> Sequence[Activity] | None:
    """A batch; if it cannot be dispatched as a whole, one by one, with the one to blame set aside."""
    try:
        return dispatch_batch(batch)
    except (OperationalError, InterfaceError):
        raise  # the database's trouble and nobody's fault here: the sweep tries again
    except Exception:
        log.exception("a batch could not be dispatched, going one by one")
    done: list[Activity] = []
    while len(done) < batch and (one := _one()):
        done += one
    return done


def _one() -> Sequence[Activity] | None:
    try:
        return dispatch_batch(1)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        log.exception("an activity could not be dispatched")
        return park_next(error)
