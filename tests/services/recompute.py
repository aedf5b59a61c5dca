"""What fault tests of the recompute do inside an installation's own processes (`installation.python`).

Processes are killed by the time that they have worked themselves: what the machine does beside takes nothing from it.
"""

import os
import random
import signal
import time
from typing import Any

from django.db import connections
from django.utils import timezone

from accounts.models import Account, Activity, Playbook
from health.domain import recompute, runs
from health.enums import RunStatus
from health.models import RecomputeRun, Score, ScoreMark
from tests.health import factories

SHARD = 4
SHOWN = ("external_id", "score", "band", "capped_by", "known_weight")


def prepare(size: int) -> None:
    """Each a little worse than the one before."""
    Playbook.objects.all().delete()
    today = timezone.now().date()
    factories.all_received()
    factories.set_target(10)
    for n in range(size):
        account = factories.make_account(seats=1)
        factories.use(account, max(0, 15 - n % 16), on=today)
        for _ in range(n % 5):
            factories.ticket(account, on=today, severity="low")
    ScoreMark.objects.all().delete()


def undisturbed() -> dict[str, Any]:
    recompute.SHARD = SHARD
    began = time.process_time()
    runs.recompute_now()
    found = {"seconds": time.process_time() - began, "outcome": outcome()}
    Score.objects.all().delete()
    Activity.objects.filter(kind__startswith="health.").delete()
    RecomputeRun.objects.all().delete()
    Account.objects.update(score=None, band="unknown", capped_by="", known_weight=0, scored_at=None, trend=None)
    return found


def killed_until_done(most: int, seconds: float) -> dict[str, Any]:
    """The run, by processes that are killed at random points, each going on where the last one was. `seconds`: what it
    takes undisturbed; none is given a quarter of it."""
    recompute.SHARD = SHARD
    kills = 0
    for _ in range(most):
        connections.close_all()
        kills += _killed(random.uniform(0.02, 0.25) * seconds)
        if RecomputeRun.objects.filter(status=RunStatus.DONE).exists():
            break
    runs.recompute_now() if not RecomputeRun.objects.filter(status=RunStatus.DONE).exists() else None
    return {"kills": kills, "runs": RecomputeRun.objects.count(), "outcome": outcome()}


def outcome() -> list[Any]:
    """What everybody shows, their snapshots, and what was told of them."""
    shown = list(Account.objects.order_by("pk").values_list(*SHOWN))
    scores = list(Score.objects.order_by("account_id").values_list("account_id", "day", "score", "contributions"))
    told = list(
        Activity.objects.filter(kind__startswith="health.").order_by("account_id").values_list("account_id", "kind")
    )
    return [[str(cell) for cell in row] for row in (*shown, *scores, *told)]


def _killed(after: float) -> bool:
    child = os.fork()
    if child == 0:
        try:
            signal.setitimer(signal.ITIMER_PROF, after)  # its signal is one that kills
            runs.recompute_now()
        finally:
            os._exit(0)
    _pid, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)
