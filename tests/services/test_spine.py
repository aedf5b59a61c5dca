"""The spine under fire: brokers away, workers killed, messages twice and in any order. Nothing lost, nothing doubled."""

import os
import signal
import subprocess
import sys
import time

from config.embedded import addresses
from tests.services.installation import until

SPINE = "from tests.services import spine\n"


def run(installation, call):
    return installation.python(f"{SPINE}answer = spine.{call}")


def in_background(installation, call):
    code = f"import django\ndjango.setup()\n{SPINE}spine.{call}"
    return subprocess.Popen([sys.executable, "-c", code], cwd=addresses.ROOT, env=installation.environment())


def whole(activities, accounts):
    """The tally of so many contractions of so many accounts, each counted exactly once."""
    return {
        "activities": activities,
        "waiting": 0,
        "follow_ups": accounts,
        "counted": activities,
        "repeats": activities - accounts,
        "told": accounts,
        "deliveries": activities,
    }


def settle(installation):
    """Until nothing waits: asked with a cheap query, the tally is for the end."""
    waiting = "select 1 from accounts_activity where dispatched_at is null limit 1"
    until(lambda: not installation.query(waiting))


def test_with_the_broker_away_nothing_is_lost_and_the_sweep_catches_up(installation):
    run(installation, "prepare(20)")
    with installation.broker_away():
        run(installation, "contractions(200)")
    assert run(installation, "tally()")["waiting"] == 200

    installation.worker()
    installation.publish("accounts.tasks.sweep_activities")
    settle(installation)

    assert run(installation, "tally()") == whole(200, 20)


def test_an_emptied_broker_forgets_messages_and_the_sweep_does_not(installation):
    run(installation, "prepare(5)")
    run(installation, "contractions(50)")
    installation.redis().flushall()

    installation.worker()
    installation.beat()
    settle(installation)

    assert run(installation, "tally()") == whole(50, 5)


def test_workers_killed_in_the_middle_lose_and_double_nothing(installation):
    run(installation, "prepare(50)")
    recording = in_background(installation, "contractions(600)")
    for number in range(4):
        worker = installation.worker(name=f"worker-{number}")
        time.sleep(0.7)
        os.killpg(worker.process.pid, signal.SIGKILL)
    assert recording.wait() == 0
    installation.worker(name="last")
    installation.publish("accounts.tasks.sweep_activities")
    settle(installation)

    assert run(installation, "tally()") == whole(600, 50)


def test_messages_that_come_many_times_and_in_any_order_count_once(installation):
    run(installation, "prepare(10)")
    installation.worker(concurrency=4)
    code = "from config.celery import app\n" + "app.send_task('accounts.tasks.dispatch_activities')\n" * 50
    recording = in_background(installation, "contractions(150)")
    for _ in range(3):
        installation.python(code)
    assert recording.wait() == 0
    installation.python(code)
    settle(installation)

    assert run(installation, "tally()") == whole(150, 10)


def test_fifty_dispatchers_on_the_same_activity_open_one_follow_up(installation):
    run(installation, "prepare(1)")
    with installation.broker_away():
        run(installation, "contractions(1)")

    assert run(installation, "dispatched_by(50)") == 1

    assert run(installation, "tally()") == whole(1, 1)


def test_a_database_that_restarts_under_load_loses_nothing_it_acknowledged(installation):
    run(installation, "prepare(10)")
    installation.worker(concurrency=2)
    run(installation, "contractions(100)")
    installation.restart_postgres()
    run(installation, "contractions(100)")
    settle(installation)

    assert run(installation, "tally()") == whole(200, 10)


def test_a_change_and_its_activity_are_written_together_or_not_at_all(installation):
    run(installation, "prepare(1)")
    with installation.broker_away():  # nobody to answer: only the writing is looked at
        found = run(installation, "killed_while_working(200)")

    assert found["killed"] == 200
    assert found["closed"] > 5  # by those that were killed, too
    assert found["closed"] == found["told"] == found["both"]
