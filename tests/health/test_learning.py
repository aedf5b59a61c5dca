"""What the planner knows of the tables that whole runs are made of."""

import pytest

from accounts.models import Account
from health.domain.recompute import learn_tables
from tests.bench.filling import ask, execute, fill

pytestmark = pytest.mark.django_db(transaction=True)


def grow(first: int, last: int) -> None:
    fill(Account, f"generate_series({first}, {last}) g", name="'n'", external_id="'x'||g")
    ask("SELECT pg_stat_force_next_flush()")


def known() -> float:
    return ask("SELECT reltuples FROM pg_class WHERE oid = 'accounts_account'::regclass")[0][0]


def test_a_table_that_was_learned_when_it_was_small_is_learned_again() -> None:
    grow(1, 10)
    execute("ANALYZE accounts_account")
    grow(11, 15)
    learn_tables()
    assert known() == 10
    grow(16, 50)
    learn_tables()
    assert known() == 50
