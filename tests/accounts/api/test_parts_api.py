"""Contacts and subscriptions over the API."""

from datetime import UTC, datetime
from urllib.parse import quote

import pytest
import time_machine

from accounts.domain.setting_rates import set_rate
from accounts.models import Activity, Contact, Subscription
from tests.accounts.revenue import adds_up, make_account, moves

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(datetime(2026, 3, 4, 12, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def acme():
    return make_account("Acme", external_id="acme", currency="EUR")


def test_a_contact_comes_changes_and_leaves(ingester, acme) -> None:
    address = "/api/v1/accounts/acme/contacts/Ann@Acme.com"
    body = {
        "name": "Ann",
        "title": "CTO",
        "decides": True,
        "champion": True,
        "language": "fr",
        "time_zone": "Europe/Paris",
    }
    created = ingester.put(address, body)
    assert (created.status_code, created.json()) == (
        201,
        {"email": "ann@acme.com", **body, "phone": "", "left_on": None, "result": "created"},
    )
    assert ingester.put(address.lower(), body).json()["result"] == "unchanged"
    left = ingester.put(address, {"left_on": "2026-03-01"})
    assert (left.status_code, left.json()["result"], left.json()["left_on"]) == (200, "updated", "2026-03-01")
    assert ingester.get(address).json()["name"] == "Ann"
    assert list(Activity.objects.order_by("id").values_list("kind", "data")) == [
        ("contact.added", {"name": "Ann", "email": "ann@acme.com"}),
        ("contact.left", {"name": "Ann", "email": "ann@acme.com", "champion": True}),
    ]


@pytest.mark.parametrize(
    ("email", "body", "field"),
    [
        ("no-address", {}, "email"),
        ("a@" + "b" * 250 + ".com", {}, "email"),
        ("a b@c.d", {}, "email"),
        ("a@b.co", {"decides": "yes"}, "decides"),
        ("a@b.co", {"decides": 1}, "decides"),
        ("a@b.co", {"time_zone": "Nowhere"}, "time_zone"),
        ("a@b.co", {"left_on": "yesterday"}, "left_on"),
        ("a@b.co", {"language": "klingonese"}, "language"),
        ("a@b.co", {"language": "de"}, "language"),
        ("a@b.co", {"shoe_size": 44}, "shoe_size"),
    ],
)
def test_bad_contacts_are_refused(ingester, acme, email, body, field) -> None:
    response = ingester.put(f"/api/v1/accounts/acme/contacts/{quote(email)}", body)
    assert (response.status_code, list(response.json()["errors"])) == (422, [field])
    assert not Contact.objects.exists()


def test_parts_of_nobody_are_a_404(ingester, acme) -> None:
    addresses = ["nobody/contacts/a@b.co", "nobody/subscriptions/S", "acme/contacts/a@b.co", "acme/subscriptions/S"]
    answers = [ingester.get(f"/api/v1/accounts/{address}").status_code for address in addresses]
    assert answers == [404] * 4
    assert [ingester.put(f"/api/v1/accounts/{address}", {}).status_code for address in addresses[:2]] == [404] * 2


def test_a_subscription_and_its_movements(ingester, acme) -> None:
    address = "/api/v1/accounts/acme/subscriptions/sub%20%2F1"
    body = {"plan": "pro", "currency": "USD", "unit_amount": 25, "quantity": 4, "started_on": "2026-01-01"}
    address = "/api/v1/accounts/acme/subscriptions/sub_1"
    created = ingester.put(address, body)
    assert (created.status_code, created.json()) == (
        201,
        {
            "external_id": "sub_1", "plan": "pro", "plan_version": None, "status": "active", "currency": "USD",
            "unit_amount": "25.00000000", "quantity": 4, "per_seat": True, "interval": "month", "interval_count": 1,
            "discount_percent": "0.0000", "discount_amount": "0.00000000", "started_on": "2026-01-01",
            "ended_on": None, "trial_ends_on": None, "past_due_since": None, "cancel_scheduled_on": None,
            "term_end": None, "notice_days": 0, "auto_renew": True, "term_months": None, "churn_reason": "", "churn_comment": "",
            "mrr": "100.00", "result": "created",
        },
    )  # fmt: skip
    assert ingester.put(address, body).json()["result"] == "unchanged"
    assert ingester.put(address, {"quantity": 6}).json()["mrr"] == "150.00"
    assert ingester.put(address, {"status": "canceled", "churn_reason": "price"}).json()["mrr"] == "0.00"
    assert moves(acme) == [
        ("2026-01-01", "new", "100"),
        ("2026-03-04", "expansion", "50"),
        ("2026-03-04", "churn", "-150"),
    ]
    assert ingester.get(address).json()["churn_reason"] == "price"
    assert ingester.get("/api/v1/accounts/acme").json()["stage"] == "churned"
    assert adds_up()


def test_a_new_one_begins_today_in_the_accounts_currency(ingester, acme) -> None:
    set_rate("EUR", datetime(2026, 1, 1).date(), "1.1", by="Alice")
    body = ingester.put("/api/v1/accounts/acme/subscriptions/S", {"unit_amount": "100.50"}).json()
    assert (body["currency"], body["started_on"], body["mrr"]) == ("EUR", "2026-03-04", "110.55")


def test_a_missing_rate_is_told(ingester, acme) -> None:
    response = ingester.put("/api/v1/accounts/acme/subscriptions/S", {"unit_amount": 1})
    assert (response.status_code, response.json()) == (
        422,
        {
            "detail": "There is no exchange rate from EUR to USD for 2026-03-04: add one dated that day or before.",
            "code": "rate_missing",
            "errors": {"currency": ["No exchange rate is known for this currency on that day."]},
        },
    )
    assert not Subscription.objects.exists()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"unit_amount": "NaN"}, "unit_amount"),
        ({"unit_amount": -1}, "unit_amount"),
        ({"unit_amount": 1e308}, "unit_amount"),
        ({"unit_amount": "9" * 5000}, "unit_amount"),
        ({"unit_amount": True}, "unit_amount"),
        ({"unit_amount": 0.1234567891}, "unit_amount"),
        ({"quantity": -1}, "quantity"),
        ({"quantity": "5"}, "quantity"),
        ({"quantity": 5.5}, "quantity"),
        ({"quantity": 10**20}, "quantity"),
        ({"interval": "decade"}, "interval"),
        ({"interval_count": 0}, "interval_count"),
        ({"discount_percent": 101}, "discount_percent"),
        ({"started_on": None}, "started_on"),
        ({"started_on": "1969-12-31"}, "started_on"),
        ({"started_on": "2026-02-01", "ended_on": "2026-01-01"}, "ended_on"),
        ({"status": "active", "trial_ends_on": "2026-04-01"}, "trial_ends_on"),
        ({"effective_on": "2026-03-05"}, "effective_on"),
        ({"auto_renew": "true"}, "auto_renew"),
        ({"churn_reason": "boredom"}, "churn_reason"),
        ({"seats": 5}, "seats"),
        ({"external_id": "x"}, "external_id"),
    ],
)
def test_bad_subscriptions_are_refused(ingester, acme, body, field) -> None:
    response = ingester.put("/api/v1/accounts/acme/subscriptions/S", {"currency": "USD", **body})
    assert response.status_code == 422, response.json()
    assert list(response.json()["errors"]) == [field]
    assert not Subscription.objects.exists()


def test_what_is_worth_too_much_is_refused(ingester, acme) -> None:
    body = {"currency": "USD", "unit_amount": 1_000_000_000, "quantity": 10_000_000, "interval": "day"}
    response = ingester.put("/api/v1/accounts/acme/subscriptions/S", body)
    assert (response.status_code, response.json()["code"]) == (422, "too_much")


def test_a_subscription_of_another_account_is_a_conflict(ingester, acme) -> None:
    make_account("Bolt", external_id="bolt")
    ingester.put("/api/v1/accounts/acme/subscriptions/S", {"currency": "USD"})
    response = ingester.put("/api/v1/accounts/bolt/subscriptions/S", {"currency": "USD"})
    assert (response.status_code, response.json()["code"]) == (409, "other_account")
