"""The quick way to the tests' database ends where `manage.py migrate` does."""

import re
import subprocess
from collections.abc import Iterator

import pytest
from django.db import connection
from django.db.migrations.state import ProjectState

from config.embedded import addresses
from config.embedded.binaries import find_postgres
from tests import migrating

NAMES = ("test_migrated_slowly", "test_migrated_quickly")


@pytest.fixture
def _databases(django_db_blocker) -> Iterator[None]:
    kept, ProjectState.reload_model = ProjectState.reload_model, migrating.in_full
    name = connection.settings_dict["NAME"]
    with django_db_blocker.unblock():
        yield
        for made in NAMES:
            with connection._nodb_cursor() as cursor:
                cursor.execute(f"DROP DATABASE IF EXISTS {made} WITH (FORCE)")
    ProjectState.reload_model, connection.settings_dict["NAME"] = kept, name


def made(name: str) -> str:
    """The schema of a database of that name, migrated just now."""
    connection.settings_dict["TEST"]["NAME"] = name
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    connection.close()
    socket = addresses.postgres_socket_dir()
    command = [find_postgres() / "pg_dump", "--schema-only", "-h", socket, "-U", "app", name]
    schema = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return re.sub(r"\\(un)?restrict \w+", "", schema)  # a random word of each dump


@pytest.mark.usefixtures("_databases")
def test_both_ways_make_the_same_schema(monkeypatch):
    slowly = made(NAMES[0])
    migrating.build_only_what_changes()
    quickly = made(NAMES[1])
    assert slowly == quickly
    assert "CREATE TABLE public.accounts_account" in slowly
