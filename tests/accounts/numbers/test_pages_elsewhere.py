"""Pages of numbers of a company without any, of one with many customers; the documents' example; costs as they are typed."""

import re
from datetime import date

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.domain.numbers.counting import count_changes
from accounts.models import Cost
from tests.accounts.numbers.test_pages import PAGES, TODAY, get, text
from tests.accounts.revenue import make_account, subscribe, subscribe_each

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(TODAY, tick=False):
        yield


def test_the_documents_example(chloe, signed_in) -> None:
    query = {
        "mrr": "120990", "arpa": "120990", "margin": "85", "churn": "2.5", "retention": "70", "net": "85",
        "discount": "8", "growth": "0",
    }  # fmt: skip
    assert "$312,995.87" in get(signed_in(chloe), "worth/what-if/", **query)
    assert "$312,995.87" in get(signed_in(chloe), "worth/what-if/", **{**query, "churn": "2,5", "mrr": "120\xa0990,00"})
    assert "Does not converge" in get(signed_in(chloe), "worth/what-if/", **{**query, "net": "120"})
    absurd = {
        "arpa": "999999999999",
        "cac": "0.01",
        "churn": "0.00001",
        "discount": "0",
        "growth": "20",
        "net": "107.9999",
    }
    words = text(get(signed_in(chloe), "worth/what-if/", **{**query, **absurd}))
    assert "Beyond all reason" in words
    assert not re.search(r"[\d,]{24}", words)
    wrong = signed_in(chloe).get("/numbers/worth/what-if/", {**query, "mrr": "9" * 14})
    assert wrong.status_code == 422
    assert "less than or equal to 1000000000000" in wrong.content.decode()
    wrong = signed_in(chloe).get("/numbers/worth/what-if/", {**query, "margin": "130"})
    assert wrong.status_code == 422
    assert 'value="130"' in wrong.content.decode()


@pytest.mark.parametrize("path", PAGES)
def test_an_empty_company_has_sentences_and_no_numbers(path, chloe, signed_in) -> None:
    html = text(get(signed_in(chloe), path))
    assert not re.search(r"\b(nan|inf|infinity|none)\b", html, re.IGNORECASE), path


def test_as_many_queries_for_fifty_accounts_as_for_one(chloe, signed_in) -> None:
    browser = signed_in(chloe)

    def counts() -> dict[str, int]:
        while count_changes():
            pass
        return {path: asked(f"/numbers/{path}") for path in ("", "mrr/", "retention/", "worth/", "winning/")}

    def asked(path: str) -> int:
        browser.get(path)  # what is kept after the first look
        with CaptureQueriesContext(connection) as queries:
            browser.get(path)
        return len(queries)

    subscribe(make_account("One"), "S-1", started_on="2025-02-01")
    one = counts()
    assert max(one.values()) <= 60
    subscribe_each(
        {f"A-{n}": {"account": make_account(f"A{n}"), "started_on": date(2025, n % 9 + 1, 1)} for n in range(50)}
    )
    many = counts()
    assert all(many[path] <= one[path] for path in one), (one, many)


def test_costs_are_entered_changed_and_taken_back(alice, signed_in) -> None:
    browser = signed_in(alice)
    body = {"month": "2026-02", "kind": "winning", "amount": "1200.50", "channel": "Ads", "note": ""}
    assert browser.post("/settings/costs/", body).status_code == 302
    row = Cost.objects.get()
    assert (row.month, str(row.amount), row.channel) == (date(2026, 2, 1), "1200.50000000", "Ads")
    again = browser.post("/settings/costs/", body)
    assert again.status_code == 422
    assert "entered already" in again.content.decode()
    assert browser.post(f"/settings/costs/{row.pk}/", {**body, "amount": "1 900,5"}).status_code == 302
    assert str(Cost.objects.get().amount) == "1900.50000000"
    bad = browser.post("/settings/costs/", {"month": "soon", "kind": "keeping", "amount": "-3", "channel": "Ads"})
    assert bad.status_code == 422
    for sentence in ("no month", "greater than or equal to 0", "not told by channel"):
        assert sentence in bad.content.decode()
    assert browser.post(f"/settings/costs/{row.pk}/delete/").status_code == 302
    assert not Cost.objects.exists()
