"""How values travel between Python and PostgreSQL where thousands of them do: as Django and psycopg have it, sooner."""

from datetime import UTC, datetime
from typing import Any

from django.db.backends.postgresql.psycopg_any import BaseTzLoader
from psycopg.types.array import ListDumper


class Moments(BaseTzLoader):
    """A moment as PostgreSQL writes it to who speaks UTC. Whatever else it may be is Django's to read."""

    timezone = UTC

    def load(self, data: Any) -> datetime:
        text = str(data, "ascii")
        if text.endswith("+00"):
            try:
                return datetime.fromisoformat(text)
            except ValueError:  # after the year 9999
                pass
        return super().load(data)


class Lists(ListDumper):
    """Numbers need no quotes, and are not looked at one by one."""

    def dump(self, obj: list[Any]) -> Any:
        if set(map(type, obj)) == {int}:
            return f"{{{','.join(map(str, obj))}}}".encode()
        return super().dump(obj)


def adapt(connection: Any, **_kwargs: Any) -> None:
    """For each new connection (django.db.backends.signals.connection_created)."""
    if connection.timezone == UTC:
        connection.connection.adapters.register_loader("timestamptz", Moments)
    connection.connection.adapters.register_dumper(list, Lists)
