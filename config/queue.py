"""How the task queue is doing, seen from outside the workers: their heartbeat, how long tasks wait."""

import json
import time
from contextlib import suppress
from typing import Any

import redis
from celery.signals import before_task_publish, heartbeat_sent
from django.conf import settings
from django.core.cache import cache

PUBLISHED_AT = "published_at"
HEARTBEAT = "worker-heartbeat"
HEARTBEAT_KEPT_SECONDS = 3600
HEARTBEAT_EVERY_SECONDS = 5
PATIENCE_SECONDS = 1.0  # a probe answers soon, also when the broker hangs


@before_task_publish.connect
def stamp(headers: dict[str, Any] | None = None, **_: Any) -> None:
    """Celery does not say when a message was published; the age of the queue needs it."""
    if headers is not None:
        headers[PUBLISHED_AT] = time.time()


_last_beat = 0.0


@heartbeat_sent.connect
def beat(**_: Any) -> None:
    """Runs in the worker's main loop, every two seconds: a loop that hangs does not beat."""
    global _last_beat  # noqa: PLW0603 - one main loop a process
    if time.monotonic() - _last_beat < HEARTBEAT_EVERY_SECONDS:
        return
    _last_beat = time.monotonic()
    with suppress(Exception):  # a cache that is away must not take the worker along
        cache.set(HEARTBEAT, time.time(), HEARTBEAT_KEPT_SECONDS)


def heartbeat_age() -> float | None:
    """Seconds since any worker was last heard of; None if none was within the hour."""
    beat_at = cache.get(HEARTBEAT)
    return None if beat_at is None else max(0.0, time.time() - beat_at)


def broker() -> redis.Redis:
    return _client(settings.CELERY_BROKER_URL.replace("redis+socket://", "unix://").replace("virtual_host=", "db="))


def timetable() -> redis.Redis:
    """Where beat keeps what it knows."""
    return _client(settings.CELERY_REDBEAT_REDIS_URL)


def _client(url: str) -> redis.Redis:
    """A connection of our own with short time-outs: Celery's would wait."""
    return redis.Redis.from_url(url, socket_timeout=PATIENCE_SECONDS, socket_connect_timeout=PATIENCE_SECONDS)


def waiting() -> tuple[int, float]:
    """How many messages wait, and for how many seconds the oldest has."""
    with broker() as connection:
        name = settings.CELERY_TASK_DEFAULT_QUEUE
        length, oldest = int(connection.llen(name)), connection.lindex(name, -1)
    if oldest is None:
        return 0, 0.0
    published_at = json.loads(oldest)["headers"].get(PUBLISHED_AT)
    return length, max(0.0, time.time() - published_at) if published_at else 0.0
