"""Accounts over the API: put, read, listed."""

from decimal import Decimal
from urllib.parse import quote

import pytest

from accounts.models import Account, Activity, Segment
from tests.accounts.revenue import make_account, subscribe

pytestmark = pytest.mark.django_db


@pytest.fixture
def mid() -> Segment:
    return Segment.objects.create(key="mid", name="Mid-market")


def test_an_account_is_created_changed_and_left_alone(ingester, chloe, mid) -> None:
    body = {
        "name": "Acme", "domain": "https://Acme.com/", "segment": "mid", "csm": "Chloe@tenure.example",
        "currency": "EUR", "time_zone": "Europe/Paris", "country": "France", "industry": "Tools", "channel": "Events",
        "custom": {"tier": 3}, "started_on": "2025-01-01", "stage": "onboarding",
    }  # fmt: skip
    created = ingester.put("/api/v1/accounts/crm 42", body)
    assert created.status_code == 201
    account = Account.objects.get()
    assert created.json() == {
        "external_id": "crm 42", "name": "Acme", "domain": "acme.com", "segment": "mid",
        "csm": "chloe@tenure.example", "stage": "onboarding", "currency": "EUR", "time_zone": "Europe/Paris",
        "country": "France", "industry": "Tools", "channel": "Events", "custom": {"tier": 3}, "started_on": "2025-01-01",
        "churned_on": None, "mrr": "0.00", "committed_mrr": "0.00", "mrr_currency": "USD", "seats": 0, "plan": None,
        "trial_ends_on": None, "decision_date": None, "score": None, "band": "unknown", "capped_by": "",
        "known_weight": 0, "trend": None, "scored_at": None, "last_contact_at": None,
        "created_at": account.created_at.isoformat().replace("+00:00", "Z"), "result": "created",
    }  # fmt: skip
    again = ingester.put("/api/v1/accounts/crm 42", body)
    assert (again.status_code, again.json()["result"]) == (200, "unchanged")
    changed = ingester.put("/api/v1/accounts/crm 42", {"country": "Spain", "csm": None})
    assert (changed.status_code, changed.json()["result"]) == (200, "updated")
    assert (changed.json()["country"], changed.json()["csm"], changed.json()["name"]) == ("Spain", None, "Acme")
    told = Activity.objects.order_by("id").values_list("kind", "actor_label", "data")
    assert list(told) == [
        ("account.created", "API: read+ingest", {"source": "API"}),
        ("account.csm_assigned", "API: read+ingest", {"before": "Chloe", "after": ""}),
        ("account.updated", "API: read+ingest", {"fields": "country", "changes": {"country": ["France", "Spain"]}}),
    ]


def test_reading_one(reader, chloe, mid) -> None:
    acme = make_account("Acme", segment=mid, csm=chloe, score=Decimal("55.5"), band="yellow", capped_by="support")
    subscribe(acme, unit_amount=Decimal("99.999"), plan="pro", term_end="2099-12-31", notice_days=30)
    subscribe(acme, "S-2", unit_amount=50, ended_on="2099-06-01")
    body = reader.get(f"/api/v1/accounts/{acme.external_id}").json()
    assert {
        name: body[name] for name in ("score", "band", "capped_by", "mrr", "committed_mrr", "decision_date", "plan")
    } == {
        "score": "55.500", "band": "yellow", "capped_by": "support", "mrr": "150.00", "committed_mrr": "100.00",
        "decision_date": "2099-12-01", "plan": "pro",
    }  # fmt: skip


def test_an_account_that_is_none_is_a_404(reader, ingester) -> None:
    for address in ("nobody", "%00", "a%01b", "x" * 300, "acme/nothing", quote("é" * 50)):
        response = reader.get(f"/api/v1/accounts/{address}")
        assert (response.status_code, response.json()["code"]) == (404, "not_found"), address
    said = ingester.put("/api/v1/accounts/nobody/tickets/1", {"subject": "x"}).json()
    assert said == {"detail": "There is no account nobody.", "code": "not_found"}


