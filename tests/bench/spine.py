"""From a reading to a changed score through broker and worker; follow-ups by the thousand."""

from datetime import UTC, datetime
from functools import partial
from itertools import count
from uuid import uuid4

from django.db import transaction

from accounts.domain import dispatch
from accounts.domain.activity import Fact, record_many
from accounts.models import FollowUp, Playbook
from tests.bench import processes
from tests.bench.api import post_usage
from tests.bench.filling import ask, execute
from tests.bench.measuring import Bench, Result, at_most, in_turns, measure
from tests.bench.recompute import timed

AT_ONCE = 5000
_numbers = count()


@measure("reading_to_score")
def reading_to_score(bench: Bench) -> Result:
    """A reading posted over HTTP until the account's score is another, against an empty task's round trip."""
    account = 13
    with processes.worker(concurrency=2) as worker:
        worker.warm(2)
        series = in_turns({"ours": partial(posted_and_scored, account), "empty task": processes.empty_task}, rounds=25)
    return at_most(series.ratio("ours", "empty task"), 5, milliseconds=series.milliseconds("ours"))


def posted_and_scored(account: int) -> float:
    """With and without most of its use in turns: every time the score becomes another one."""
    many = next(_numbers) % 2
    execute("update health_usageday set count = %s where account_id = %s", [1 + many * 40, account])
    kept = "select scored_at from accounts_account where id = %s"
    before = ask(kept, [account])

    def do() -> None:
        post_usage([event(account)])
        processes.until(lambda: ask(kept, [account]) != before, pause=0.0005)

    return timed(do)


def event(account: int) -> dict[str, str]:
    at = datetime.now(UTC).isoformat()
    return {"event_id": str(uuid4()), "account": f"acc-{account}", "action": "action-1", "occurred_at": at}


BARE = """
insert into accounts_followup (account_id, playbook_id, subject, kind, title, reason, instructions, steps, texts,
    priority, promise, assignee_id, status, opened_at, due_at, occurrences, snooze_reason, outcome, outcome_note,
    expected_loss, holds)
select a.id, %s, '', 'contraction', a.name || ' pays less', 'MRR contracted', 'Look', '[]', '[]', 1, true, a.csm_id,
    'open', now(), now() + interval '1 day', 1, '', '', '', a.mrr, tstzrange(now(), null)
from accounts_account a where a.id <= %s
"""
DATA = {"plan": "Plan 1", "before": "500", "after": "300", "amount": "-200", "currency": "USD", "dropped": "20 seats"}


@measure("open_follow_ups")
def open_follow_ups(bench: Bench) -> Result:
    """So many accounts contract at once; their playbook opens a follow-up for each, with its delivery and activity."""
    playbook, most = Playbook.objects.get(key="contraction").pk, min(AT_ONCE, bench.scale)

    def bare() -> float:
        """With its foreign keys: they are checked when the transaction ends, and this one never commits."""
        with transaction.atomic():
            seconds = timed(lambda: execute(BARE, [playbook, most]) and execute("set constraints all immediate"))
            transaction.set_rollback(True)
        return seconds

    def ours() -> float:
        with transaction.atomic():
            record_many(Fact(pk, "mrr.contracted", {**DATA, "subscription": f"s-{pk}-0"}) for pk in range(1, most + 1))
        seconds = timed(dispatch.dispatch_waiting)
        rows = FollowUp.objects.filter(playbook=playbook)
        assert rows.count() == most, rows.count()
        forget(playbook)
        return seconds

    dispatch.dispatch_waiting()
    series = in_turns({"ours": ours, "bare": bare}, rounds=5)
    return at_most(series.ratio("ours", "bare"), 10, opened=most, milliseconds=series.milliseconds("ours"))


def forget(playbook: int) -> None:
    execute(
        "delete from accounts_delivery d using accounts_followup f where f.id = d.follow_up_id and f.playbook_id = %s",
        [playbook],
    )
    execute("delete from accounts_followup where playbook_id = %s", [playbook])
    execute("vacuum accounts_followup, accounts_activity, accounts_delivery")
