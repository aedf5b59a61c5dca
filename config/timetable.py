"""The clock behind the timetable: RedBeat, which keeps going where it would stop for good."""

import logging
from types import SimpleNamespace
from typing import Any

from redbeat.schedulers import RedBeatScheduler, acquire_distributed_beat_lock
from redis.exceptions import LockNotOwnedError

log = logging.getLogger(__name__)


class Scheduler(RedBeatScheduler):
    """A computer that slept, or was busy beyond measure, finds its lock run out: it is asked for again, as at the
    start. Where another beat has it by now, this one waits for its turn."""

    def tick(self, *args: Any, **kwargs: Any) -> float:
        try:
            return super().tick(*args, **kwargs)
        except LockNotOwnedError:
            log.warning("The lock of the timetable ran out; it is asked for again.")
            acquire_distributed_beat_lock(sender=SimpleNamespace(scheduler=self))
            return 0.0