@pytest.mark.parametrize("external_id", ["a b", "é€𝔘", "50%", "a/b", "a/b/c", "a?b#c&d=e", "..", "a\\b", "'\"<>", "-1"])
def test_any_id_of_theirs_has_an_address(ingester, external_id) -> None:
    address = f"/api/v1/accounts/{quote(external_id.replace('/', '%2F'), safe='')}"
    assert ingester.put(address, {"name": "A"}).status_code == 201
    assert ingester.get(address).json()["external_id"] == external_id == Account.objects.get().external_id


@pytest.mark.parametrize("external_id", [" a", "a ", "a\u200bb", "x" * 201])
def test_ids_that_would_be_mistaken_are_refused(ingester, external_id) -> None:
    response = ingester.put(f"/api/v1/accounts/{quote(external_id, safe='')}", {"name": "A"})
    assert (response.status_code, list(response.json()["errors"])) == (422, ["external_id"])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": "   "}, "name"),
        ({"name": "\x00"}, "name"),
        ({"name": None}, "name"),
        ({"name": 5}, "name"),
        ({"name": ["A"]}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "A", "domain": "not a domain"}, "domain"),
        ({"name": "A", "segment": "huge"}, "segment"),
        ({"name": "A", "csm": "nobody@example.com"}, "csm"),
        ({"name": "A", "stage": "happy"}, "stage"),
        ({"name": "A", "currency": "usd"}, "currency"),
        ({"name": "A", "currency": "DOLLAR"}, "currency"),
        ({"name": "A", "time_zone": "Mars/Base"}, "time_zone"),
        ({"name": "A", "started_on": "2026-13-01"}, "started_on"),
        ({"name": "A", "started_on": 20260101}, "started_on"),
        ({"name": "A", "started_on": "0001-01-01"}, "started_on"),
        ({"name": "A", "custom": []}, "custom"),
        ({"name": "A", "custom": {"x": "\x00"}}, "custom"),
        ({"name": "A", "custom": {"x": "y" * 30_000}}, "custom"),
        ({"name": "A", "custom": {"a": {"b": {"c": {"d": {"e": {"f": {"g": {"h": {"i": 1}}}}}}}}}}, "custom"),
        ({"name": "A", "colour": "red"}, "colour"),
        ({"name": "A", "mrr": 100}, "mrr"),
        ([], "non_field_errors"),
        ("text", "non_field_errors"),
    ],
)  # fmt: skip
def test_bad_bodies_are_refused_with_the_field(ingester, body, field) -> None:
    response = ingester.put("/api/v1/accounts/a", body)
    assert response.status_code == 422, response.json()
    assert list(response.json()["errors"]) == [field]
    assert all(isinstance(s, str) for s in response.json()["errors"][field])
    assert not Account.objects.exists()


def test_text_comes_back_as_it_went_in(ingester) -> None:
    for name in ("<script>alert(1)</script>", "'; drop table accounts;--", "{{ 7*7 }}", "Ünïcödé 🙂 עברית", "=1+1"):
        body = ingester.put("/api/v1/accounts/a", {"name": name, "custom": {name: name}}).json()
        assert (body["name"], body["custom"]) == (name, {name: name})


def test_custom_fields_may_hold_any_json(ingester) -> None:
    custom = {"n": 10**30, "f": 1.5, "nul": None, "deep": [[{"x": []}]], "": "empty"}
    assert ingester.put("/api/v1/accounts/a", {"name": "A", "custom": custom}).status_code == 201
    assert ingester.get("/api/v1/accounts/a").json()["custom"] == custom


# The list ---------------------------------------------------------------------------------------------------


