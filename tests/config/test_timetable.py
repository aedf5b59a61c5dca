"""The timetable goes on where a computer slept longer than its lock lives."""

from redbeat.schedulers import acquire_distributed_beat_lock, get_redis

from config.celery import app
from config.timetable import Scheduler


class Held:
    """What celery's beat_init sends: whoever holds the scheduler."""

    def __init__(self, scheduler):
        self.scheduler = scheduler


def test_a_lock_that_ran_out_is_asked_for_again(monkeypatch):
    scheduler = Scheduler(app, lock_key="redbeat::of-this-test", lazy=True)
    monkeypatch.setattr(Scheduler, "schedule", {})
    client = get_redis(app)
    acquire_distributed_beat_lock(sender=Held(scheduler))
    client.delete(scheduler.lock_key)

    assert scheduler.tick() == 0.0
    assert scheduler.lock.owned()
    assert scheduler.tick() == scheduler.max_interval

    scheduler.close()
    assert not client.exists(scheduler.lock_key)
