"""Readings in, scores out. One path for one account, for those that a reading has marked and for all of them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import connection, transaction
from django.utils import timezone

from accounts.domain.activity import announce
from accounts.domain.followups import refresh_expected_loss
from accounts.domain.rules import number
from health.domain.notices import notice
from health.domain.sql import Statement, Which, publish_statement, run, score_statement
from health.domain.sql.rules import Rules, read_rules
from health.domain.sql.running import run_kept

# Accounts are scored by one worker at a time, in blocks of ids: locks of the transaction, not of rows.
BLOCK = 1024
SHARD = 8 * BLOCK  # of a full recompute: what one task does, where there is enough for two
LOCKS = 7405  # this kind of lock among all advisory locks of the database

MARKS_AT_ONCE = 20


@dataclass
class Outcome:
    accounts: int = 0
    written: int = 0
    # Indicator: accounts compared with before, up by more than the breaker allows, down by more.
    moves: dict[str, list[int]] = field(default_factory=dict)
    changed: list[int] = field(default_factory=list)  # ids of accounts in another band

    def add_moves(self, keys: Iterable[str], compared: int, counts: Sequence[int]) -> None:
        for n, key in enumerate(keys):
            sums = self.moves.get(key, [0, 0, 0])
            found = [compared, *counts[2 * n : 2 * n + 2]]
            self.moves[key] = [a + b for a, b in zip(sums, found, strict=True)]


@transaction.atomic(savepoint=False)
def score_accounts(account_ids: Iterable[int], *, now: datetime | None = None) -> Outcome:
    """Score these accounts now, and let what follows from it happen."""
    which, now = Which(ids=sorted(set(account_ids))), now or timezone.now()
    if not which.ids:
        return Outcome()
    _begin(which)
    rules = read_rules()  # with the lock held: whoever scores last scores by the latest rules
    outcome = _score(which, rules, now)
    outcome.changed = _publish(which, now).changed
    notice(which, now, rules=rules)
    return outcome


def score_range(
    low: int, high: int, *, rules: Rules | None = None, now: datetime | None = None, on: date | None = None
) -> Outcome:
    """First half of a full recompute: the snapshots of accounts low <= id < high, and nothing else. With `on`
    those of the end of a past day."""
    which = Which(low, high, on=on)
    with transaction.atomic(savepoint=False):
        _begin(which)
        return _score(which, rules or read_rules(), now or timezone.now())


def publish_range(low: int, high: int, *, now: datetime | None = None) -> Outcome:
    """Second half: accounts show their latest snapshot, changed bands become activities."""
    which = Which(low, high)
    with transaction.atomic(savepoint=False):
        _begin(which)
        return _publish(which, now or timezone.now())


def _score(which: Which, rules: Rules, now: datetime) -> Outcome:
    outcome = Outcome()
    moved = 1000 * number("breaker.points")
    for version in rules.versions:
        statement = score_statement(version, rules, which, now, moved)
        accounts, written, compared, *moves = run(statement, which)
        outcome.accounts += accounts
        outcome.written += written
        outcome.add_moves(version.model.weights, compared, moves)
    return outcome


def _publish(which: Which, now: datetime) -> Outcome:
    written, changed = run(publish_statement(which, now), which)
    if changed:
        refresh_expected_loss(changed)
        announce()
    return Outcome(written=written, changed=changed)


# What a range is scored from. Without statistics, or with those of a far smaller table (just filled, by a first
# import), its plan would take minutes.
TABLES = [
    *("accounts_account", "accounts_scoreorder", "accounts_subscription", "health_usageday", "health_ticket"),
    *("health_invoice", "health_answer", "health_score", "health_customreading", "health_pulse"),
    "health_onboardingreading",
]
UNKNOWN = """
SELECT s.relname FROM pg_stat_user_tables s JOIN pg_class known ON known.oid = s.relid
WHERE s.relname = ANY(%s)
    AND (coalesce(last_analyze, last_autoanalyze) IS NULL OR n_live_tup > 2 * greatest(known.reltuples, 0))
"""


def learn_tables() -> None:
    """Before the first range. Each by itself would look again, and all would wait for who learns."""
    with connection.cursor() as cursor:
        cursor.execute(UNKNOWN, [TABLES])
        for (table,) in cursor.fetchall():
            cursor.execute(f"ANALYZE {table}")


BEGIN = """
SELECT set_config('jit', 'off', true),  -- compiling costs more than these statements take
    set_config('work_mem', '64MB', true),  -- their sorts and hashes stay in memory
    set_config('enable_bitmapscan', 'off', true),  -- the latest of many is where its index ends: no sorting
    set_config('plan_cache_mode', 'force_generic_plan', true),  -- for what run() has prepared
    set_config('tenure.score_order', 'kept', true),  -- by publish_statement(), as a set
    (SELECT count(pg_advisory_xact_lock(%(locks)s, b)) FROM unnest(%(blocks)s::int[]) b)
"""


def _begin(which: Which) -> None:
    """One scorer a block, always in the same order. The statement after this one sees what was before it."""
    run_kept(Statement(BEGIN, {"locks": LOCKS, "blocks": _blocks(which)}))


def _blocks(which: Which) -> list[int]:
    if which.ids is not None:
        return sorted({pk // BLOCK for pk in which.ids})
    return list(range(which.low // BLOCK, (which.high - 1) // BLOCK + 1))


def score_marked() -> int:
    """Score what readings have marked; returns how many accounts that were. A killed worker's marks stay: they go
    with the transaction that scores. Others take the next ones meanwhile."""
    with transaction.atomic():
        ids = _claim()
        score_accounts(ids)
    return len(ids)


def _claim() -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM health_scoremark WHERE id IN (
                SELECT id FROM health_scoremark ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
            ) RETURNING accounts
            """,
            [MARKS_AT_ONCE],
        )
        return {pk for (ids,) in cursor.fetchall() for pk in ids}


def backfill(days: Iterable[date]) -> int:
    """Snapshots of past days, from the readings of that time: history for installations that begin with old
    readings. No bands, no activities. Returns how many snapshots were written."""
    learn_tables()
    return sum(score_range(low, high, on=day).written for day in days for low, high in ranges())


def ranges() -> list[tuple[int, int]]:
    """All account ids, in pieces whose work stays in memory."""
    return [(low, high) for low, high, _accounts in pieces()]


def pieces() -> list[tuple[int, int, int]]:
    """From, to (without it), and how many accounts. A small company is cut as well: two workers take half each."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id / %s AS block, count(*) FROM accounts_account GROUP BY 1", [min(SHARD, BLOCK)])
        blocks = dict(cursor.fetchall())
    size = min(SHARD, BLOCK * max(1, -(-sum(blocks.values()) // (2 * BLOCK))))
    found: Counter[int] = Counter()
    for block, accounts in blocks.items():
        found[block * min(SHARD, BLOCK) // size] += accounts
    return [(n * size, (n + 1) * size, found[n]) for n in sorted(found)]
