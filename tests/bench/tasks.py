"""Tasks that do nothing but be done: the yardstick of what goes through the broker, and what warms a worker."""

import os
import time

from django.core.cache import cache

from config.celery import app

DONE = "bench:done"


@app.task(name="tests.bench.empty")
def empty() -> None:
    _done()


@app.task(name="tests.bench.lasting")
def lasting(seconds: float) -> None:
    """Keeps its process busy: what comes meanwhile goes to another one."""
    time.sleep(seconds)
    _done()


def _done() -> None:
    client = cache._cache.get_client(DONE, write=True)  # type: ignore[attr-defined]
    client.rpush(DONE, os.getpid())
