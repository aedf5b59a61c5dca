"""Accounts with something new to score: marked in the transaction that brought it, scored within seconds."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date

from celery import current_app
from django.core.cache import cache
from django.db import connection, transaction

from accounts.models import Activity
from health.domain.arrays import array
from health.models import FirstReading

# Accounts of one mark at the most: what is scored in one go.
SIZE = 1000
MARK = """
INSERT INTO health_scoremark (accounts)
SELECT array_agg(id ORDER BY id) FROM unnest(%s::bigint[]) WITH ORDINALITY AS i (id, place) GROUP BY (place - 1) / %s
"""


def mark(account_ids: Iterable[int]) -> None:
    """In the transaction of the reading. Many readings of one account at once leave one mark."""
    if ids := sorted(set(account_ids)):
        with connection.cursor() as cursor:
            cursor.execute(MARK, [array(ids), SIZE])
        hint()


def mark_all(*, segment_id: int | None = None) -> None:
    """Everybody's rule has changed (or that of one segment)."""
    where = "" if segment_id is None else "WHERE segment_id = %(segment)s"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO health_scoremark (accounts)
            SELECT array_agg(id ORDER BY id) FROM accounts_account {where} GROUP BY id / %(size)s
            """,  # noqa: S608 - a constant
            {"segment": segment_id, "size": SIZE},
        )
    hint()


def hint() -> None:
    """Wake a worker once the transaction is through. Only a hint: the timetable looks every two seconds."""
    if not any(hook[1] is _send for hook in connection.run_on_commit):
        transaction.on_commit(_send, robust=True)


WAITING = "health:score-hint"
AGAIN_SECONDS = 2  # by then the timetable looks anyway


def _send() -> None:
    """Not while one waits that no worker has begun with: it will find these marks too."""
    with suppress(Exception):
        if cache.add(WAITING, 1, AGAIN_SECONDS):
            current_app.send_task("health.tasks.score_marked")


def heard() -> None:
    """By a worker, before it looks: whatever is marked after this is told by a hint of its own."""
    with suppress(Exception):
        cache.delete(WAITING)


def received(kind: str, first_on: date) -> None:
    """The installation has received readings of this kind, the earliest of that day: if it is the first of all,
    the indicator begins to count for everybody."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO health_firstreading AS kept (kind, first_on) VALUES (%(kind)s, %(day)s)
            ON CONFLICT (kind) DO UPDATE SET first_on = excluded.first_on WHERE kept.first_on > excluded.first_on
            RETURNING (xmax = 0)
            """,
            {"kind": kind, "day": first_on},
        )
        row = cursor.fetchone()
    if row and row[0]:
        mark_all()


EARLIEST = {
    "usage": "SELECT min(day) FROM health_usageday",
    "ticket": "SELECT min(opened_at)::date FROM health_ticket",
    "invoice": "SELECT min(issued_on) FROM health_invoice",
    "answer": "SELECT min(answered_at)::date FROM health_answer WHERE kind = 'nps'",
}


def note_first_readings() -> None:
    """After rows were copied straight into the tables: work out what has been received, and since when."""
    for kind, query in EARLIEST.items():
        with connection.cursor() as cursor:
            cursor.execute(query)
            first_on = cursor.fetchone()[0]
        if first_on:
            FirstReading.objects.update_or_create(kind=kind, defaults={"first_on": first_on})


def mark_accounts_of(activities: Sequence[Activity]) -> None:
    """A reaction: what was told changes what their scores are made of."""
    mark(activity.account_id for activity in activities)
