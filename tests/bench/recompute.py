"""Scores: everybody's, those of a few accounts, that of one."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Sum

from accounts.domain import dispatch
from accounts.models import Activity, FollowUp
from health.domain import marks, recompute, runs
from tests.bench import processes
from tests.bench.filling import ask, execute
from tests.bench.measuring import Bench, Result, at_least, at_most, in_turns, measure, rounded

# The default model as one writes it down who only wants a number and a word for each account.
BARE = """
insert into bench_score (account_id, score, band)
select id, score, case when score <= 40 then 'red' when score <= 70 then 'yellow' when score <= 100 then 'green'
    else 'thriving' end
from (
    select a.id, round((40 * least(150, 100 * coalesce(u.points, 0) / (a.seats * 20.0)) + 10 * coalesce(n.score, 50)
        + 20 * greatest(0, 100 - coalesce(t.weight, 0))
        + 30 * case when i.days is null then 100 when i.days < 15 then 60 when i.days < 31 then 30 else 0 end) / 100
        )::int as score
    from accounts_account a
    left join (
        select d.account_id, sum(d.count * x.impact) as points
        from health_usageday d join health_action x on x.id = d.action_id
        where d.day > current_date - 28 and d.day <= current_date {readings} group by 1
    ) u on u.account_id = a.id
    left join (
        select account_id, avg(score) * 10 as score from (
            select distinct on (account_id, contact_id) account_id, score from health_answer d
            where kind = 'nps' and answered_at > now() - interval '180 days' {readings}
            order by account_id, contact_id, answered_at desc
        ) latest group by 1
    ) n on n.account_id = a.id
    left join (
        select account_id, sum(case severity when 'low' then 10 when 'normal' then 25 when 'high' then 40 else 60 end)
            as weight
        from health_ticket d where opened_at > now() - interval '30 days' {readings} group by 1
    ) t on t.account_id = a.id
    left join (
        select account_id, current_date - min(due_on) as days from health_invoice d
        where status = 'open' and due_on < current_date {readings} group by 1
    ) i on i.account_id = a.id
    where true {accounts}
) scored
"""


def bare(ids: list[int] | None = None) -> float:
    """Into a table that is empty each time."""
    execute(
        "create table if not exists bench_score (account_id bigint primary key, score int, band varchar(8) not null)"
    )
    execute("truncate bench_score")
    some = {"accounts": "and a.id = any(%(ids)s)", "readings": "and d.account_id = any(%(ids)s)"}
    statement = BARE.format(**(some if ids else dict.fromkeys(some, "")))
    return timed(lambda: execute(statement, {"ids": ids}))


def timed(do: Callable[[], Any]) -> float:
    started = time.perf_counter()
    do()
    return time.perf_counter() - started


def undone(do: Callable[[], Any]) -> float:
    """How long it took; then it has not happened, and nothing of it lies about."""
    execute("vacuum health_score, accounts_account, accounts_activity, accounts_followup, health_notice")
    with transaction.atomic():
        seconds = timed(do)
        transaction.set_rollback(True)
    return seconds


# Neighbours of a shared machine slow it down for seconds: a median of few rounds of seconds is theirs.
ROUNDS = 9


@measure("recompute_scores")
def scores(bench: Bench) -> Result:
    """The first half of a full recompute: everybody's snapshot, in the ranges that workers take, one after another."""

    def ours() -> float:
        return undone(lambda: [recompute.score_range(low, high) for low, high in recompute.ranges()])

    series = in_turns({"ours": ours, "bare": bare}, rounds=ROUNDS)
    return at_most(series.ratio("ours", "bare"), 1.3, seconds=series.milliseconds("ours") / 1000)


