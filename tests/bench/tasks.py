"""Tasks that do nothing but be done: the yardstick of what goes through the broker."""

import os

from django.core.cache import cache

from config.celery import app

DONE = "bench:done"


@app.task(name="tests.bench.empty")
def empty() -> None:
    client = cache._cache.get_client(DONE, write=True)  # type: ignore[attr-defined]
    client.rpush(DONE, os.getpid())
