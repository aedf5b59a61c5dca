"""Why customers left, as other systems and exit talks tell it."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection, transaction

from accounts.domain.bulk import Counts, chunks, in_sets, stage_rows

STAGED = {"account_id": "bigint", "external_id": "text", "occurred_on": "date", "reason": "text", "comment": "text"}
# Files and exit talks are seldom of the very day on which the money stopped.
NEAR = 45
# table, its day, where the reason and the words go, what still wants them
ENDS = (
    ("accounts_subscription", "ended_on", "churn_reason", "churn_comment", "t.churn_reason = ''"),
    (
        "accounts_movement",
        "occurred_on",
        "reason",
        "comment",
        "t.kind = 'churn' and t.reason in ('', 'other') and t.comment = ''",
    ),
)


def record_churn_events(rows: Iterable[Mapping[str, Any]]) -> Counts:
    """Rows have account_id, external_id, occurred_on, reason, comment; the same id again is the same event.

    The ends and losses of MRR nearest to the day get the reason, where nobody has given one yet.
    """
    counts = Counts()
    for chunk in chunks(rows):
        with transaction.atomic(), connection.cursor() as cursor:
            staged = ([row.get(name) for name in STAGED] for row in chunk)
            stage_rows(cursor, "incoming_churn_events", STAGED, staged)
            counts.add(_upsert(cursor, len(chunk)))
            give_reasons({row["account_id"] for row in chunk})
    return counts


def _upsert(cursor: Any, total: int) -> Counts:
    cursor.execute(
        """
        insert into accounts_churnevent as e (account_id, external_id, occurred_on, reason, comment)
        select account_id, coalesce(external_id, occurred_on::text), occurred_on, coalesce(reason, ''),
               coalesce(comment, '')
        from incoming_churn_events
        on conflict (account_id, external_id) do update
        set occurred_on = excluded.occurred_on, reason = excluded.reason, comment = excluded.comment
        where (e.occurred_on, e.reason, e.comment)
              is distinct from (excluded.occurred_on, excluded.reason, excluded.comment)
        returning xmax = 0
        """
    )
    written = [created for (created,) in cursor.fetchall()]
    return Counts(created=sum(written), updated=len(written) - sum(written), unchanged=total - len(written))


def give_reasons(account_ids: Iterable[int]) -> None:
    """To what ended, or stopped paying, about when an event says they left, and has no reason yet."""
    ids = sorted(account_ids)
    for table, day, reason, comment, open_ in ENDS:
        with connection.cursor() as cursor, in_sets(cursor, len(ids)):
            cursor.execute(
                f"""
                update {table} t set {reason} = nearest.reason, {comment} = nearest.comment
                from (
                    select distinct on (t.id) t.id, e.reason, e.comment
                    from {table} t join accounts_churnevent e using (account_id)
                    where t.account_id = any(%s) and e.reason <> '' and {open_} and abs(t.{day} - e.occurred_on) <= %s
                    order by t.id, abs(t.{day} - e.occurred_on), e.occurred_on
                ) nearest
                where nearest.id = t.id
                """,  # noqa: S608 - the names are the constants above
                [ids, NEAR],
            )
