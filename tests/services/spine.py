"""What fault tests of the spine do inside an installation's own processes (`installation.python`)."""

import os
import random
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection, connections, transaction

from accounts.domain import dispatch, followups
from accounts.models import Account, Activity, Delivery, FollowUp, Occurrence, Playbook, User
from tests.accounts.spine import contract, make_account, make_follow_up, make_playbook


def prepare(accounts: int = 20) -> list[int]:
    """One playbook that answers contractions, and accounts to have some."""
    Playbook.objects.all().delete()
    make_playbook()
    csm = User.objects.create_user("chloe@tenure.example", name="Chloe")
    return [make_account(f"Account {n}", csm=csm).pk for n in range(accounts)]


def contractions(count: int) -> None:
    """So many, one transaction each, over all accounts in turn."""
    accounts = list(Account.objects.order_by("pk"))
    for number in range(count):
        contract(accounts[number % len(accounts)])


def tally() -> dict[str, int]:
    """What there is. With nothing lost and nothing doubled, activities = counted = deliveries."""
    happened = Activity.objects.filter(kind="mrr.contracted")
    return {
        "activities": happened.count(),
        "waiting": happened.filter(dispatched_at=None).count(),
        "follow_ups": FollowUp.objects.count(),
        "counted": sum(FollowUp.objects.values_list("occurrences", flat=True)),
        "repeats": Occurrence.objects.count(),
        "told": Activity.objects.filter(kind="followup.opened").count(),
        "deliveries": Delivery.objects.filter(subscriber__startswith="playbook:", status="done").count(),
    }


def dispatched_by(threads: int) -> int:
    """All at once on what waits; how many activities they dispatched between them."""
    barrier = Barrier(threads)

    def run(_number: int) -> int:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=100)
            return dispatch.dispatch_waiting()
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(run, range(threads)))


def killed_while_working(times: int) -> dict[str, int]:
    """A process that closes follow-ups is killed at so many random points: by the time that it has worked itself, so
    that a busy machine takes nothing from it. How many are closed, and how many of the closed have their activity, and
    the activities their closed row."""
    account = Account.objects.first()
    for _ in range(times * 10):
        make_follow_up(account)
    user = User.objects.get()
    each = min(_seconds_to_close_one(user) for _ in range(5))
    connections.close_all()
    killed = sum(_killed(user, random.uniform(0, 8) * each) for _ in range(times))
    closed = set(FollowUp.objects.filter(status="done").values_list("pk", flat=True))
    told = [data["follow_up"] for data in Activity.objects.filter(kind="followup.done").values_list("data", flat=True)]
    return {
        "killed": killed,
        "closed": len(closed),
        "told": len(told),
        "both": len(closed & set(told)),
    }


def _seconds_to_close_one(user: User) -> float:
    began = time.process_time()
    _close(user, 1)
    return time.process_time() - began


def _killed(user: User, after: float) -> bool:
    child = os.fork()
    if child == 0:
        try:
            connection.ensure_connection()
            signal.setitimer(signal.ITIMER_PROF, after or 0.001)  # its signal is one that kills
            _close(user, 50)
            os.kill(os.getpid(), signal.SIGKILL)
        finally:
            os._exit(0)
    _pid, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def _close(user: User, most: int) -> None:
    for pk in list(FollowUp.objects.filter(status="open").order_by("pk").values_list("pk", flat=True)[:most]):
        with transaction.atomic():
            followups.complete(pk, by=user, outcome="helped")
