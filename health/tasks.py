"""What workers do: each loads, calls, and may be run twice or at once."""

from contextlib import suppress

import structlog
from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from kombu.exceptions import OperationalError

from health.domain import marks, recompute, runs
from health.domain.surveys import answering, sending
from health.enums import RunStatus
from health.models import RecomputeRun

log = structlog.get_logger(__name__)

# One message works until nothing is marked, but gives way now and then.
ROUNDS = 20


@shared_task
def score_marked() -> int:
    """Accounts that readings have marked, a set at a time."""
    marks.heard()
    done = 0
    for _round in range(ROUNDS):
        scored = recompute.score_marked()
        if not scored:
            break
        done += scored
    return done


@shared_task
def recompute_all() -> int:
    """Every night: a run, in shards for whoever is free."""
    run = runs.start_run()
    send_shards(run)
    return run.pk


def send_shards(run: RecomputeRun) -> None:
    """To the workers. With the broker away the run stands, and resume_recompute() finds it."""
    with suppress(OperationalError):
        _send(runs.waiting_shards(run) or runs.settle(run.pk))


@shared_task
def recompute_shard(*, shard_id: int) -> None:
    run_id = runs.work_shard(shard_id)
    _send(runs.settle(run_id))
    if RecomputeRun.objects.filter(pk=run_id, status=RunStatus.DONE).exists():
        notice_all.delay()


@shared_task
def resume_recompute() -> int:
    """Shards of a run whose messages were lost with a worker or a broker."""
    run = runs.running()
    shards = (runs.settle(run.pk) or runs.waiting_shards(run)) if run and runs.is_stuck(run) else []
    _send(shards)
    return len(shards)


@shared_task
def notice_all() -> int:
    """What time alone brings: invoices become overdue, usage stays away."""
    with suppress(SoftTimeLimitExceeded):
        return runs.notice_all()
    return 0


# Surveys ------------------------------------------------------------------------------------------------------


@shared_task
def send_surveys() -> None:
    """Invites become mails, a portion at a time."""
    if count := sending.send_queued():
        log.info("survey invites written", count=count)


@shared_task
def remind_of_surveys() -> None:
    if count := sending.send_reminders():
        log.info("survey reminders written", count=count)


@shared_task
def firm_answers() -> None:
    """Answers of pages that only stood open, an hour later."""
    if count := answering.firm_provisional():
        log.info("provisional answers firm", count=count)


def _send(shards: list[int]) -> None:
    for shard in shards:
        recompute_shard.delay(shard_id=shard)
