"""What a process that lives for minutes pays once, and the tests' many short-lived clients would pay each."""

import gc
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.core.management.commands import flush
from django.db import connection, transaction
from django.db.backends.postgresql.operations import DatabaseOperations
from django.template import Context, Template
from django.test.client import ClientHandler
from django.test.signals import setting_changed, template_rendered
from django.utils.safestring import SafeString
from whitenoise.middleware import WhiteNoiseMiddleware

# The same in every test: made with the database, and kept.
KEPT = {"django_content_type", "auth_permission"}
DONE = "django_migrations"

MIDDLEWARE = ("_view_middleware", "_template_response_middleware", "_exception_middleware", "_middleware_chain")

_furnished: list[str] = []
_found: dict[str, Any] = {}
_made: dict[str, Any] = {}
_scan = WhiteNoiseMiddleware.add_files_from_finders
_make = ClientHandler.load_middleware


def _remembered(self: WhiteNoiseMiddleware) -> None:
    if not _found:
        _scan(self)
        _found.update(self.files)
    self.files.update(_found)


def _made_before(self: ClientHandler) -> None:
    if not _made:
        _make(self)
        _made.update({name: getattr(self, name) for name in MIDDLEWARE})
    vars(self).update(_made)


def _tell_of_pages(self: Template, context: Context) -> SafeString:
    if context.template is self:
        template_rendered.send(sender=self, template=self, context=context)
    return self.nodelist.render(context)


def copy_contexts_of_pages_only() -> None:
    """`response.context` holds what pages were given; Django copies it for each icon that they include as well."""
    Template._render = _tell_of_pages


def look_for_garbage_seldom() -> None:
    """Requests and queries leave few circles behind: to look every 700 objects takes one second in twenty."""
    gc.set_threshold(20_000, 20, 50)


def keep_what_is_loaded() -> None:
    """Modules and collected tests stay until the end: looking through them for garbage finds none."""
    gc.collect()
    gc.freeze()


def find_static_files_once() -> None:
    """Whoever makes the middleware looks at each static file."""
    WhiteNoiseMiddleware.add_files_from_finders = _remembered


def make_middleware_once() -> None:
    """Every django.test.Client makes it anew; what it reads of the settings then holds until one of them changes."""
    ClientHandler.load_middleware = _made_before
    setting_changed.connect(lambda **_change: _made.clear(), weak=False)


def tell_of_calls_only(config: pytest.Config) -> None:
    """xdist reports a test three times: setting up and tearing down say nothing new where all went well."""
    for plugin in config.pluginmanager.get_plugins() if config.option.durations is None else ():
        if hasattr(plugin, "sendevent"):
            plugin.sendevent = _but_the_obvious(plugin.sendevent)


def _but_the_obvious(send: Callable[..., None]) -> Callable[..., None]:
    def sent(name: str, **event: Any) -> None:
        told = event.get("data", {}) if name == "testreport" else {}
        if told.get("outcome") != "passed" or told["when"] == "call" or told["sections"]:
            send(name, **event)

    return sent


def _emptied(self: DatabaseOperations, _style: Any, tables: Sequence[str], **_ways: bool) -> list[str]:
    """One statement, as all of it is one transaction. Nothing is asked, logged or refused meanwhile."""
    names = [self.quote_name(table) for table in tables if table not in KEPT]
    deletes = "; ".join(f"DELETE FROM {name}" for name in names)
    inserts = "; ".join(f"INSERT INTO {name} SELECT * FROM empty_house.{name}" for name in _furnished)
    return [
        f"SET LOCAL session_replication_role = replica; LOCK TABLE {', '.join(names)}; {deletes}; {inserts}",
    ]


def empty_tables_by_deleting() -> None:
    """After a test with transactions of its own. TRUNCATE makes each file of two hundred tables anew, for a few rows.

    What an installation starts with is copied back, instead of being written anew as after a migration.
    """
    _keep_an_empty_house()
    DatabaseOperations.sql_flush = _emptied
    flush.emit_post_migrate_signal = lambda *_args, **_kwargs: None


def _keep_an_empty_house() -> None:
    """A database that is used again may hold what a killed run has left: it begins with what was kept of it at first."""
    tables = set(connection.introspection.django_table_names(only_existing=True, include_views=False)) - KEPT
    with transaction.atomic(), connection.cursor() as cursor:
        if _was_kept(cursor):
            cursor.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'empty_house' AND tablename <> %s", [DONE]
            )
            _furnished[:] = sorted(connection.ops.quote_name(name) for (name,) in cursor.fetchall())
            cursor.execute(*_emptied(connection.ops, None, sorted(tables)))
        else:
            _furnished[:] = _kept(cursor, sorted(map(connection.ops.quote_name, tables)))


def _was_kept(cursor: Any) -> bool:
    """And nothing has been migrated since."""
    cursor.execute("SELECT to_regclass(%s)", [f"empty_house.{DONE}"])
    if cursor.fetchone() == (None,):
        return False
    cursor.execute(f"SELECT NOT EXISTS (TABLE {DONE} EXCEPT TABLE empty_house.{DONE})")
    return cursor.fetchone()[0]


def _kept(cursor: Any, tables: Sequence[str]) -> list[str]:
    """Those that are not empty."""
    cursor.execute("DROP SCHEMA IF EXISTS empty_house CASCADE; CREATE SCHEMA empty_house")
    found = []
    for name in tables:
        cursor.execute(f"SELECT EXISTS (SELECT FROM {name})")
        if cursor.fetchone()[0]:
            found.append(name)
    for name in (*found, DONE):
        cursor.execute(f"CREATE TABLE empty_house.{name} AS TABLE {name}")
    return found
