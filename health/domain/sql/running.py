"""Running a statement: prepared where planning it would take longer than the work."""

from typing import Any

import psycopg
from django.db import connection

from health.domain.sql.which import Statement, Which

# Up to so many accounts, each looked up by itself, the plan does not depend on which: it may be kept.
FEW = 2000


def run(statement: Statement, which: Which) -> tuple[Any, ...]:
    """Its one row."""
    if which.ids is not None and len(which.ids) <= FEW:
        return run_kept(statement)
    with connection.cursor() as cursor:
        cursor.execute(statement.text, statement.params)
        return cursor.fetchone() or ()


def run_kept(statement: Statement) -> tuple[Any, ...]:
    """Its one row, by a plan that is made once a connection: for what is asked again and again."""
    if _may_prepare():
        return _prepared(statement)
    with connection.cursor() as cursor:
        cursor.execute(statement.text, statement.params)
        return cursor.fetchone() or ()


def _may_prepare() -> bool:
    """Not where a pool hands out connections by transaction: Django has one setting that says so."""
    return not connection.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS", False)


def _prepared(statement: Statement) -> tuple[Any, ...]:
    """Django's own cursors put parameters into the text, which PostgreSQL then plans anew each time."""
    connection.ensure_connection()
    raw = connection.connection
    raw.prepare_threshold = 0  # None, as Django leaves it, would refuse to prepare at all
    with connection.wrap_database_errors, psycopg.Cursor(raw) as cursor:
        cursor.execute(statement.text, statement.params, prepare=True)
        return cursor.fetchone() or ()