@measure("recompute_night")
def night(bench: Bench) -> Result:
    """The whole of it, a day later: snapshots with contributions, one account in fifty in another band, and what
    follows: activities, and what playbooks open and close."""
    happened: dict[str, int] = {}

    def whole() -> None:
        runs.recompute_now()
        dispatch.dispatch_waiting()

    def ours() -> float:
        def do() -> None:
            activities, follow_ups = Activity.objects.count(), FollowUp.objects.count()
            happened["seconds"] = timed(whole)  # type: ignore[assignment]
            happened["activities"] = Activity.objects.count() - activities
            happened["opened"] = FollowUp.objects.count() - follow_ups

        undone(do)
        return float(happened["seconds"])

    with other_bands():
        series = in_turns({"ours": ours, "bare": bare}, rounds=ROUNDS)
    told = {name: happened[name] for name in ("activities", "opened")}
    return at_most(series.ratio("ours", "bare"), 2, seconds=series.milliseconds("ours") / 1000, **told)


@contextmanager
def other_bands() -> Iterator[None]:
    """One account in fifty showed another band the day before. Committed, as it was then: what is changed twice in one
    transaction has all its foreign keys looked up once more."""
    execute("create temp table bench_band as select id, band from accounts_account where id % 50 = 3")
    execute("update accounts_account set band = case band when 'red' then 'green' else 'red' end where id % 50 = 3")
    try:
        yield
    finally:
        execute("update accounts_account a set band = b.band from bench_band b where b.id = a.id")
        execute("drop table bench_band")


@measure("recompute_again")
def again(bench: Bench) -> Result:
    """A second run with nothing changed writes nothing."""
    runs.recompute_now()
    first = timed(lambda: [recompute.score_range(low, high) for low, high in recompute.ranges()])
    run = runs.recompute_now()
    shards = run.shards.aggregate(written=Sum("written"), accounts=Sum("accounts"))
    forget_today()
    return {
        "written": shards["written"],
        "limit": 0,
        "ok": shards["written"] == 0,
        "accounts": shards["accounts"],
        "seconds": rounded(first),
    }


def forget_today() -> None:
    execute(
        "delete from health_score h using accounts_account a"
        " where a.id = h.account_id and h.day >= (now() at time zone a.time_zone)::date"
    )
    execute("vacuum health_score, accounts_account")


@measure("recompute_two_workers", smallest=2000)
def two_workers(bench: Bench) -> Result:
    """How much sooner a full run is through when two processes take its shards. They have run for a while, as at
    night: each has its connection, and has done this before."""

    def with_workers(number: int) -> float:
        with processes.worker(concurrency=number) as worker:
            worker.warm(number)
            for _night in range(2):
                forget_today()
                seconds = timed(whole_run)
            return seconds

    series = in_turns({"one": partial(with_workers, 1), "two": partial(with_workers, 2)}, rounds=3, warm=False)
    return at_least(series.ratio("one", "two"), 1.3, seconds=series.milliseconds("two") / 1000)


def whole_run() -> None:
    """Asked for by message, done by workers."""
    before = ask("select coalesce(max(id), 0) from health_recomputerun")[0][0]
    processes.send("health.tasks.recompute_all")
    done = "select 1 from health_recomputerun where id > %s and status = 'done'"
    processes.until(lambda: ask(done, [before]))


@measure("on_demand_one")
def one(bench: Bench) -> Result:
    """An account whose reading has changed, now."""
    series = in_turns({"ours": lambda: score([11]), "bare": lambda: bare([11])}, rounds=25)
    milliseconds = series.milliseconds("ours")
    return {
        "milliseconds": milliseconds,
        "limit": 5,
        "ok": milliseconds <= 5,
        "ratio": rounded(series.ratio("ours", "bare")),
    }


def score(ids: list[int]) -> float:
    use_more(ids)
    return timed(lambda: recompute.score_accounts(ids))


def use_more(ids: list[int]) -> None:
    execute("update health_usageday set count = count + 1 where account_id = any(%s) and day = current_date - 1", [ids])


@measure("on_demand_500")
def five_hundred(bench: Bench) -> Result:
    """Accounts that readings have marked."""
    ids = list(range(1, min(500, bench.scale) + 1))

    def ours() -> float:
        use_more(ids)
        with transaction.atomic():
            marks.mark(ids)
        return timed(recompute.score_marked)

    series = in_turns({"ours": ours, "bare": lambda: bare(ids)}, rounds=9)
    return at_most(series.ratio("ours", "bare"), 3, milliseconds=series.milliseconds("ours"))
