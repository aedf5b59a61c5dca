from datetime import UTC, datetime

import pytest
from django.db import DataError, connection
from django.db.backends.postgresql.base import TIMESTAMPTZ_OID
from psycopg.pq import Format

from accounts.adapting import Moments
from tests.bench.filling import ask

MOMENTS = [
    datetime(2026, 11, 22, 18, 45, 54, 214431, tzinfo=UTC),
    datetime(2026, 11, 22, 18, 45, 54, 200000, tzinfo=UTC),
    datetime(2026, 3, 1, tzinfo=UTC),
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    None,
]
LISTS: list[list] = [[1, -2, 2**40], [7], [], [1, None], [True, False], ["a,b", "{c}", '"'], [[1, 2], [3, 4]]]


@pytest.mark.django_db
def test_moments_come_back_as_they_went():
    connection.ensure_connection()
    assert connection.connection.adapters.get_loader(TIMESTAMPTZ_OID, Format.TEXT) is Moments
    assert ask("select unnest(%s::timestamptz[])", [MOMENTS]) == [(moment,) for moment in MOMENTS]


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["infinity", "10000-01-01 00:00:00+00", "0044-03-15 00:00:00+00 BC"])
def test_a_moment_that_python_does_not_know_is_refused_as_ever(text: str):
    with pytest.raises(DataError):
        ask("select %s::timestamptz", [text])


@pytest.mark.django_db
@pytest.mark.parametrize("given", LISTS)
def test_lists_arrive_as_they_are(given: list):
    types = {bool: "boolean", str: "text"}
    kind = types.get(type(given[0]) if given else int, "bigint")
    assert ask(f"select %s::{kind}[]", [given]) == [(given,)]