@pytest.fixture
def book(chloe, cyril, mid) -> dict[str, Account]:
    return {
        "acme": make_account("Acme", segment=mid, csm=chloe, band="red", mrr=100, decision_date="2026-05-01"),
        "bolt": make_account("Bolt", csm=cyril, band="green", mrr=200, stage="onboarding", domain="bolt.io"),
        "gone": make_account("Gone", band="red", mrr=0, stage="churned"),
    }


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Acme", "Bolt", "Gone"]),
        ("band=red", ["Acme"]),
        ("band=red&band=green", ["Acme", "Bolt"]),
        ("stage=churned", ["Gone"]),
        ("segment=mid", ["Acme"]),
        ("csm=CYRIL@tenure.example", ["Bolt"]),
        ("mrr_min=100&mrr_max=150", ["Acme"]),
        ("decision_from=2026-05-01&decision_to=2026-05-01", ["Acme"]),
        ("decision_to=2026-04-30", []),
        ("q=OLT", ["Bolt"]),
        ("q=bolt.io", ["Bolt"]),
        ("q=100%25", []),
    ],
)
def test_filters(reader, book, query, names) -> None:
    response = reader.get(f"/api/v1/accounts?{query}")
    assert [row["name"] for row in response.json()["results"]] == names
    assert (response.json()["next"], response.json()["previous"]) == (None, None)


def test_only_the_fields_that_are_asked_for(reader, book) -> None:
    rows = reader.get("/api/v1/accounts?fields=external_id,band").json()["results"]
    assert rows == [
        {"external_id": book["acme"].external_id, "band": "red"},
        {"external_id": book["bolt"].external_id, "band": "green"},
        {"external_id": book["gone"].external_id, "band": None},
    ]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("band=purple", "band"),
        ("bnad=red", "bnad"),
        ("mrr_min=lots", "mrr_min"),
        ("mrr_min=NaN", "mrr_min"),
        ("mrr_min=1e400", "mrr_min"),
        ("decision_from=2026-02-31", "decision_from"),
        ("fields=name,secret", "fields"),
        ("page_size=0", "page_size"),
        ("page_size=501", "page_size"),
        ("page_size=99999999999999999999", "page_size"),
        ("page_size=many", "page_size"),
        ("q=" + "x" * 201, "q"),
        ("q=%00", "q"),
        ("mrr_max=", "mrr_max"),
        ("band=", "band"),
        ("fields=", "fields"),
    ],
)
def test_bad_questions_are_refused(reader, query, field) -> None:
    response = reader.get(f"/api/v1/accounts?{query}")
    assert (response.status_code, list(response.json()["errors"])) == (422, [field])
    (sentences,) = response.json()["errors"].values()
    assert [type(sentence) for sentence in sentences] == [str]


def test_pages_by_cursor_hold_every_row_once(reader) -> None:
    accounts = [make_account(f"A{n}") for n in range(7)]
    seen, address = [], "/api/v1/accounts?page_size=3&fields=name"
    while address:
        page = reader.get(address).json()
        seen += [row["name"] for row in page["results"]]
        address = page["next"]
    assert seen == [account.name for account in accounts]
    back = reader.get(reader.get("/api/v1/accounts?page_size=3").json()["next"]).json()["previous"]
    assert len(reader.get(back).json()["results"]) == 3


@pytest.mark.parametrize(
    "cursor",
    ["x", "", "1", "f1.5", "f-1", "f9999999999999999999", "fabc", "f1o9999", "%00", "é", "f1%0A", "cD0x"],
)
def test_a_cursor_that_is_none_is_a_400(reader, cursor) -> None:
    response = reader.get(f"/api/v1/accounts?cursor={cursor}")
    assert (response.status_code, response.json()["code"]) == (400, "bad_cursor")


def test_a_list_costs_the_same_for_one_and_for_fifty(reader, chloe, mid, django_assert_num_queries) -> None:
    make_account("A", segment=mid, csm=chloe)
    reader.get("/api/v1/accounts")
    with django_assert_num_queries(2):
        reader.get("/api/v1/accounts")
    for n in range(49):
        make_account(f"B{n}", segment=mid, csm=chloe)
    with django_assert_num_queries(2):
        assert len(reader.get("/api/v1/accounts").json()["results"]) == 50
