"""Many workers at once: nothing is told twice, nothing is counted twice, nobody waits in a circle."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, OperationalError, connection, connections, transaction
from django.db.models import F

from accounts.domain.imports.commanding import import_path
from accounts.models import Account, Activity
from health.domain import ingest, marks, recompute, runs
from health.domain.events import Parsed
from health.domain.ingest import Event, Ingested, ingest_usage
from health.enums import RunStatus
from health.models import RecomputeRun, Score, ScoreMark, UsageDay, UsageEvent
from tests.accounts.imports.files import text_of, written
from tests.health import factories as f

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 6


def at_once(call: Callable[[int], object]) -> list:
    barrier, answers = Barrier(MANY), [None] * MANY

    def run(number: int) -> None:
        barrier.wait()
        try:
            answers[number] = call(number)
        except Exception as error:
            answers[number] = error
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=(n,)) for n in range(MANY)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.fixture
def fleet() -> list[Account]:
    f.all_received()
    f.set_target(10)
    today = datetime.now(UTC).date()
    accounts = f.make_accounts(12, seats=1)
    f.use_each(accounts, 15, on=today)
    for account in accounts:
        for _ in range(3):
            f.ticket(account, on=today, theme="sync")
    ScoreMark.objects.all().delete()
    return accounts


def told(kind: str) -> int:
    return Activity.objects.filter(kind=kind).count()


def test_the_same_accounts_are_scored_once(fleet):
    ids = [account.pk for account in fleet]
    answers = at_once(lambda n: recompute.score_accounts(ids if n % 2 else reversed(ids)).written)
    assert sum(answers) == Score.objects.count() == 12
    assert told("health.band_changed") == told("support.red_theme") == 12


def test_marks_are_shared_out(fleet):
    for account in fleet:
        marks.mark([account.pk])
    at_once(lambda n: [recompute.score_marked() for _ in range(4)])
    assert not ScoreMark.objects.exists()
    assert told("health.band_changed") == 12


def test_whole_runs_at_once_are_one_run(fleet):
    answers = at_once(lambda n: runs.recompute_now().pk)
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert set(RecomputeRun.objects.values_list("status", flat=True)) == {RunStatus.DONE}
    assert Score.objects.count() == told("health.band_changed") == 12


def test_the_same_batch_from_many_is_counted_once(fleet):
    now = datetime.now(UTC) - timedelta(days=2)
    events = [Event(f"e{n}", fleet[n % 12].external_id, f"action {n % 5}", now) for n in range(200)]
    UsageDay.objects.all().delete()
    answers = at_once(lambda n: ingest_usage(events if n % 2 else events[::-1]))
    assert all(isinstance(answer, Ingested) for answer in answers), answers
    assert sum(answer.accepted for answer in answers) == UsageEvent.objects.count() == 200
    assert sum(UsageDay.objects.values_list("count", flat=True)) == 200


def test_different_batches_add_up(fleet):
    now = datetime.now(UTC) - timedelta(days=2)
    UsageDay.objects.all().delete()

    def batch(number: int) -> Ingested:
        events = [Event(f"{number}-{n}", fleet[(n * (number + 1)) % 12].external_id, "a", now) for n in range(100)]
        return ingest_usage(events)

    assert [answer.accepted for answer in at_once(batch)] == [100] * MANY
    assert sum(UsageDay.objects.values_list("count", flat=True)) == 100 * MANY


def test_a_batch_that_others_were_in_the_way_of_twice_is_stored(fleet, monkeypatch):
    errors, stored = [IntegrityError("a total begun by another"), OperationalError("deadlock detected")], ingest._stored

    def at_last(parsed: Parsed, *, known: bool = False) -> Ingested:
        if errors:
            raise errors.pop(0)
        return stored(parsed, known=known)

    monkeypatch.setattr(ingest, "_stored", at_last)
    assert ingest_usage([Event("late", fleet[0].external_id, "a", datetime.now(UTC))]).accepted == 1


HEADER = ["event_id", "account", "usage_date", "action", "count"]


def test_a_file_that_another_store_was_in_the_way_of_is_counted_once(fleet, tmp_path):
    """Who stores elsewhere has the second account's total and asks for the first one's, which the file's store has."""
    today = datetime.now(UTC).date()
    first, second = fleet[:2]
    rows = [[f"of {one.pk}", one.external_id, today, "export", 1] for one in (first, second)]
    path = written(tmp_path, "usage.csv", text_of(HEADER, rows))
    outcomes: list = []
    importing = Thread(target=lambda: outcomes.append(imported(path)))
    with transaction.atomic():
        run("SET LOCAL deadlock_timeout = '60s'")  # so that it is the other one who is stopped
        add_one(second)
        importing.start()
        wait_for_a_wait()
        add_one(first)
    importing.join()
    assert outcomes == [(2, 0)]
    assert list(UsageDay.objects.filter(account__in=[first, second]).values_list("count", flat=True)) == [17, 17]
    assert UsageEvent.objects.count() == 2


def imported(path: Path) -> tuple[int, int] | Exception:
    try:
        run("SET deadlock_timeout = '2s'")
        outcome, _told = import_path("usage", path)
    except Exception as error:
        return error
    finally:
        connections.close_all()
    return outcome.created, outcome.unchanged


def add_one(account: Account) -> None:
    UsageDay.objects.filter(account=account).update(count=F("count") + 1)


def wait_for_a_wait() -> None:
    """Until another connection waits for a row of ours."""
    for _ in range(2000):
        if run("SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'"):
            return
        time.sleep(0.01)


def run(statement: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.rowcount
