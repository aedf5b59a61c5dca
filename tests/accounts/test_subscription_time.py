"""What time alone does to a subscription: trials, dunning, ends, days to come."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from accounts.domain.subscriptions import (
    sweep_subscriptions,
)
from accounts.exceptions import DomainError
from accounts.models import Account, Activity, Movement, Subscription
from tests.accounts.revenue import make_account, moves, on, subscribe, told

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(datetime(2026, 3, 4, 12, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def acme() -> Account:
    return make_account("Acme")


def test_a_trial_is_worth_nothing_is_announced_once_and_then_paid(acme) -> None:
    row = subscribe(acme, started_on="2026-03-01", trial_ends_on="2026-03-20")
    acme.refresh_from_db()
    assert (row.status, row.mrr, acme.mrr, acme.stage, acme.seats) == ("trialing", 0, 0, "trial", 1)
    assert acme.trial_ends_on == date(2026, 3, 20)
    with on("2026-03-12"):
        assert sweep_subscriptions() == 0
    with on("2026-03-13"):
        assert sweep_subscriptions() == 1
        assert sweep_subscriptions() == 0
    assert Activity.objects.get(kind="trial.ending").data == {
        "subscription": "S-1",
        "ends_on": "2026-03-20",
        "days": 7,
    }
    with on("2026-03-20"):
        assert sweep_subscriptions() == 1
    assert moves(acme) == [("2026-03-20", "new", "100")]
    acme.refresh_from_db()
    assert (acme.stage, acme.trial_ends_on, acme.mrr) == ("active", None, 100)


def test_a_trial_put_off_is_announced_again(acme) -> None:
    subscribe(acme, started_on="2026-03-01", trial_ends_on="2026-03-08")
    assert sweep_subscriptions() == 1
    subscribe(acme, trial_ends_on="2026-03-30")
    with on("2026-03-24"):
        sweep_subscriptions()
    assert [a.data["days"] for a in Activity.objects.filter(kind="trial.ending").order_by("id")] == [4, 6]


def test_a_trial_that_does_not_renew_is_over(acme) -> None:
    subscribe(acme, started_on="2026-03-01", trial_ends_on="2026-03-08", auto_renew=False)
    with on("2026-03-09"):
        sweep_subscriptions()
    row = Subscription.objects.get()
    acme.refresh_from_db()
    assert (row.status, row.ended_on, moves(acme), acme.stage) == ("canceled", date(2026, 3, 8), [], "churned")
    assert "account.churned" not in told(acme)


def test_paid_before_the_trial_is_over(acme) -> None:
    subscribe(acme, started_on="2026-03-01", trial_ends_on="2026-03-20")
    row = subscribe(acme, status="active")
    assert (row.trial_ends_on, row.mrr, moves(acme)) == (date(2026, 3, 4), 100, [("2026-03-04", "new", "100")])
    with pytest.raises(DomainError, match="no trial that goes on"):
        subscribe(acme, status="active", trial_ends_on="2026-04-01")


def test_unpaid_beyond_dunning_is_churn_and_paying_brings_them_back(acme) -> None:
    subscribe(acme, status="past_due", past_due_since="2026-02-20")
    with on("2026-03-06"):
        assert sweep_subscriptions() == 0
    with on("2026-03-07"):
        assert sweep_subscriptions() == 1
    assert moves(acme)[-1] == ("2026-03-07", "churn", "-100")
    assert Movement.objects.get(kind="churn").comment == "Unpaid since 2026-02-20"
    acme.refresh_from_db()
    assert (acme.stage, acme.seats) == ("churned", 0)
    with on("2026-03-09"):
        subscribe(acme, status="active")
    assert moves(acme)[-1] == ("2026-03-09", "reactivation", "100")


def test_a_late_sweep_dates_things_on_their_day(acme) -> None:
    subscribe(acme, ended_on="2026-03-10")
    with on("2026-05-01"):
        sweep_subscriptions()
    assert moves(acme)[-1] == ("2026-03-10", "churn", "-100")
    assert told(acme, waiting=False) == ["mrr.new", "account.churned"]  # too old for anybody to answer to


def test_it_is_the_accounts_own_day(acme) -> None:
    Account.objects.filter(pk=acme.pk).update(time_zone="Pacific/Auckland")
    subscribe(acme, ended_on="2026-03-06")
    with time_machine.travel(datetime(2026, 3, 5, 10, tzinfo=UTC)):  # 23:00 on the 5th there
        assert sweep_subscriptions() == 0
    with time_machine.travel(datetime(2026, 3, 5, 11, 30, tzinfo=UTC)):  # the 6th
        assert sweep_subscriptions() == 1
    assert moves(acme)[-1][0] == "2026-03-06"


def test_a_start_to_come_counts_from_its_day(acme) -> None:
    row = subscribe(acme, started_on="2026-03-10")
    assert (row.mrr, moves(acme)) == (0, [])
    with on("2026-03-10"):
        sweep_subscriptions()
    assert moves(acme) == [("2026-03-10", "new", "100")]


def test_a_day_long_nothing_never_counts(acme) -> None:
    subscribe(acme, started_on="2026-02-01", ended_on="2026-02-01")
    assert moves(acme) == []


def test_a_free_plan_is_no_customer_yet(acme) -> None:
    subscribe(acme, unit_amount=0, quantity=3)
    acme.refresh_from_db()
    assert (moves(acme), acme.stage, acme.seats) == ([], "active", 3)
