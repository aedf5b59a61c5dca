"""Webhooks under fire: a sender killed while it waits for an answer, brokers away, two workers at once. All that
happened arrives; only what was on its way comes twice, under the same id."""

import os
import signal
from collections import Counter
from collections.abc import Iterator
from threading import Event

import pytest

from tests.accounts.webhooks.receiver import Receiver, receiving
from tests.services.installation import until

COUNT = 60
PREPARE = """
from accounts.domain import webhooks
from tests.services import spine
spine.prepare(20)
row, secret = webhooks.add(url={url!r}, events=["mrr.contracted"])
answer = row.pk
"""
HAPPEN = f"from tests.services import spine\nspine.contractions({COUNT})"


@pytest.fixture
def receiver(monkeypatch) -> Iterator[Receiver]:
    monkeypatch.setenv("OUTGOING_NETWORKS", "127.0.0.0/8")
    with receiving() as receiver:
        yield receiver


def states(installation) -> dict[str, int]:
    return dict(installation.query("select status, count(*) from accounts_webhookdelivery group by 1"))


def all_arrived(installation) -> bool:
    return states(installation) == {"delivered": COUNT}


def test_a_killed_sender_loses_nothing_and_two_at_once_double_nothing(installation, receiver):
    installation.python(PREPARE.format(url=receiver.url))
    half, go_on = Event(), Event()

    def hold() -> None:
        if len(receiver.got) == COUNT // 2:
            half.set()
            go_on.wait(200)

    receiver.before = hold
    first = installation.worker(name="first")
    installation.python(HAPPEN)
    assert half.wait(200)
    os.killpg(first.process.pid, signal.SIGKILL)  # it has arrived; nobody has written that down
    go_on.set()
    installation.query("update accounts_webhookdelivery set claimed_at = claimed_at - interval '6 minutes' returning 1")
    installation.query("update accounts_webhook set busy_until = now() returning 1")

    installation.worker(name="second")
    for _ in range(3):
        installation.publish("accounts.tasks.sweep_activities")
        installation.publish("accounts.tasks.send_webhooks")
    until(lambda: all_arrived(installation))

    times = Counter(headers["webhook-id"] for headers, _body in receiver.got)
    assert len(times) == COUNT
    assert sorted(times.values())[-2:] == [1, 2]


def test_with_the_broker_away_the_sweep_sends_them_all_once(installation, receiver):
    installation.python(PREPARE.format(url=receiver.url))
    with installation.broker_away():
        installation.python(HAPPEN)
        installation.python("from accounts.domain import dispatch\ndispatch.dispatch_waiting()")
    assert states(installation) == {"waiting": COUNT}

    for name in ("first", "second"):
        installation.worker(name=name)
    for _ in range(5):
        installation.publish("accounts.tasks.send_webhooks")
    until(lambda: all_arrived(installation))
    assert sorted(Counter(headers["webhook-id"] for headers, _body in receiver.got).values()) == [1] * COUNT
