"""Readings and files on their way in, against COPY of rows that are ready."""

import csv
import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from django.db import connection, transaction

from accounts.domain.imports.commanding import import_path
from tests.bench.api import USAGE, post
from tests.bench.filling import execute
from tests.bench.measuring import Bench, Result, at_least, in_turns, measure, rounded
from tests.bench.recompute import timed

A_CALL = 1000
ACTIVE = 2000  # so many customers are at work in an hour, whatever their number
dice = random.Random(4)

# What a table row of usage is made of: account, id, action, count, time, user.
Row = tuple[int, str, int, int, str, str]


def usage_rows(number: int, scale: int, minutes: int = 60 * 24 * 30) -> list[Row]:
    now = datetime.now(UTC)
    return [
        (
            dice.randint(1, scale),
            str(UUID(int=dice.getrandbits(128))),
            dice.randint(1, 12),
            dice.randint(1, 5),
            (now - timedelta(minutes=dice.randint(1, minutes))).isoformat(),
            f"user{dice.randint(1, 900)}@c.example",
        )
        for _ in range(number)
    ]


def as_batch(rows: list[Row]) -> bytes:
    events = [
        {"event_id": e, "account": f"acc-{a}", "action": f"action-{x}", "count": n, "occurred_at": t, "user": u}
        for a, e, x, n, t, u in rows
    ]
    return json.dumps({"events": events}).encode()


EVENTS = 'health_usageevent (account_id, event_id, action_id, count, occurred_at, "user")'


def copied(table: str, lines: str) -> None:
    with connection.cursor() as cursor, cursor.copy(f"copy {table} from stdin") as copy:
        copy.write(lines)


def ready(rows: list) -> str:
    return "\n".join("\t".join(map(str, row)) for row in rows) + "\n"


@measure("usage_over_http")
def usage(bench: Bench) -> Result:
    """A thousand events a call: parsed, checked, each counted once, daily totals kept, accounts marked."""
    sent: list[bytes] = []
    active = min(bench.scale, ACTIVE)

    def ours() -> float:
        sent.append(as_batch(usage_rows(A_CALL, active, minutes=60)))
        seconds = timed(lambda: post(USAGE, sent[-1]))
        execute("delete from health_scoremark")
        return seconds

    def again() -> float:
        body = sent[-1]
        return timed(lambda: post(USAGE, body))

    def copy() -> float:
        rows = ready(usage_rows(A_CALL, active, minutes=60))
        return timed(lambda: copied(EVENTS, rows))

    series = in_turns({"ours": ours, "again": again, "copy": copy}, rounds=25)
    resent = series.ratio("again", "ours")
    result = at_least(
        series.ratio("copy", "ours"), 0.25, resent=rounded(resent), milliseconds=series.milliseconds("ours")
    )
    return result | {"ok": result["ok"] and resent <= 1}


@contextmanager
def file_of(header: str, rows: Iterator[tuple] | list) -> Iterator[Path]:
    with TemporaryDirectory(prefix="tenure-bench-") as folder:
        path = Path(folder) / "rows.csv"
        with path.open("w", newline="") as out:
            out.write(header + "\n")
            csv.writer(out).writerows(rows)
        yield path


def taken_back(do: Callable[[], object], *tables: str) -> float:
    execute(f"vacuum {', '.join(tables)}")
    with transaction.atomic():
        seconds = timed(do)
        transaction.set_rollback(True)
    return seconds


def length(bench: Bench) -> int:
    """A hundred thousand rows; where there are few customers, ten of each. As many rows as customers would be mostly
    the start of an import: looking at the file, guessing its columns, making tables."""
    return min(100_000, 10 * bench.scale)


def against(bench: Bench, number: int, ours: Callable[[], object], copy: Callable[[], object], *tables: str) -> Result:
    series = in_turns(
        {"ours": lambda: taken_back(ours, *tables), "copy": lambda: taken_back(copy, *tables)},
        rounds=5 if bench.scale <= 20_000 else 3,
        warm=number < 50_000,
    )
    return at_least(series.ratio("copy", "ours"), 0.4, rows=number, seconds=series.milliseconds("ours") / 1000)


@measure("csv_usage")
def csv_usage(bench: Bench) -> Result:
    """Rows of usage, every cell checked, against COPY into a stage and an upsert of the same events and daily
    totals."""
    rows = usage_rows(length(bench), bench.scale)
    lines = ready(rows)
    tables = ("health_usageevent", "health_usageday", "health_scoremark")

    def upsert() -> None:
        execute("create temp table stage (a bigint, e text, x int, n int, t timestamptz, u text) on commit drop")
        copied("stage", lines)
        execute(
            f"insert into {EVENTS} select * from stage on conflict (account_id, event_id) do update set count = excluded.count"
        )
        execute(
            "insert into health_usageday as kept (account_id, day, action_id, count)"
            " select a, t::date, x, sum(n) from stage group by 1, 2, 3"
            " on conflict (account_id, day, action_id) do update set count = kept.count + excluded.count"
        )

    cells = [(e, f"acc-{a}", f"action-{x}", n, t, u) for a, e, x, n, t, u in rows]
    with file_of("event_id,account,action,count,occurred_at,user", cells) as path:

        def ours() -> None:
            outcome, _columns = import_path("usage", path)
            assert (outcome.created, outcome.refused) == (len(rows), 0), outcome

        return against(bench, len(rows), ours, upsert, *tables)


@measure("csv_accounts")
def csv_accounts(bench: Bench) -> Result:
    """New accounts from a file, with the activity that tells of each, against COPY and an upsert of the accounts."""
    rows = [(f"new-{n}", f"Newcomer {n}", f"n{n}.example", "EUR", "FR", "Software") for n in range(length(bench))]
    lines = ready(rows)
    names = "external_id, name, domain, currency, country, industry"
    tables = ("accounts_account", "accounts_activity", "health_scoremark")

    def upsert() -> None:
        execute(f"create temp table stage ({names.replace(',', ' text,')} text) on commit drop")
        copied("stage", lines)
        execute(
            f"insert into accounts_account ({names}, stage, time_zone, custom, created_at, mrr, seats, band, capped_by,"
            f" known_weight) select {names}, 'active', 'UTC', '{{}}', now(), 0, 0, 'unknown', '', 0 from stage"
            " on conflict (external_id) do update set name = excluded.name"
        )

    with file_of(names.replace(" ", ""), rows) as path:

        def ours() -> None:
            outcome, _columns = import_path("accounts", path)
            assert (outcome.created, outcome.refused) == (len(rows), 0), outcome

        return against(bench, len(rows), ours, upsert, *tables)
