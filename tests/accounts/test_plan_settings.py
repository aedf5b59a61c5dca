"""Plans, prices and rates as an admin sets them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.domain.plans import save_version
from accounts.exceptions import DomainError
from accounts.models import ExchangeRate, Plan, PlanPrice, PlanVersion, Subscription
from tests.accounts.plans import plan, subscribed
from tests.accounts.spine import make_account

pytestmark = pytest.mark.django_db
MID_APRIL = datetime(2026, 4, 16, 9, tzinfo=UTC)
VALUES = {
    "metric": "seat",
    "min_seats": "1",
    "max_seats": "",
    "decreases": "now",
    "unit_name": "",
    "features": "A\nB\n\n",
}


@pytest.fixture(autouse=True)
def _april(time_machine):
    time_machine.move_to(MID_APRIL, tick=False)


@pytest.fixture
def admin(alice, signed_in):
    return signed_in(alice)


def priced(*rows, **values):
    """What the form of a version sends."""
    data = {**VALUES, **values, "prices-TOTAL_FORMS": str(len(rows) + 1), "prices-INITIAL_FORMS": "0"}
    for number, row in enumerate(rows):
        data |= {f"prices-{number}-{name}": value for name, value in row.items()}
    return data | {f"prices-{len(rows)}-interval": "month"}


MONTH = {"interval": "month", "currency": "usd", "amount": "20"}


# Versions ---------------------------------------------------------------------------------------------


def test_a_plan_with_its_first_version(admin):
    assert admin.post("/settings/plans/add/", {"name": "Team", "complexity": "high"}).status_code == 302
    team = Plan.objects.get(key="team")
    assert team.complexity == "high"
    year = {"interval": "year", "currency": "USD", "amount": "200.50"}
    assert admin.post(f"/settings/plans/{team.pk}/versions/add/", priced(MONTH, year)).status_code == 302

    version = PlanVersion.objects.get()
    prices = PlanPrice.objects.order_by("interval").values_list("interval", "currency", "amount")
    assert (version.number, version.features, version.offered) == (1, ["A", "B"], False)
    assert list(prices) == [("month", "USD", 20), ("year", "USD", Decimal("200.5"))]
    page = admin.get("/settings/plans/").content.decode()
    assert "$20 a seat and month" in page
    assert "$200.50 a seat and year" in page


def test_a_version_that_nobody_has_changes_in_place_and_one_in_use_never(admin):
    version = plan("Team", ("month", 20), offered=False)
    path = f"/settings/plans/versions/{version.pk}/"
    admin.post(path, priced(MONTH | {"amount": "22"}))
    assert list(PlanPrice.objects.values_list("version", "amount")) == [(version.pk, 22)]

    subscribed(make_account(), version)
    assert "it stays as it is" in admin.get(path).content.decode()
    admin.post(path, priced(MONTH | {"amount": "30"}))
    assert list(PlanPrice.objects.order_by("pk").values_list("version__number", "amount")) == [(1, 22), (2, 30)]
    assert Subscription.objects.get().unit_amount == 22


def test_once_used_it_stays_used(admin):
    version, other = plan("Team", ("month", 20)), plan("Base", ("month", 10))
    sub = subscribed(make_account(), version)
    subscribed(sub.account, other)
    save_version(
        version.plan,
        version,
        VALUES | {"features": [], "min_seats": 1},
        [{"interval": "month", "currency": "USD", "amount": 9}],
    )
    assert version.plan.versions.count() == 2


def test_tiers_and_metered_prices(admin):
    team = Plan.objects.create(key="t", name="T")
    path = f"/settings/plans/{team.pk}/versions/add/"
    admin.post(path, priced({**MONTH, "amount": "", "tiers": "10: 12; 50: 9.5; 5"}, metric="tiered"))
    admin.post(path, priced({**MONTH, "unit_amount": "0.01"}, metric="metered", unit_name="API call"))

    tiered, metered = PlanPrice.objects.order_by("pk")
    assert tiered.tiers == [
        {"up_to": 10, "amount": "12"},
        {"up_to": 50, "amount": "9.5"},
        {"up_to": None, "amount": "5"},
    ]
    assert (metered.amount, metered.unit_amount) == (20, Decimal("0.01"))
    page = admin.get("/settings/plans/").content.decode()
    assert "seats 11 to 50: $9.50 a seat and month" in page
    assert "$20 a month + $0.01 per API call" in page


@pytest.mark.parametrize(
    ("row", "values"),
    [
        ({"amount": "-1"}, {}), ({"amount": "abc"}, {}), ({"amount": "1e400"}, {}), ({"amount": "NaN"}, {}),
        ({"currency": "??"}, {}), ({"currency": ""}, {}), ({"interval": "week"}, {}), ({}, {"min_seats": "0"}),
        ({}, {"min_seats": "-1"}), ({}, {"min_seats": str(10**9)}), ({}, {"min_seats": "abc"}),
        ({}, {"min_seats": "9", "max_seats": "3"}), ({}, {"metric": "free"}), ({}, {"metric": "tiered"}),
        ({}, {"metric": "metered"}), ({"tiers": "10 12"}, {"metric": "tiered"}), ({}, {"decreases": "never"}),
        ({"tiers": "50: 9; 10: 12; 5"}, {"metric": "tiered"}), ({"tiers": "10: x; 5"}, {"metric": "tiered"}),
        ({"tiers": "10: 12; 20: 5"}, {"metric": "tiered"}), ({}, {"features": "\n".join("x" * 50)}),
    ],
)  # fmt: skip
def test_what_a_version_cannot_be_is_refused_and_kept(admin, row, values):
    team = Plan.objects.create(key="t", name="T")
    page = admin.post(f"/settings/plans/{team.pk}/versions/add/", priced({**MONTH, **row}, **values))
    assert page.status_code == 422
    assert not PlanVersion.objects.exists()


def test_two_prices_for_one_rhythm_are_refused(admin):
    team = Plan.objects.create(key="t", name="T")
    assert admin.post(f"/settings/plans/{team.pk}/versions/add/", priced(MONTH, MONTH)).status_code == 422


def test_offered_stopped_withdrawn_deleted(admin):
    first, second = plan("Team", ("month", 20)), plan("Team", ("month", 24), offered=False)
    act = lambda version, verb: admin.post(f"/settings/plans/versions/{version.pk}/{verb}/").status_code  # noqa: E731

    assert act(second, "offer") == 302
    assert list(PlanVersion.objects.on_offer()) == [second]
    assert (act(second, "stop"), act(first, "withdraw"), act(first, "offer")) == (302, 302, 409)
    assert not PlanVersion.objects.on_offer().exists()
    subscribed(make_account(), second)
    assert (act(second, "delete"), act(first, "delete")) == (409, 302)
    empty = PlanVersion.objects.create(plan=first.plan, number=9)
    assert act(empty, "offer") == 422


def test_the_list_asks_as_often_for_many_plans(admin):
    def count():
        with CaptureQueriesContext(connection) as queries:
            assert admin.get("/settings/plans/").status_code == 200
        return len(queries)

    subscribed(make_account(), plan("P0", ("month", 20), ("year", 200)))
    few = count()
    for number in range(1, 8):
        subscribed(make_account(), plan(f"P{number}", ("month", 20)), external_id=f"S-{number}0")
    assert count() == few


# Rates ------------------------------------------------------------------------------------------------


def test_rates_are_set_and_what_waits_is_named(admin):
    account = make_account("Zeta")
    subscribed(account, None, unit_amount=10, status="trialing", trial_ends_on=date(2026, 9, 1))
    Subscription.objects.update(currency="CHF")
    page = admin.get("/settings/rates/").content.decode()
    assert "No rate for CHF" in page
    assert "Zeta (S-1)" in page

    assert (
        admin.post("/settings/rates/", {"currency": "chf", "valid_from": "2026-01-01", "rate": "1.12"}).status_code
        == 302
    )
    page = admin.get("/settings/rates/").content.decode()
    assert "No rate for CHF" not in page
    assert "1.12" in page


@pytest.mark.parametrize(
    "wrong", [{"rate": "0"}, {"rate": "-1"}, {"rate": "abc"}, {"rate": "1e30"}, {"rate": ""}, {"currency": "USD"},
              {"currency": "E"}, {"valid_from": "x"}, {"valid_from": ""}, {"rate": "NaN"}],
)  # fmt: skip
def test_rates_that_cannot_be(admin, wrong):
    data = {"currency": "EUR", "valid_from": "2026-01-01", "rate": "1.1"} | wrong
    assert admin.post("/settings/rates/", data).status_code == 422
    assert not ExchangeRate.objects.exists()


def test_the_domain_refuses_what_the_form_would(alice):
    with pytest.raises(DomainError):
        save_version(Plan.objects.create(key="x", name="X"), None, {"metric": "seat"}, [])


def test_what_customers_have_is_held_by_the_database() -> None:
    plan = Plan.objects.create(key="held", name="Held")
    version = PlanVersion.objects.create(plan=plan, number=1, used_at=timezone.now())
    price = PlanPrice.objects.create(version=version, interval="month", currency="EUR", amount=12)
    for change in ({"min_seats": 3}, {"features": ["SSO"]}, {"metric": "flat"}):
        with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
            PlanVersion.objects.filter(pk=version.pk).update(**change)
    for verb in (lambda rows: rows.update(amount=1), lambda rows: rows.delete()):
        with pytest.raises(ProgrammingError, match="Cannot change the price"), transaction.atomic():
            verb(PlanPrice.objects.filter(pk=price.pk))
    PlanVersion.objects.filter(pk=version.pk).update(offered=True)
    draft = PlanVersion.objects.create(plan=plan, number=2)
    PlanVersion.objects.filter(pk=draft.pk).update(min_seats=3)
