"""Imports under fire: a worker killed in the middle, a broker away, a hundred thousand rows with three bad ones."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from tests.services.installation import until

ROWS = 100_000
SETUP = """
from accounts.domain.imports import runs
from accounts.models import Account, ImportRun
Account.objects.bulk_create([Account(external_id=f"acc-{n}", name=f"Account {n}") for n in range(100)])

def lines():
    yield b"event_id,account,action,count,occurred_at\\n"
    for n in range(ROWS):
        bad = {17: "nobody", 50_000: "", 99_999: "acc-1 "}.get(n)
        account = f"acc-{n % 100}" if bad is None else bad
        count = "many" if n == 99_999 else 1
        yield f"u{n},{account},export,{count},2026-05-01T10:00:00Z\\n".encode()

run = runs.create_run(filename="usage.csv", chunks=lines(), kind="usage", by=None)
runs.choose_mapping(run, runs.mapping_of(run))
answer = run.pk
""".replace("ROWS", str(ROWS))
START = "from accounts.domain.imports import runs\nfrom accounts.models import ImportRun\nruns.start(ImportRun.objects.get(pk={}))"
AGAIN = "from accounts.domain.imports import runs\nruns.send({})"


def status(installation, run: int) -> str:
    return installation.query("select status from accounts_importrun where id = %s", (run,))[0][0]


def reached(installation, run: int, wanted: str) -> None:
    until(lambda: status(installation, run) == wanted)


def at_work(installation, run: int) -> bool:
    """Somebody holds the run."""
    return bool(installation.query("select 1 from pg_locks where locktype = 'advisory' and objid = %s limit 1", (run,)))


@contextmanager
def killed_in_the_middle(installation, run: int, name: str) -> Iterator[None]:
    """Its worker has read the file and cannot write what was in it: there it is killed. Then nobody holds the run."""
    with installation.connect() as connection:
        connection.execute("lock table health_usageevent in exclusive mode")
        worker = installation.worker(name=name, concurrency=1)
        yield
        until(lambda: installation.query("select 1 from pg_locks where not granted and locktype = 'relation'"))
        os.killpg(worker.process.pid, signal.SIGKILL)
    until(lambda: not at_work(installation, run))


def events(installation) -> int:
    return installation.query("select count(*) from health_usageevent")[0][0]


def test_a_hundred_thousand_rows_with_three_bad_ones_survive_killed_workers(installation):
    run = installation.python(SETUP)
    with killed_in_the_middle(installation, run, "first"):
        pass  # of the check: it was sent when the columns were chosen
    assert status(installation, run) == "preview"

    second = installation.worker(name="second", concurrency=1)
    installation.python(AGAIN.format(run))
    reached(installation, run, "ready")
    assert events(installation) == 0
    second.stop()

    with killed_in_the_middle(installation, run, "third"):
        installation.python(START.format(run))
    assert (status(installation, run), events(installation)) == ("running", 0)

    installation.worker(name="last", concurrency=1)
    installation.python(AGAIN.format(run))
    reached(installation, run, "done")
    (result,) = installation.query("select result -> 'run' from accounts_importrun where id = %s", (run,))[0]
    assert (result["rows"], result["created"], result["refused"]) == (ROWS, ROWS - 3, 3)
    assert result["refusals"] == [
        [19, "There is no account “nobody”."],
        [50_002, "Nothing in this row says which account it is about."],
        [100_001, "Count “many” is not a number."],
    ]
    assert events(installation) == ROWS - 3
    assert installation.query("select sum(count) from health_usageday")[0][0] == ROWS - 3


def test_with_the_broker_away_the_run_waits_and_the_sweep_sends_it(installation):
    with installation.broker_away():
        run = installation.python(SETUP)
    installation.worker()
    installation.query("update accounts_importrun set started_at = started_at - interval '2 minutes' returning 1")
    installation.publish("accounts.tasks.sweep_imports")
    reached(installation, run, "ready")
