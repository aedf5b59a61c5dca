"""A worker's processes end with it, however it ends: killed while they start, they would wait for ever, each on a pipe
whose other end the other one holds, and keep a message that nobody works on."""

import os
import signal
from typing import Any

from celery.signals import worker_init, worker_process_init

from config.embedded.processes import die_with_parent

_worker = 0


@worker_init.connect
def remember(**_: Any) -> None:
    global _worker  # noqa: PLW0603 - its processes are forked, and know it from here
    _worker = os.getpid()


@worker_process_init.connect
def end_with_it(**_: Any) -> None:
    """Nothing to do where a worker has no processes but its own (`--pool solo`)."""
    if _worker not in {0, os.getpid()}:
        die_with_parent(signal.SIGKILL, _worker)()
