"""Statements that are asked again and again: prepared, where planning them would take longer than the work."""

from collections.abc import Mapping
from typing import Any

import psycopg
from django.db import InterfaceError, NotSupportedError, OperationalError, connection

Params = Mapping[str, Any] | None


def ask(text: str, params: Params = None) -> list[tuple]:
    """The rows, by a plan that is made once a connection."""
    try:
        return _rows(text, params)
    except NotSupportedError:  # a migration has changed the columns since: the plan does not hold, and is never mended
        if connection.in_atomic_block:
            connection.close_at = 0  # with the end of the request or task
            raise
        connection.close()
        return _rows(text, params)


def do(text: str, params: Params = None) -> int:
    """How many rows were written. There is no result whose columns could change."""
    with _cursor() as cursor:
        cursor.execute(text, params)
        return cursor.rowcount


def ask_first(text: str, params: Params = None) -> list[tuple]:
    """The same for the first question of a request, which must only read. A connection that was kept is not asked
    before whether it still lives: where it does not, this is asked again on a new one."""
    if connection.in_atomic_block or connection.health_check_done:  # type: ignore[attr-defined]
        return ask(text, params)
    connection.health_check_done = True  # type: ignore[attr-defined]
    try:
        return ask(text, params)
    except (OperationalError, InterfaceError):
        connection.close()
        return ask(text, params)


def _rows(text: str, params: Params) -> list[tuple]:
    with _cursor() as cursor:
        cursor.execute(text, params)
        return cursor.fetchall() if cursor.description else []


def _cursor() -> Any:
    if _is_django_s():
        return connection.cursor()
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    raw = connection.connection
    raw.prepare_threshold = 0  # None, as Django leaves it, would refuse to prepare at all
    return connection.make_cursor(psycopg.Cursor(raw))  # type: ignore[arg-type]


def _is_django_s() -> bool:
    """Django's own cursors put parameters into the text, which PostgreSQL then plans anew each time. So it must be
    where a pool hands out connections by transaction (Django has one setting that says so), and where somebody looks
    at the queries."""
    return connection.queries_logged or connection.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS", False)
