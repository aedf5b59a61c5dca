"""MRR by month after an import, against a plain computation from the file itself (RULES 3)."""

import csv
import random
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from accounts.domain.imports.commanding import import_path
from accounts.domain.metrics.months import mrr_by_month
from tests.accounts.imports.files import text_of, written

pytestmark = pytest.mark.django_db

FIRST, LAST = date(2023, 1, 1), date(2024, 12, 31)
HEADER = [
    "subscription_id",
    "account_id",
    "start_date",
    "end_date",
    "plan_tier",
    "seats",
    "mrr_amount",
    "is_trial",
    "billing_frequency",
]


def made_up(folder: Path) -> tuple[Path, Path]:
    """Forty accounts, three hundred subscriptions that overlap, end, and come back."""
    pick = random.Random(7)
    rows = []
    for n in range(300):
        start = FIRST + timedelta(days=pick.randrange(720))
        end = start + timedelta(days=pick.randrange(0, 300)) if pick.random() < 0.4 else ""
        trial = pick.random() < 0.15
        mrr = 0 if trial else pick.choice([49, 833, 931, 2786])
        rows.append([f"S-{n}", f"A-{pick.randrange(40)}", start, end, "Pro", pick.randrange(1, 60), mrr, trial,
                     pick.choice(["monthly", "annual"])])  # fmt: skip
    accounts = written(
        folder, "accounts.csv", text_of(["account_id", "currency"], [[f"A-{n}", "USD"] for n in range(40)])
    )
    return accounts, written(folder, "subscriptions.csv", text_of(HEADER, rows))


def plainly(path: Path) -> list[Decimal]:
    """State of a month = the end of its last day; it counts when it has started and not ended by then."""
    with path.open() as file:
        rows = list(csv.DictReader(file))
    return [
        sum(
            (Decimal(row["mrr_amount"]) for row in rows
             if row["start_date"] <= str(day) and (not row["end_date"] or row["end_date"] > str(day))),
            Decimal(0),
        )
        for day in month_ends()
    ]  # fmt: skip


def month_ends() -> list[date]:
    firsts = [date(2023 + n // 12, n % 12 + 1, 1) for n in range(1, 25)]
    return [first - timedelta(days=1) for first in firsts]


def monthly() -> list[Decimal]:
    return [month.end for month in mrr_by_month(FIRST, LAST)]


def test_overlapping_ending_and_returning_subscriptions_add_up_by_month(tmp_path):
    accounts, subscriptions = made_up(tmp_path)
    import_path("accounts", accounts)
    outcome = import_path("subscriptions", subscriptions)[0]
    assert (outcome.created, outcome.refused) == (300, 0)
    assert monthly() == plainly(subscriptions)
    again = import_path("subscriptions", subscriptions)[0]
    assert (again.created, again.updated, again.unchanged) == (0, 0, 300)
