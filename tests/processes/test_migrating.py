"""The quick way to a new database ends where `manage.py migrate` does."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from config.embedded import addresses
from config.embedded.binaries import find_postgres
from config.migrating import build_only_what_changes

NAMES = ("test_migrated_slowly", "test_migrated_quickly")


@pytest.fixture
def _databases(django_db_blocker) -> Iterator[None]:
    name = connection.settings_dict["NAME"]
    with django_db_blocker.unblock():
        yield
        for made in NAMES:
            with connection._nodb_cursor() as cursor:
                cursor.execute(f"DROP DATABASE IF EXISTS {made} WITH (FORCE)")
    connection.settings_dict["NAME"] = name


def made(name: str, way: AbstractContextManager) -> dict:
    """What is in a database of that name, migrated just now."""
    connection.settings_dict["TEST"]["NAME"] = name
    with way:
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    found = {"migrations": list(MigrationRecorder.Migration.objects.order_by("id").values_list("app", "name"))}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'select count(*) from "{table}"')
            found[table] = cursor.fetchone()
    connection.close()
    return {**found, "schema": schema(name)}


def schema(name: str) -> str:
    command = [find_postgres() / "pg_dump", "--schema-only", "-h", addresses.postgres_socket_dir(), "-U", "app", name]
    dumped = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return re.sub(r"\\(un)?restrict \w+", "", dumped)  # a random word of each dump


@pytest.mark.usefixtures("_databases")
def test_both_ways_make_the_same_database():
    slowly = made(NAMES[0], nullcontext())
    quickly = made(NAMES[1], build_only_what_changes())
    assert slowly == quickly
    assert "CREATE TABLE public.accounts_account" in slowly["schema"]
    assert slowly["accounts_playbook"][0] > 10
