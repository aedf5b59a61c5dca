"""One Ctrl-C stops everything once; impatient further ones do not interrupt the stopping."""

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StoppedError(SystemExit):
    """Asked to stop. Leaves through every `finally` on the way, which is where things are stopped."""


def _stop(number: int, _frame: FrameType | None) -> None:
    for each in STOPPING:
        signal.signal(each, signal.SIG_IGN)
    raise StoppedError(128 + number)


@contextlib.contextmanager
def stoppable() -> Iterator[None]:
    for each in STOPPING:
        signal.signal(each, _stop)
    yield
