"""Running a statement: prepared where planning it would take longer than the work."""

from typing import Any

from django.db import connection

from accounts.domain import prepared
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
    rows = prepared.ask(statement.text, statement.params)
    return rows[0] if rows else ()
