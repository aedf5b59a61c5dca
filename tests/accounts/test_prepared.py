"""Statements that are prepared: what happens to them while the database changes under a connection that is kept."""

from collections.abc import Iterator

import pytest
from django.db import NotSupportedError, close_old_connections, connection, transaction

from accounts.domain.prepared import ask

pytestmark = pytest.mark.django_db(transaction=True)


def elsewhere(statement: str) -> None:
    """As a migration does it: on a connection of its own."""
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute(statement)
    other.close()


@pytest.fixture
def table() -> Iterator[None]:
    elsewhere("create table changing as select 1 as a")
    assert ask("select a from changing") == [(1,)]
    elsewhere("alter table changing alter a type text")
    yield
    elsewhere("drop table changing")


def test_a_plan_that_a_migration_has_ended_is_made_anew(table) -> None:
    assert ask("select a from changing") == [("1",)]


def test_within_a_transaction_the_next_one_is_well_again(table) -> None:
    with pytest.raises(NotSupportedError), transaction.atomic():
        ask("select a from changing")
    close_old_connections()  # as Django does after each request, Celery after each task
    with transaction.atomic():
        assert ask("select a from changing") == [("1",)]
