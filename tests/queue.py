"""Celery without a worker: tests see what was published, and run it when they say so.

The default suite publishes to an in-memory broker. That serialises for real: an argument that JSON cannot
carry fails as it would in production. Nothing runs by itself: `queue.drain()` commits (runs the on-commit
hooks, which a test's own transaction would swallow), then runs the messages in order, and those that they
publish, until none is left.
"""

import base64
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pytest
from celery import Celery
from django.conf import settings
from django.db import connection
from kombu.exceptions import OperationalError
from kombu.serialization import loads
from kombu.transport.memory import Channel

ENDLESS = 1000


@dataclass(frozen=True)
class Message:
    task: str
    args: list[Any] = field(default_factory=list)
    kwargs: dict[str, Any] = field(default_factory=dict)
    eta: str | None = None


class Queue:
    def __init__(self, app: Celery) -> None:
        self.app = app

    def published(self, task: str | None = None) -> list[Message]:
        """What waits (of one task), oldest first. It stays there."""
        waiting = map(decode, list(self._waiting()))
        return [message for message in waiting if task in {None, message.task}]

    def clear(self) -> None:
        self._waiting().clear()

    def commit(self) -> None:
        """Runs what waits for the end of the transaction, as its commit would."""
        while hooks := connection.run_on_commit:
            connection.run_on_commit = []
            for _savepoints, hook, robust in hooks:
                try:
                    hook()
                except Exception:
                    if not robust:
                        raise

    def drain(self) -> list[Message]:
        """The commit, then a worker until nothing is left to do. What a task raises is raised here.

        Returns what was run. A countdown does not delay it: move the clock first where that matters.
        """
        ran: list[Message] = []
        self.commit()
        while self._waiting():
            ran.append(decode(self._waiting().popleft()))
            assert len(ran) < ENDLESS, f"tasks publish each other without end: {ran[-1].task}"
            self.run(ran[-1])
        return ran

    def run(self, message: Message) -> None:
        """One message, as a worker would. Run it twice to be a broker that delivers twice."""
        know_tasks(self.app)
        task = self.app.tasks[message.task]
        task.apply(args=message.args, kwargs=message.kwargs, throw=True)
        self.commit()

    @contextmanager
    def away(self) -> Iterator[None]:
        """The broker is down: publishing fails, as it does when nothing listens."""

        def refuse(*_args: Any, **_kwargs: Any) -> None:
            raise OperationalError("the broker is away")

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Channel, "_put", refuse)
            yield

    def _waiting(self) -> deque[dict[str, Any]]:
        known = Channel.queues.get(settings.CELERY_TASK_DEFAULT_QUEUE)
        return known.queue if known else deque()


@cache
def know_tasks(app: Celery) -> None:
    """As a worker does when it starts: with it come all of Django's checks, a quarter of a second."""
    app.loader.import_default_modules()


def decode(raw: dict[str, Any]) -> Message:
    body = base64.b64decode(raw["body"])
    args, kwargs, _embedded = loads(body, raw["content-type"], raw["content-encoding"])
    return Message(raw["headers"]["task"], args, kwargs, raw["headers"]["eta"])
