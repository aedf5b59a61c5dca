"""Databases of the bench's own on the server that the environment names: made empty, dropped at the end."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg

from config.embedded import addresses

NAME = f"bench_{os.getpid()}"
SMALL = f"{NAME}_small"


def address(name: str) -> str:
    """The server's, with another database."""
    given = urlsplit(os.environ.get("DATABASE_URL") or addresses.database_url())
    return urlunsplit(given._replace(path=f"/{name}"))


@contextmanager
def own() -> Iterator[None]:
    """Before Django reads its settings. Child processes (worker, web server) find the same database."""
    server = address(urlsplit(os.environ.get("DATABASE_URL") or addresses.database_url()).path[1:])
    with psycopg.connect(server.replace("postgres://", "postgresql://"), autocommit=True) as connection:
        connection.execute(f"create database {NAME}")
        os.environ |= {"DATABASE_URL": address(NAME), "TENURE_DEV": "1", "DJANGO_SETTINGS_MODULE": "config.settings"}
        os.environ.setdefault("LOG_LEVEL", "ERROR")
        os.environ["VISITOR_RATE"] = "100000000"  # one visitor opens more pages here than people do
        try:
            yield
        finally:
            leave()
            for name in (NAME, SMALL):
                connection.execute(f"drop database if exists {name} with (force)")


def leave() -> None:
    from django.db import connections

    connections.close_all()


def prepare() -> None:
    """Migrated twice over: the small one is for what must not take longer in a large company."""
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    connection.close()
    with psycopg.connect(address("postgres").replace("postgres://", "postgresql://"), autocommit=True) as server:
        server.execute(f"create database {SMALL} template {NAME}")


@contextmanager
def small() -> Iterator[None]:
    """Everything inside happens in the small company."""
    from django.db import connection

    connection.close()
    connection.settings_dict["NAME"] = SMALL
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = NAME
