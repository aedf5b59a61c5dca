"""What the clock does to terms: announcements, rolling over, lapsing; each once."""

from datetime import date, timedelta

import pytest

from accounts.domain.renewals import rules, work
from accounts.domain.renewals.sweep import sweep_renewals
from accounts.models import Activity, Renewal, Subscription
from tests.accounts.terms import (
    YEARLY,
    at,
    kinds,
    made,
    make_account,
    noon,
    renewal,
    sound,
    subscribe,
    subscribe_each,
    yearly,
)

pytestmark = pytest.mark.django_db
DECISION = date(2026, 12, 2)


@pytest.fixture
def acme(time_machine, chloe):
    time_machine.move_to(noon("2026-03-04"), tick=False)
    return make_account(csm=chloe, band="green")


def announced() -> list[tuple[str, int, int]]:
    """(decision date, announced days ahead, days left) of each announcement."""
    rows = Activity.objects.filter(kind="renewal.term_ending").order_by("id")
    return [(row.data["decision_date"], row.data["days"], row.data["left"]) for row in rows]


def live_through(first: date, last: date, every: int = 1) -> None:
    for day in range(0, (last - first).days + 1, every):
        with at(first + timedelta(days=day)):
            sweep_renewals()
            sweep_renewals()


def test_a_term_is_announced_three_times(acme) -> None:
    yearly(acme)
    live_through(date(2026, 8, 25), DECISION, every=3)
    day = DECISION.isoformat()
    assert announced() == [(day, 90, 90), (day, 60, 60), (day, 30, 30)]
    told = Activity.objects.filter(kind="renewal.term_ending").first().data
    assert (told["mrr"], told["term"], told["notice_days"]) == ("100.00", "2026-12-02 S-1", 30)


def test_a_monthly_term_is_announced_once_a_week_ahead(acme) -> None:
    subscribe(acme, interval="month", term_end="2026-04-01")
    live_through(date(2026, 3, 5), date(2026, 5, 1))
    assert announced() == [("2026-04-01", 7, 7), ("2026-05-01", 7, 7)]
    assert made() == [
        ("2026-03-01", "2026-04-01", "renewed"),
        ("2026-04-01", "2026-05-01", "renewed"),
        ("2026-05-01", "2026-06-01", "upcoming"),
    ]


def test_of_windows_that_have_passed_only_the_nearest(acme) -> None:
    with at("2026-11-15"):
        yearly(acme)
        sweep_renewals()
    assert announced() == [("2026-12-02", 30, 17)]


def test_a_moved_term_is_announced_for_its_new_day(acme) -> None:
    yearly(acme)
    live_through(date(2026, 9, 1), date(2026, 9, 5))
    with at("2026-09-06"):
        subscribe(acme, term_end="2027-03-01")
    live_through(date(2026, 9, 6), date(2026, 12, 30))
    assert announced() == [("2026-12-02", 90, 90), ("2027-01-30", 90, 90), ("2027-01-30", 60, 60)]


def test_moved_within_the_same_window_it_is_announced_again(acme) -> None:
    yearly(acme)
    with at("2026-11-10"):
        sweep_renewals()
        subscribe(acme, notice_days=20)
        sweep_renewals()
        sweep_renewals()
    assert announced() == [("2026-12-02", 30, 22), ("2026-12-12", 60, 32)]


def test_what_is_decided_is_never_announced(acme, chloe) -> None:
    work.decide(yearly(acme), "renewed", by=chloe)
    live_through(date(2026, 9, 1), date(2027, 1, 3), every=5)
    assert announced() == []


def test_past_the_decision_date_nothing_is_announced(acme) -> None:
    with at("2026-12-03"):
        yearly(acme)
        sweep_renewals()
    assert announced() == []


