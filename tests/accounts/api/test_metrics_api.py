"""Figures over the API are those of the pages."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from accounts.domain.numbers.counting import count_changes
from accounts.enums import Role
from tests.accounts.revenue import make_account, subscribe
from tests.conftest import person

pytestmark = pytest.mark.django_db
TODAY = datetime(2026, 3, 4, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def written(shared):
    with time_machine.travel(TODAY, tick=False):
        a, b = make_account("A", csm=person("Chloe", Role.CSM), channel="Ads"), make_account("B")
        subscribe(a, "A-1", unit_amount=100, started_on="2025-01-10")
        subscribe(a, "A-1", unit_amount=160, effective_on=date(2026, 2, 2))
        subscribe(b, "B-1", unit_amount=50, started_on="2025-02-05", ended_on="2026-02-20")
        while count_changes():
            pass


@pytest.fixture(autouse=True)
def book(written):
    with time_machine.travel(TODAY, tick=False):
        yield


def test_mrr_by_month_and_by_member(reader) -> None:
    answer = reader.get("/api/v1/metrics/mrr?from=2026-02-10&to=2026-02-11&by=channel")
    assert answer.status_code == 200
    month = {
        "month": "2026-02-01", "start": "150.00000000", "new": "0.00000000", "reactivation": "0.00000000",
        "expansion": "60.00000000", "contraction": "0.00000000", "churn": "-50.00000000", "fx": "0.00000000",
        "end": "160.00000000", "customers": 1, "customers_lost": 1,
    }  # fmt: skip
    told = answer.json()
    assert (told["currency"], told["net"], told["by"], told["months"]) == ("USD", True, "channel", [month])
    assert [(group["key"], group["months"][0]["end"]) for group in told["groups"]] == [("", "0.00000000"), ("Ads", "160.00000000")]  # fmt: skip


def test_retention_and_cohorts(reader) -> None:
    told = reader.get("/api/v1/metrics/retention?from=2025-01-01").json()
    assert len(told["months"]) == 14
    assert told["months"][-1] == {
        "month": "2026-02-01", "nrr": pytest.approx(160 / 150), "grr": pytest.approx(100 / 150), "customer_churn": 0.5,
        "mrr_churn": pytest.approx(1 / 3), "quick_ratio": 1.2,
    }  # fmt: skip
    assert [(c["month"], c["size"], c["kept"][-1]) for c in told["cohorts"]] == [
        ("2025-01-01", 1, 1),
        ("2025-02-01", 1, 0),
    ]
    assert told["weighted"][:2] == [1.0, 1.0]


def test_lifetime_value(reader) -> None:
    told = reader.get("/api/v1/metrics/ltv?by=channel").json()
    assert (told["month"], told["arpa"], told["churn"]) == ("2026-02-01", 160.0, pytest.approx(0.5 / 6))
    assert told["simple"] == pytest.approx(160 / (0.5 / 6))
    assert {group["key"]: group["reason"] for group in told["groups"]} == {"Ads": "no_churn", "": "no_customers"}


@pytest.mark.parametrize("path", ["mrr", "retention", "ltv"])
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=yesterday", "from"), ("from=2026-05-01&to=2026-01-01", "to"), ("by=colour", "by"), ("limit=3", "limit"),
        ("from=0001-01-01", "from"), ("to=9999-12-31", "to"), ("from=2001-01-01&to=2026-01-01", "from"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_told(path, query, field, reader) -> None:
    answer = reader.get(f"/api/v1/metrics/{path}?{query}")
    assert answer.status_code == 422, answer.content
    assert list(answer.json()["errors"]) == [field]


def test_a_token_is_needed(client) -> None:
    assert client.get("/api/v1/metrics/mrr").status_code == 401
