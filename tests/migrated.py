"""The tests' own database: migrated once, however many processes share the tests.

xdist's controller has nothing to do while its processes collect: it migrates a database then, and each of them begins
with a copy of it. No test is given out before that is done. A process on its own, or one that keeps its database
(`--reuse-db`), migrates itself.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.core.management.commands.migrate import Command as Migrate
from django.db import connection
from pytest_django.plugin import blocking_manager_key
from xdist import is_xdist_controller, is_xdist_worker

from config.migrating import build_only_what_changes


def _copied(config: pytest.Config) -> bool:
    return not (config.option.reuse_db or config.option.nomigrations)


def _template() -> str:
    return f"migrated_{connection.settings_dict['NAME']}"


@contextmanager
def template_made(session: pytest.Session) -> Iterator[None]:
    """Around a run: what an earlier, killed one left is made anew, and nothing stays."""
    if not (_copied(session.config) and is_xdist_controller(session)) or session.config.option.collectonly:
        yield
        return
    blocker = session.config.stash[blocking_manager_key]
    try:
        with blocker.unblock():
            _migrate()
        yield
    finally:
        with blocker.unblock():
            _drop()


def _migrate() -> None:
    """Nobody stays connected to what is copied."""
    _drop()
    settings = connection.settings_dict
    with pytest.MonkeyPatch.context() as patch, build_only_what_changes():
        patch.setitem(settings["TEST"], "NAME", _template())
        patch.setitem(settings, "NAME", settings["NAME"])  # put back, as Django connects to what it made
        connection.creation.create_test_db(verbosity=0, serialize=False)
        connection.close()


def _drop() -> None:
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {connection.ops.quote_name(_template())} WITH (FORCE)")


@contextmanager
def quickly(request: pytest.FixtureRequest) -> Iterator[None]:
    """Around Django's making of a process's database."""
    if not (_copied(request.config) and is_xdist_worker(request)):
        with build_only_what_changes():
            yield
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(connection.settings_dict["TEST"], "TEMPLATE", _template())
        patch.setattr(Migrate, "handle", lambda *_arguments, **_options: None)
        yield