def test_a_term_rolls_over_on_its_day_once(acme) -> None:
    yearly(acme)
    with at("2026-12-31"):
        sweep_renewals()
        assert made() == [("2026-01-01", "2027-01-01", "upcoming")]
    with at("2027-01-01"):
        for _time in range(3):
            sweep_renewals()
        assert made() == [("2026-01-01", "2027-01-01", "renewed"), ("2027-01-01", "2028-01-01", "upcoming")]
        acme.refresh_from_db()
        assert acme.decision_date == date(2027, 12, 2)
    row = Renewal.objects.decided().get()
    assert (row.decided_by, row.mrr, row.outcome_mrr) == (None, 100, 100)
    told = Activity.objects.get(kind="renewal.decided")
    assert (told.actor_label, told.data["by_itself"]) == ("Tenure", True)
    assert Subscription.objects.get().term_end == date(2028, 1, 1)
    assert sound()


def test_one_that_was_over_long_ago_runs_today_afterwards(acme) -> None:
    subscribe(acme, started_on="2023-01-31", interval="month", term_end="2024-02-29")
    sweep_renewals()
    assert made() == [("2024-01-31", "2024-02-29", "renewed"), ("2026-02-28", "2026-03-31", "upcoming")]
    subscribe(acme, term_end="2024-02-29")  # the same file again
    assert Subscription.objects.get().term_end == date(2026, 3, 31)
    assert sweep_renewals() == 0
    assert sound()


def test_what_does_not_renew_by_itself_lapses_the_day_after(acme) -> None:
    yearly(acme, auto_renew=False)
    with at("2027-01-01"):
        sweep_renewals()
        assert kinds(acme)[-1:] != ["renewal.lapsed"]
    live_through(date(2027, 1, 2), date(2027, 1, 4))
    assert kinds(acme).count("renewal.lapsed") == 1
    row = renewal()
    assert (row.lapsed_at.date(), row.attention_on) == (date(2027, 1, 2), None)


def test_a_lapsed_term_that_is_prolonged_is_announced_anew(acme) -> None:
    yearly(acme, auto_renew=False)
    live_through(date(2027, 1, 2), date(2027, 1, 4))
    with at("2027-01-10"):
        subscribe(acme, term_end="2028-01-01")
        assert made() == [("2026-01-01", "2027-01-01", "renewed"), ("2027-01-01", "2028-01-01", "upcoming")]


def test_who_leaves_in_the_next_term_rolls_over_and_loses_that(acme) -> None:
    subscribe(acme, interval="month", term_end="2026-04-01", ended_on="2026-04-20", churn_reason="price")
    with at("2026-04-01"):
        sweep_renewals()
    assert made() == [("2026-03-01", "2026-04-01", "renewed"), ("2026-04-01", "2026-05-01", "lost")]


def test_the_day_is_the_accounts_own(acme) -> None:
    acme.time_zone = "Pacific/Auckland"
    acme.save()
    yearly(acme)
    with at("2026-12-31"):  # noon UTC: past midnight in Auckland
        sweep_renewals()
    assert made()[0] == ("2026-01-01", "2027-01-01", "renewed")


def test_attention_is_never_late(acme) -> None:
    """Whatever day it is looked at, what is due is due by then."""
    row = yearly(acme)
    for day in range(400):
        today = date(2026, 3, 1) + timedelta(days=day)
        found = rules.attention_on(row, today)
        due = rules.to_announce(row, today) is not None or rules.to_ask(row, today) or rules.ends(row, today)
        assert (found == today) == due, today
        assert found is None or found >= today


def test_sweeping_many_takes_as_many_queries_as_one(acme, django_assert_max_num_queries) -> None:
    accounts = [acme] * 5 + [make_account(f"A{number}") for number in range(25)]
    subscribe_each({f"S-{number}": {**YEARLY, "account": account} for number, account in enumerate(accounts)})
    with at("2026-09-03"), django_assert_max_num_queries(12):
        assert sweep_renewals() == 30
    with at("2027-01-01"), django_assert_max_num_queries(40):
        assert sweep_renewals() == 30
    with django_assert_max_num_queries(1):
        assert sweep_renewals() == 0
