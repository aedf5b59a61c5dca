"""A full recompute: every account, in shards that any number of workers take. Each shard writes what it has done in
the transaction that did it, so a killed worker's shard is simply done again, and doing one twice changes nothing.

Scoring comes first, for everybody; only then does the fleet breaker look at it; only then are bands published.
"""

import json
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import Max, Q, Sum
from django.db.models.functions import Greatest
from django.utils import timezone

from accounts.models import User
from health.domain import breaker, recompute
from health.domain.notices import notice
from health.domain.sql import Statement, Which
from health.domain.sql.running import run_kept
from health.enums import RunStatus
from health.models import RecomputeRun, RecomputeShard

# A shard takes less than a second; its message's time-out is what is waited for.
STUCK = timedelta(minutes=5)


def start_run(*, by: User | None = None) -> RecomputeRun:
    """A new run, or the one at work: two at once would only do the same."""
    recompute.learn_tables()
    try:
        with transaction.atomic():
            run = RecomputeRun.objects.create(user=by)
            _cut(run)
            return run
    except IntegrityError:
        return running() or start_run(by=by)


def running() -> RecomputeRun | None:
    return RecomputeRun.objects.exclude(status=RunStatus.DONE).first()


def _cut(run: RecomputeRun) -> None:
    RecomputeShard.objects.bulk_create(
        RecomputeShard(run=run, low=low, high=high, accounts=accounts) for low, high, accounts in recompute.pieces()
    )


def waiting_shards(run: RecomputeRun) -> list[int]:
    """Ids of the shards that the run's present half still needs."""
    shards = run.shards.order_by("low").values_list("pk", flat=True)
    if run.status == RunStatus.SCORING:
        return list(shards.filter(scored_at__isnull=True))
    return list(shards.filter(published_at__isnull=True)) if run.status == RunStatus.PUBLISHING else []


class Shard(NamedTuple):
    """A range, with what its run is at."""

    pk: int
    run: int
    status: str
    started_at: datetime
    low: int
    high: int
    scored: bool
    published: bool


# Asked and answered for each shard, twice a night: by plans that are kept.
SHARD = """
SELECT s.id, s.run_id, r.status, r.started_at, s.low, s.high, s.scored_at IS NOT NULL, s.published_at IS NOT NULL
FROM health_recomputeshard s JOIN health_recomputerun r ON r.id = s.run_id WHERE s.id = %(shard)s
"""
SCORED = """
UPDATE health_recomputeshard SET scored_at = %(now)s, written = %(written)s, moves = %(moves)s::jsonb
WHERE id = %(shard)s AND scored_at IS NULL RETURNING id
"""
PUBLISHED = "UPDATE health_recomputeshard SET published_at = %(now)s WHERE id = %(shard)s RETURNING id"


def work_shard(shard_id: int) -> int:
    """Do what the shard's run is at. Done already, by whomever: nothing happens. Returns the run's id; raises
    DoesNotExist."""
    if not (found := run_kept(Statement(SHARD, {"shard": shard_id}))):
        raise RecomputeShard.DoesNotExist(shard_id)
    shard = Shard(*found)
    if shard.status == RunStatus.SCORING and not shard.scored:
        _score(shard)
    elif shard.status == RunStatus.PUBLISHING and not shard.published:
        _publish(shard)
    return shard.run


@transaction.atomic
def _score(shard: Shard) -> None:
    outcome = recompute.score_range(shard.low, shard.high, now=shard.started_at)
    done = {"now": timezone.now(), "written": outcome.written, "moves": json.dumps(outcome.moves)}
    run_kept(Statement(SCORED, {"shard": shard.pk, **done}))


@transaction.atomic
def _publish(shard: Shard) -> None:
    recompute.publish_range(shard.low, shard.high)
    run_kept(Statement(PUBLISHED, {"shard": shard.pk, "now": timezone.now()}))


@transaction.atomic
def settle(run_id: int) -> list[int]:
    """After a shard: if it was the last of this half, go on to the next. Returns the shards that now wait for a
    worker; whoever else comes meanwhile gets none."""
    run = RecomputeRun.objects.select_for_update().get(pk=run_id)
    waiting: list[int] = []
    if run.status == RunStatus.DONE or waiting_shards(run):
        return []
    while run.status != RunStatus.DONE and not waiting:
        _advance(run)
        waiting = waiting_shards(run)
    return waiting


def _advance(run: RecomputeRun) -> None:
    if run.status == RunStatus.SCORING and breaker.check(run):
        run.shards.update(scored_at=None)  # once more, with what has broken held at its earlier values
        return
    run.status = RunStatus.PUBLISHING if run.status == RunStatus.SCORING else RunStatus.DONE
    run.ended_at = timezone.now() if run.status == RunStatus.DONE else None
    run.save(update_fields=["status", "ended_at"])


def recompute_now(*, by: User | None = None) -> RecomputeRun:
    """The whole run in this process. Workers who are at the same run are welcome."""
    run = start_run(by=by)
    while run.status != RunStatus.DONE:
        waiting = waiting_shards(run) or settle(run.pk)
        while waiting:
            for shard in waiting:
                work_shard(shard)
            waiting = settle(run.pk)
        run.refresh_from_db()
    return run


def notice_all() -> int:
    """Drops of usage, overdue invoices and themes of everybody: time brings them even where no reading arrives."""
    return sum(_notice(low, high) for low, high in recompute.ranges())


@transaction.atomic
def _notice(low: int, high: int) -> int:
    return notice(Which(low, high), timezone.now())


def progress(run: RecomputeRun) -> tuple[int, int]:
    """Accounts done and accounts in all, a scored one counting half."""
    sums = run.shards.aggregate(
        all=Sum("accounts", default=0),
        scored=Sum("accounts", filter=Q(scored_at__isnull=False), default=0),
        published=Sum("accounts", filter=Q(published_at__isnull=False), default=0),
    )
    return (sums["scored"] + sums["published"]) // 2, sums["all"]


def is_stuck(run: RecomputeRun) -> bool:
    """Nothing has happened for so long that no worker can be at it."""
    last = run.shards.aggregate(last=Greatest(Max("scored_at"), Max("published_at")))["last"] or run.started_at
    return last < timezone.now() - STUCK
