"""An admin changes a number of the rules: what was computed with it follows."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine

from accounts import tasks
from accounts.domain import followups, rules
from accounts.domain.queue import QueueFilters, queue_page
from accounts.domain.renewals.forecast import forecast
from accounts.domain.renewals.listing import of_account
from accounts.domain.renewals.sweep import sweep_renewals
from accounts.domain.subscriptions import sweep_subscriptions
from accounts.models import FollowUp
from tests.accounts.revenue import adds_up, moves, subscribe
from tests.accounts.spine import NOON, make_account, make_follow_up
from tests.accounts.terms import at, kinds, renewal, yearly

pytestmark = pytest.mark.django_db
D = timedelta(days=1)


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel(NOON, tick=False):
        yield


def order():
    page = queue_page(QueueFilters(), now=NOON, tz=NOON.tzinfo)
    return [row["title"] for row in page.rows]


def test_the_queue_is_ranked_by_the_new_chances(queue, django_capture_on_commit_callbacks) -> None:
    for title, band, mrr in (("R", "red", 100), ("Y", "yellow", 200)):
        make_follow_up(make_account(title, mrr=mrr, band=band), title=title, due_at=NOON + 3 * D)
    assert order() == ["R", "Y"]
    with django_capture_on_commit_callbacks(execute=True):
        rules.change({"queue.loss_yellow": 30, "queue.loss_red": 35})
    assert [message.task for message in queue.published()] == ["accounts.tasks.rank_again"]
    tasks.rank_again()
    assert order() == ["Y", "R"]
    assert [f"{loss:.0f}" for loss in FollowUp.objects.order_by("title").values_list("expected_loss", flat=True)] == [
        "420",
        "720",
    ]
    assert followups.rank_again() == 0


def test_ranking_works_in_pieces(monkeypatch) -> None:
    for _ in range(5):
        make_follow_up(make_account(mrr=100, band="red"))
    rules.change({"queue.loss_red": 50})
    monkeypatch.setattr("accounts.domain.followups.stake.AT_ONCE", 2)
    assert followups.rank_again() == 5
    assert set(FollowUp.objects.values_list("expected_loss", flat=True)) == {Decimal(600)}


def test_nearness_reaches_further() -> None:
    make_follow_up(make_account(mrr=100, band="red"), title="Later, much", due_at=NOON + 21 * D)
    make_follow_up(make_account(mrr=55, band="red"), title="Soon, less", due_at=NOON + 9 * D)
    assert order() == ["Soon, less", "Later, much"]  # groups: within 7 days or later; both are later
    rules.change({"queue.near_days": 365, "queue.near_least": 50})
    assert order() == ["Later, much", "Soon, less"]


def test_terms_are_announced_on_other_days() -> None:
    account = make_account()
    yearly(account)  # to be decided by 2 December
    rules.change({"renewals.windows": "273, 10", "renewals.intent_days": 40, "renewals.intent_latest": 20})
    sweep_renewals()
    assert kinds(account) == ["renewal.term_ending"]
    assert renewal().told_days == 273
    with at("2026-10-23"):  # 40 days ahead
        assert renewal().attention_on.isoformat() == "2026-10-23"


def test_chances_of_renewal_count_at_once() -> None:
    account = make_account(band="green")
    yearly(account)
    assert of_account(account.pk)[0].probability == Decimal("0.90")
    rules.change({"renewals.chance_green": 80})
    assert of_account(account.pk)[0].probability == Decimal("0.80")
    window = forecast(NOON.date().replace(month=12, day=1), NOON.date().replace(year=2027, month=2, day=1))
    assert window.total == Decimal(80)


def test_opinions_are_compared_anew() -> None:
    account = make_account(band="green")
    row = yearly(account)
    row.call_probability = Decimal("0.70")
    row.save()
    rules.change({"renewals.apart": 10})
    assert renewal().disagreement_since == NOON
    rules.change({"renewals.chance_green": 75})
    assert renewal().settled_at == NOON


def test_unpaid_ones_are_counted_for_longer_or_less() -> None:
    account = make_account()
    subscribe(account, status="past_due", past_due_since=NOON.date() - 10 * D)
    assert account.subscriptions.get().attention_on == NOON.date() + 5 * D
    rules.change({"subscriptions.dunning_days": 30})
    sweep_subscriptions()
    assert account.subscriptions.get().attention_on == NOON.date() + 20 * D
    rules.change({"subscriptions.dunning_days": 10})
    sweep_subscriptions()
    assert moves(account) == [("2026-01-01", "new", "100"), ("2026-03-04", "churn", "-100")]
    assert adds_up()
    account.refresh_from_db()
    assert (account.seats, account.stage) == (0, "churned")


def test_a_trial_is_announced_earlier() -> None:
    account = make_account()
    subscribe(account, status="trialing", trial_ends_on=NOON.date() + 10 * D)
    sweep_subscriptions()
    assert kinds(account, "trial.") == []
    rules.change({"subscriptions.trial_days": 10})
    sweep_subscriptions()
    assert kinds(account, "trial.") == ["trial.ending"]
