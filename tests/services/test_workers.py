"""Workers, brokers and databases that go away and come back: no task is lost."""

import os
import signal
from collections import Counter

import pytest

from tests.services.installation import until


@pytest.fixture
def notes(installation):
    path = installation.data_dir / "notes"

    class Notes:
        def __str__(self):
            return str(path)

        def count(self):
            """Lines by what they say, without process numbers."""
            lines = path.read_text().splitlines() if path.exists() else []
            return Counter(" ".join(line.split()[:2]) for line in lines)

        def pid_of(self, number):
            for line in path.read_text().splitlines() if path.exists() else []:
                if line.startswith(f"begin {number} "):
                    return int(line.split()[2])
            return None

        def last_words(self):
            return [line.split()[-1] for line in path.read_text().splitlines()]

    return Notes()


def work(number, notes, seconds=0.0):
    return f"app.send_task('tests.services.work', kwargs=dict(path={str(notes)!r}, number={number}, seconds={seconds}))"


def test_a_task_whose_worker_process_was_killed_is_done_by_another(installation, notes):
    installation.worker(concurrency=1)
    installation.publish("tests.services.work", path=str(notes), number=1, seconds=3600)
    os.kill(until(lambda: notes.pid_of(1)), signal.SIGKILL)
    until(lambda: notes.count()["end 1"])
    assert notes.count() == {"begin 1": 2, "end 1": 1}


def test_the_tasks_of_a_killed_worker_come_back(installation, notes):
    first = installation.worker(concurrency=2, name="first")
    for number, seconds in enumerate((3600, 3600, 0, 0)):
        installation.publish("tests.services.work", path=str(notes), number=number, seconds=seconds)
    until(lambda: notes.count()["begin 0"] and notes.count()["begin 1"])
    os.killpg(first.process.pid, signal.SIGKILL)
    installation.worker(concurrency=2, name="second")
    until(lambda: all(notes.count()[f"end {number}"] for number in range(4)))


def test_tasks_wait_for_a_broker_that_restarts(installation, notes):
    installation.publish("tests.services.work", path=str(notes), number=1)
    with installation.broker_away():
        pass
    installation.worker()
    until(lambda: notes.count()["end 1"])


def test_a_worker_finds_its_way_back_to_a_restarted_broker(installation, notes):
    installation.worker()
    with installation.broker_away():
        until(lambda: "onnection" in installation.log("worker"))
    installation.publish("tests.services.work", path=str(notes), number=1)
    until(lambda: notes.count()["end 1"])


def test_a_broker_that_restarts_under_a_running_task_takes_no_worker_along(installation, notes):
    """Without config/broker.py the worker ends with an AttributeError, and everything after waits for ever."""
    worker = installation.worker(concurrency=2)  # one at work, one waiting for more
    installation.publish("tests.services.work", path=str(notes), number=1, seconds=3)
    until(lambda: notes.pid_of(1))
    with installation.broker_away():
        until(lambda: "onnection" in installation.log("worker"))
    installation.publish("tests.services.work", path=str(notes), number=2)
    until(lambda: notes.count()["end 2"])
    until(lambda: notes.count()["end 1"])
    assert worker.running


def test_publishing_to_a_dead_broker_fails_at_once(installation, notes):
    code = f"""
import time
from config.celery import app
started = time.monotonic()
try:
    {work(1, notes)}
except Exception as error:
    answer = [type(error).__name__, time.monotonic() - started]
"""
    with installation.broker_away():
        name, seconds = installation.python(code)
    assert name == "OperationalError"
    assert seconds < 60  # it does not wait until there is one again


def test_a_worker_keeps_its_connection_and_survives_a_restart_of_the_database(installation, notes):
    def touched(times):
        installation.publish("tests.services.touch_database", path=str(notes))
        until(lambda: notes.count()["users 0"] == times)

    installation.worker(concurrency=1)
    touched(1)
    touched(2)
    installation.restart_postgres()
    touched(3)
    before, again, after = notes.last_words()
    assert before == again != after


def test_two_beats_keep_one_time(installation):
    installation.beat("first")
    until(lambda: "Scheduler: Sending due task" in installation.log("first"))
    installation.beat("second")
    until(lambda: "beat: Starting" in installation.log("second"))
    before = installation.log("first").count("Sending due task")
    until(lambda: installation.log("first").count("Sending due task") > before + 1)
    assert "Sending due task" not in installation.log("second")


def test_the_worker_is_heard_of_while_it_lives(installation):
    worker = installation.worker()
    age = "from config import queue\nanswer = queue.heartbeat_age()"
    assert until(lambda: installation.python(age) is not None)
    worker.stop()
    assert installation.python(age) < 60
