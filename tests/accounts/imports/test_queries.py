"""Every kind of file takes as many queries for fifty rows as for one."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.domain.imports.commanding import import_path
from accounts.models import Account, Contact
from accounts.registry import import_kinds
from tests.accounts.imports.files import text_of, written

pytestmark = pytest.mark.django_db

DAY = date(2026, 1, 10)
FILES = {
    "accounts": (["external_id", "name", "stage"], lambda n: [f"new{n}", f"New {n}", "active"]),
    "contacts": (["account", "email", "name"], lambda n: [f"a{n % 50}", f"p{n}@example.com", "Ann"]),
    "subscriptions": (
        ["subscription_id", "account", "start_date", "mrr"],
        lambda n: [f"s{n}", f"a{n % 50}", DAY, "100"],
    ),
    "usage": (
        ["event_id", "account", "action", "occurred_at"],
        lambda n: [f"e{n}", f"a{n % 50}", "login", DAY + timedelta(days=n % 9)],
    ),
    "tickets": (["ticket_id", "account", "opened_at"], lambda n: [f"t{n}", f"a{n % 50}", DAY]),
    "invoices": (["invoice_id", "account", "amount", "date"], lambda n: [f"i{n}", f"a{n % 50}", "10", DAY]),
    "answers": (
        ["response_id", "email", "score", "date"],
        lambda n: [f"n{n}", f"who{n % 50}@example.com", n % 11, DAY],
    ),
    "churn": (["churn_event_id", "account", "churn_date"], lambda n: [f"x{n}", f"a{n % 50}", DAY]),
}
ELSEWHERE = {"referrals", "conversions", "refunds"}  # tests/referrals/test_bulk.py


@pytest.fixture
def customers() -> None:
    accounts = Account.objects.bulk_create(Account(external_id=f"a{n}", name=f"A {n}") for n in range(50))
    Contact.objects.bulk_create(
        Contact(account=account, email=f"who{n}@example.com") for n, account in enumerate(accounts)
    )


def queries(kind: str, folder: Path, first: int, number: int) -> list[str]:
    header, row = FILES[kind]
    path = written(folder, "file.csv", text_of(header, [row(n) for n in range(first, first + number)]))
    with CaptureQueriesContext(connection) as found:
        outcome = import_path(kind, path)[0]
    assert (outcome.created, outcome.refused) == (number, 0), outcome.refusals
    return [query["sql"][:120] for query in found]


def test_every_kind_is_tried():
    assert {kind.key for kind in import_kinds.sorted()} == {*FILES, *ELSEWHERE}


@pytest.mark.parametrize("kind", FILES)
def test_as_many_queries_for_fifty_rows_as_for_one(kind, tmp_path, customers):
    queries(kind, tmp_path, 0, 2)  # what is asked once in a process, or made once
    few, many = queries(kind, tmp_path, 100, 1), queries(kind, tmp_path, 200, 50)
    assert len(few) == len(many), "\n".join([*few, "—", *many])
