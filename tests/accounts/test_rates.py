"""Money of other currencies: at the rate of its day, and the market's doing is nobody's expansion."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine

from accounts.domain.metrics.months import mrr_by_month
from accounts.domain.rates import Rates
from accounts.domain.setting_rates import apply_due_rates, set_rate
from accounts.domain.subscriptions import sweep_subscriptions, upsert_subscriptions
from accounts.exceptions import DomainError
from accounts.models import Activity, ExchangeRate, Subscription
from tests.accounts.revenue import adds_up, make_account, moves, on, subscribe

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(datetime(2026, 3, 4, 12, tzinfo=UTC), tick=False):
        yield


def rate(day: str, value: str, currency: str = "EUR") -> str:
    return set_rate(currency, date.fromisoformat(day), value, by="Alice")[1]


def test_a_missing_rate_is_an_error_and_never_one() -> None:
    with pytest.raises(DomainError, match="no exchange rate from EUR to USD for 2026-01-01"):
        subscribe(make_account(), currency="EUR")
    assert not Subscription.objects.exists()
    rate("2026-02-01", "1.1")
    with pytest.raises(DomainError, match="no exchange rate"):  # none as old as its start
        subscribe(make_account(), currency="EUR")
    counts = upsert_subscriptions(
        [
            {
                "external_id": "S",
                "account": make_account().external_id,
                "currency": "EUR",
                "unit_amount": 1,
                "started_on": "2026-01-01",
            }
        ],
        by="import",
    )
    assert [error.code for _index, error in counts.refused] == ["rate_missing"]


def test_the_rate_of_the_day() -> None:
    rate("2026-01-01", "1.10")
    rate("2026-02-01", "1.05")
    rates = Rates(["EUR", "USD"])
    assert [rates.on("EUR", date(2026, m, 15)) for m in (1, 2)] == [Decimal("1.10"), Decimal("1.05")]
    assert rates.on("USD", date(1990, 1, 1)) == 1


def test_a_new_rate_is_a_row_of_its_own() -> None:
    acme = make_account()
    rate("2026-01-01", "1.10")
    subscribe(acme, currency="EUR", unit_amount=10_000)
    assert rate("2026-02-01", "1.05") == "created"
    assert moves(acme) == [("2026-01-01", "new", "11000"), ("2026-02-01", "fx", "-500")]
    acme.refresh_from_db()
    assert acme.mrr == Subscription.objects.get().mrr == 10_500
    assert not Activity.objects.filter(kind="mrr.contracted").exists()
    assert adds_up()


def test_a_corrected_rate_corrects_what_stands_on_it() -> None:
    acme = make_account()
    rate("2026-01-01", "1.10")
    rate("2026-02-01", "1.05")
    subscribe(acme, currency="EUR", unit_amount=100)
    subscribe(acme, unit_amount=200, effective_on=date(2026, 2, 1))
    assert moves(acme) == [
        ("2026-01-01", "new", "110"),
        ("2026-02-01", "fx", "-5"),
        ("2026-02-01", "expansion", "105"),
    ]
    assert rate("2026-01-01", "1.20") == "updated"
    assert rate("2026-01-01", "1.20") == "unchanged"
    assert moves(acme) == [
        ("2026-01-01", "new", "120"),
        ("2026-02-01", "fx", "-15"),
        ("2026-02-01", "expansion", "105"),
    ]
    assert adds_up()


def test_what_is_over_is_not_revalued() -> None:
    acme = make_account()
    rate("2026-01-01", "1")
    subscribe(acme, currency="EUR", ended_on="2026-02-01")
    rate("2026-02-15", "2")
    rate("2026-01-15", "3")
    assert moves(acme) == [
        ("2026-01-01", "new", "100"),
        ("2026-01-15", "fx", "200"),
        ("2026-02-01", "churn", "-300"),
    ]
    subscribe(acme, ended_on="2026-01-10")
    assert moves(acme) == [("2026-01-01", "new", "100"), ("2026-01-10", "churn", "-100")]
    assert adds_up()


def test_a_rate_ahead_of_its_day_waits_for_it() -> None:
    acme = make_account()
    rate("2026-01-01", "1")
    subscribe(acme, currency="EUR")
    rate("2026-04-01", "2")
    assert sweep_subscriptions() == apply_due_rates() == 0
    assert moves(acme) == [("2026-01-01", "new", "100")]
    with time_machine.travel(datetime(2026, 4, 1, 1, tzinfo=UTC)):
        sweep_subscriptions()
        sweep_subscriptions()
    assert moves(acme)[-1] == ("2026-04-01", "fx", "100")
    assert not ExchangeRate.objects.filter(applied=False).exists()


def test_imported_history_meets_the_rates_of_its_time() -> None:
    acme = make_account()
    for day, value in (("2024-01-01", "1.1"), ("2024-07-01", "1.2"), ("2025-01-01", "1.0")):
        rate(day, value)
    upsert_subscriptions(
        [
            {
                "external_id": "S",
                "account": acme.external_id,
                "currency": "EUR",
                "unit_amount": 100,
                "started_on": "2024-03-01",
            }
        ],
        by="import",
    )
    assert moves(acme) == [("2024-03-01", "new", "110"), ("2024-07-01", "fx", "10"), ("2025-01-01", "fx", "-20")]
    assert adds_up()


@pytest.mark.parametrize(
    ("currency", "day", "value"),
    [
        ("USD", "2026-01-01", "1"),
        ("Euro", "2026-01-01", "1"),
        ("EUR", None, "1"),
        ("EUR", "2026-01-01", "0"),
        ("EUR", "2026-01-01", "-1"),
        ("EUR", "2026-01-01", "NaN"),
        ("EUR", "2026-01-01", "1e12"),
        ("EUR", "2026-01-01", "1.0123456789"),
        ("EUR", "2026-01-01", "much"),
    ],
)
def test_bad_rates_are_refused(currency, day, value) -> None:
    with pytest.raises(DomainError):
        set_rate(currency, day, value, by="Alice")
    assert not ExchangeRate.objects.exists()


def test_a_rate_that_becomes_known_late_changes_nothing_about_who_left_on_its_day() -> None:
    rate("2025-01-01", "1.1")
    account = make_account()
    with on("2026-02-10"):
        subscribe(account, currency="EUR", status="past_due", past_due_since="2026-02-10")
    with on("2026-02-25"):
        sweep_subscriptions()
    rate("2026-02-25", "1.2")
    account.refresh_from_db()
    assert (account.stage, account.churned_on) == ("churned", date(2026, 2, 25))
    assert moves(account)[1:] == [("2026-02-25", "fx", "10"), ("2026-02-25", "churn", "-120")]
    gross, net = (mrr_by_month(date(2026, 2, 1), date(2026, 2, 1), net=each)[0] for each in (False, True))
    assert (net.moves["churn"], net.moves["contraction"], net.moves["fx"]) == (-120, 0, 10)
    assert net == gross
    assert adds_up()


def test_who_left_is_at_nothing_on_their_page_whenever_the_rate_of_that_day_came(signed_in, vera) -> None:
    rate("2025-01-01", "1.1")
    account = make_account()
    with on("2026-02-25"):
        subscribe(account, currency="EUR", ended_on="2026-02-25")
    rate("2026-02-25", "1.2")
    page = signed_in(vera).get(f"/accounts/{account.pk}/subscription/")
    assert [(m.kind, m.mrr_after) for m in page.context["movements"]] == [("churn", 0), ("fx", 120), ("new", 110)]
