"""The suite's own stand-in for a worker keeps its promises."""

from decimal import Decimal

import pytest
from django.core.cache import cache
from django.db import transaction
from kombu.exceptions import EncodeError, OperationalError

from config.celery import app
from tests.queue import Message

heard: list = []


@app.task(name="tests.hear")
def hear(*, word, again=0):
    heard.append(word)
    if again:
        hear.delay(word=word, again=again - 1)


@pytest.fixture(autouse=True)
def _silence():
    heard.clear()


def test_a_published_task_waits_until_the_queue_is_drained(queue, db):
    hear.delay(word="x", again=1)

    assert queue.published() == [Message("tests.hear", [], {"word": "x", "again": 1})]
    assert heard == []
    assert [message.kwargs for message in queue.drain()] == [
        {"word": "x", "again": 1},
        {"word": "x", "again": 0},
    ]
    assert heard == ["x", "x"]
    assert queue.published() == []


def test_draining_commits_first(queue, db):
    transaction.on_commit(lambda: hear.delay(word="committed"))

    assert queue.published() == []
    queue.drain()
    assert heard == ["committed"]


def test_arguments_travel_through_json(queue, db):
    with pytest.raises(EncodeError):
        hear.delay(word=object())
    hear.delay(word=Decimal("1.50"))
    queue.drain()
    assert heard == [Decimal("1.50")]


def test_a_broker_that_is_away_refuses(queue):
    with queue.away(), pytest.raises(OperationalError):
        hear.delay(word="lost")
    assert queue.published() == []


@pytest.mark.parametrize("round_", [1, 2])
def test_each_test_has_a_cache_of_its_own(round_):
    assert cache.get("left") is None
    cache.set("left", round_)
    assert cache.get("left") == round_
