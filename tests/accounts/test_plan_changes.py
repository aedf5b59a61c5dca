"""Changes of plans: confirmed once, carried out on their day, taken back until then."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from accounts.domain.committed import committed_mrr, leaving
from accounts.domain.plans import (
    StaleQuote,
    Wish,
    apply_due_changes,
    cancel_at_period_end,
    confirm,
    keep_subscription,
    quote,
    undo,
)
from accounts.domain.plans.changing import ahead_of
from accounts.domain.plans.yearly import yearly_offer
from accounts.domain.subscriptions import sweep_subscriptions
from accounts.exceptions import Conflict
from accounts.models import Mail, PlanChange, Subscription
from tests.accounts.plans import plan, subscribed
from tests.accounts.revenue import adds_up, moves
from tests.accounts.spine import make_account, told

pytestmark = pytest.mark.django_db
MID_APRIL = datetime(2026, 4, 16, 9, tzinfo=UTC)
MAY = datetime(2026, 5, 1, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _april(time_machine):
    time_machine.move_to(MID_APRIL, tick=False)


@pytest.fixture
def account():
    return make_account()


def confirmed(sub, **wish):
    asked = quote(sub, Wish(**wish))
    return confirm(sub, Wish(**wish), asked.key, by="Kim")[0]


def news(account, *kinds):
    return [data for kind, data in told(account) if kind in kinds]


# At once ----------------------------------------------------------------------------------------------


def test_more_seats_are_a_change_a_movement_and_an_amount_to_invoice(account):
    sub = subscribed(account, plan("Team", ("month", 20)))
    change = confirmed(sub, seats=15)

    sub.refresh_from_db()
    assert (sub.quantity, sub.mrr, change.money) == (15, 300, 50)
    assert moves(account) == [("2026-01-01", "new", "200"), ("2026-04-16", "expansion", "100")]
    assert news(account, "plan.changed") == [
        {"subscription": "S-1", "what": "seats 10 → 15", "changes": {"seats": [10, 15]}, "money": "50.00", "currency": "USD", "days_left": 15,
         "days_period": 30}
    ]  # fmt: skip
    assert adds_up()


def test_confirmed_twice_it_is_one_change(account):
    sub = subscribed(account, plan("Team", ("month", 20)))
    key = quote(sub, Wish(seats=15)).key
    first, second = (confirm(sub, Wish(seats=15), key, by="Kim") for _ in range(2))

    assert (first[0], first[1], second[1]) == (second[0], True, False)
    assert PlanChange.objects.count() == 1
    assert len(news(account, "plan.changed")) == 1


@pytest.mark.parametrize("what", ["price", "seats", "day", "forged"])
def test_a_quote_holds_for_the_state_it_was_made_for(account, time_machine, what):
    sub = subscribed(account, plan("Team", ("month", 20)))
    key = quote(sub, Wish(seats=15)).key
    if what == "price":
        subscribed(account, None, unit_amount=25)
    elif what == "seats":
        confirmed(sub, seats=12)
    elif what == "day":
        time_machine.move_to(datetime(2026, 4, 17, 9, tzinfo=UTC), tick=False)
    else:
        key = "f" * 64
    with pytest.raises(StaleQuote) as stale:
        confirm(sub, Wish(seats=15), key, by="Kim")

    assert (stale.value.status, stale.value.fresh.key != key) == (409, True)
    change, new = confirm(sub, Wish(seats=15), stale.value.fresh.key, by="Kim")
    assert new
    assert change.subscription.plan_changes.filter(told__seats__1=15).count() == 1


# Later ------------------------------------------------------------------------------------------------


def test_less_waits_for_the_end_of_the_period_and_leaves_committed_mrr_at_once(account, time_machine):
    sub = subscribed(account, plan("Team", ("month", 20), decreases="period_end"))
    change = confirmed(sub, seats=4)
    account.refresh_from_db()

    assert (change.effective_on, change.applied_at, change.money) == (date(2026, 5, 1), None, 0)
    assert (account.mrr, committed_mrr(account)) == (200, 80)
    assert [(one.on, one.mrr) for one in leaving()] == [(date(2026, 5, 1), 120)]
    assert news(account, "plan.change_scheduled")[0] | {"in_use": ""} == {
        "subscription": "S-1", "what": "seats 10 → 4", "changes": {"seats": [10, 4]}, "effective_on": "2026-05-01", "before": "200.00",
        "after": "80.00", "amount": "-120.00", "currency": "USD", "dropped": "seats 10 → 4", "in_use": "",
    }  # fmt: skip

    assert apply_due_changes() == 0
    time_machine.move_to(MAY, tick=False)
    assert (apply_due_changes(), apply_due_changes()) == (1, 0)
    account.refresh_from_db()
    assert (account.mrr, committed_mrr(account), account.seats) == (80, 80, 4)
    assert moves(account)[-1] == ("2026-05-01", "contraction", "-120")
    assert account.activities.get(kind="mrr.contracted").actor_label == "Kim"


def test_it_can_be_taken_back_until_then(account, time_machine):
    sub = subscribed(account, plan("Team", ("month", 20), decreases="period_end"))
    change = confirmed(sub, seats=4)
    assert (undo(change, by="Kim"), undo(change, by="Kim")) == (True, False)

    time_machine.move_to(MAY, tick=False)
    assert apply_due_changes() == 0
    assert len(news(account, "plan.change_undone")) == 1
    # The same wish again is another change.
    assert confirmed(sub, seats=4).pk != change.pk


def test_what_was_carried_out_is_not_taken_back(account):
    change = confirmed(subscribed(account, plan("Team", ("month", 20))), seats=15)
    with pytest.raises(Conflict):
        undo(change, by="Kim")


def test_a_new_change_replaces_the_one_ahead(account, time_machine):
    sub = subscribed(account, plan("Team", ("month", 20), decreases="period_end"))
    first, second = confirmed(sub, seats=4), confirmed(sub, seats=6)

    first.refresh_from_db()
    assert first.undone_at
    assert ahead_of(sub) == second
    time_machine.move_to(MAY, tick=False)
    apply_due_changes()
    sub.refresh_from_db()
    assert sub.quantity == 6


def test_a_change_that_can_no_longer_be_says_why_and_does_not_hold_up_others(account, time_machine):
    version = plan("Team", ("month", 20), decreases="period_end")
    sub, other = subscribed(account, version), subscribed(make_account("Beta"), version, external_id="S-2")
    stuck, fine = confirmed(sub, seats=4), confirmed(other, seats=4)
    PlanChange.objects.filter(pk=stuck.pk).update(fields={"quantity": -3})
    time_machine.move_to(MAY, tick=False)

    assert apply_due_changes() == 1
    stuck.refresh_from_db()
    fine.refresh_from_db()
    assert (stuck.applied_at, bool(stuck.error), bool(fine.applied_at)) == (None, True, True)


# Leaving ----------------------------------------------------------------------------------------------


def test_leaving_at_the_end_of_the_period_and_staying_after_all(account, time_machine):
    sub = subscribed(account, plan("Team", ("month", 20), decreases="period_end"))
    waiting = confirmed(sub, seats=4)
    ended = cancel_at_period_end(sub, by="Kim", reason="price", comment="Too much")
    account.refresh_from_db()

    waiting.refresh_from_db()
    assert (ended.ended_on, ended.status, ended.mrr) == (date(2026, 5, 1), "active", 200)
    assert (account.mrr, committed_mrr(account), bool(waiting.undone_at)) == (200, 0, True)
    with pytest.raises(Conflict, match="already"):
        cancel_at_period_end(sub, by="Kim", reason="price")

    kept = keep_subscription(sub, by="Kim")
    assert (kept.ended_on, kept.churn_reason, keep_subscription(sub, by="Kim").pk) == (None, "", sub.pk)
    assert committed_mrr(account) == 200
    assert len(news(account, "subscription.kept")) == 1

    cancel_at_period_end(sub, by="Kim", reason="price", comment="Too much")
    time_machine.move_to(MAY, tick=False)
    sweep_subscriptions()
    account.refresh_from_db()
    assert (account.mrr, account.stage) == (0, "churned")
    assert moves(account)[-1] == ("2026-05-01", "churn", "-200")
    (churn,) = news(account, "account.churned")
    assert (churn["reason"], churn["comment"]) == ("price", "Too much")
    with pytest.raises(Conflict, match="over already"):
        keep_subscription(sub, by="Kim")
    assert adds_up()


def test_a_term_that_was_agreed_on_runs_to_its_end(account):
    sub = subscribed(account, plan("Team", ("month", 20)), term_end=date(2027, 1, 1))
    assert cancel_at_period_end(sub, by="Kim", reason="price").ended_on == date(2027, 1, 1)


def test_a_trial_ends_with_its_trial(account):
    sub = subscribed(account, plan("Team", ("month", 20)), status="trialing", trial_ends_on=date(2026, 4, 30))
    assert cancel_at_period_end(sub, by="Kim", reason="no_value").ended_on == date(2026, 4, 30)


# Yearly -----------------------------------------------------------------------------------------------


def test_the_yearly_offer_says_when_it_pays_for_both_sides(account):
    sub = subscribed(account, plan("Team", ("month", 20), ("year", 200)))
    offer = yearly_offer(sub)

    assert (offer.by_month, offer.by_year, offer.saves, offer.pays_after) == (2400, 2000, 400, 10)
    assert round(offer.share, 4) == Decimal("0.1667")
    # With that churn a month, twelve monthly payments bring as much as the year: Σ 200 × (1 − c)^t = 2000.
    expected = sum(200 * (1 - offer.breaks_even_at) ** month for month in range(12))
    assert abs(expected - 2000) < 2
    confirmed(sub, interval="year")
    sub = Subscription.objects.select_related("account", "plan_version").get(pk=sub.pk)
    assert (sub.interval, sub.unit_amount, sub.term_end, yearly_offer(sub)) == ("year", 200, date(2027, 4, 16), None)


def test_no_offer_where_there_is_none(account):
    assert yearly_offer(subscribed(account, plan("Team", ("month", 20), ("year", 240)))) is None
    assert yearly_offer(subscribed(account, plan("Base", ("month", 20)), external_id="S-2")) is None
    assert yearly_offer(subscribed(account, None, unit_amount=5, external_id="S-3")) is None


def test_nothing_is_mailed_to_nobody(account):
    confirmed(subscribed(account, plan("Team", ("month", 20))), seats=15)
    assert not Mail.objects.exists()
