"""A renewal follows its subscription: made, moved, renewed elsewhere, lost, taken back."""

from datetime import date

import pytest

from accounts.domain.renewals.terms import keep_terms
from accounts.domain.subscriptions import cancel, schedule_cancel, upsert_subscriptions
from accounts.exceptions import DomainError
from accounts.models import Activity, Renewal, Subscription
from tests.accounts.terms import at, kinds, made, make_account, noon, renewal, sound, subscribe, yearly

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme(time_machine):
    time_machine.move_to(noon("2026-03-04"), tick=False)
    return make_account()


def test_a_term_has_a_renewal_to_be_decided_before_notice_ends(acme) -> None:
    row = yearly(acme)
    assert (row.starts_on, row.ends_on, row.decision_date) == (date(2026, 1, 1), date(2027, 1, 1), date(2026, 12, 2))
    assert (row.stage, row.monthly, row.told_days, row.sequence) == ("upcoming", False, None, 0)
    assert row.attention_on == date(2026, 9, 3)  # 90 days before
    acme.refresh_from_db()
    assert acme.decision_date == row.decision_date
    assert kinds(acme) == []
    assert sound()


def test_what_does_not_renew_by_itself_is_decided_until_its_end(acme) -> None:
    assert yearly(acme, auto_renew=False).decision_date == date(2027, 1, 1)


@pytest.mark.parametrize(
    ("fields", "begins"),
    [
        ({"interval": "month", "started_on": "2024-05-20", "term_end": "2026-03-20"}, "2026-02-20"),
        ({"interval": "month", "started_on": "2024-05-20", "term_end": "2026-05-20"}, "2026-02-20"),
        ({"interval": "month", "started_on": "2024-05-20", "term_end": "2026-09-20"}, "2025-09-20"),
        ({"interval": "month", "started_on": "2024-05-20", "term_end": "2026-03-20", "notice_days": 60}, "2025-12-20"),
        ({"interval": "month", "started_on": "2024-05-20", "term_end": "2026-05-20", "term_months": 24}, "2024-05-20"),
        ({"interval": "year", "started_on": "2024-05-20", "term_end": "2026-05-20"}, "2025-05-20"),
        ({"interval": "week", "started_on": "2024-05-20", "term_end": "2026-03-09"}, "2026-03-02"),
        ({"interval": "year", "started_on": "2026-02-10", "term_end": "2026-06-30"}, "2026-02-10"),
        ({"interval": "month", "started_on": "2026-01-31", "term_end": "2026-03-31"}, "2026-02-28"),
    ],
)
def test_where_a_term_begins(acme, fields, begins) -> None:
    subscribe(acme, **fields)
    assert renewal().starts_on == date.fromisoformat(begins)


def test_trials_free_ends_and_no_term_have_none(acme) -> None:
    subscribe(acme, "trial", status="trialing", trial_ends_on="2026-04-01", term_end="2026-04-01")
    subscribe(acme, "none")
    subscribe(acme, "gone", term_end="2026-06-01", ended_on="2026-02-01")
    assert not Renewal.objects.exists()
    subscribe(acme, "trial", status="active", trial_ends_on=None)
    assert made("trial") == [("2026-03-01", "2026-04-01", "upcoming")]


def test_a_term_that_moves_takes_its_renewal_along(acme) -> None:
    row = yearly(acme)
    Renewal.objects.update(told_days=90, told_for=row.decision_date)
    subscribe(acme, term_end="2027-03-01")
    moved = renewal()
    assert (moved.pk, moved.ends_on, moved.sequence) == (row.pk, date(2027, 3, 1), 1)
    assert (moved.decision_date, moved.attention_on) == (date(2027, 1, 30), date(2026, 11, 1))
    told = Activity.objects.get(kind="renewal.moved").data
    assert (told["term"], told["before"], told["after"]) == ("2026-12-02 S-1", "2027-01-01", "2027-03-01")
    assert sound()


def test_told_the_same_again_nothing_happens(acme) -> None:
    yearly(acme)
    subscribe(acme, term_end="2027-01-01", quantity=2)
    keep_terms([acme.pk])
    assert (renewal().sequence, kinds(acme)) == (0, [])


def test_a_later_end_told_after_the_term_is_a_renewal(acme) -> None:
    yearly(acme, auto_renew=False)
    with at("2027-01-02"):
        subscribe(acme, term_end="2028-01-01", unit_amount=1800)
        assert made() == [("2026-01-01", "2027-01-01", "expanded"), ("2027-01-01", "2028-01-01", "upcoming")]
        row = Renewal.objects.decided().get()
        assert (row.mrr, row.outcome_mrr) == (100, 150)
        assert sound()


def test_the_end_that_was_decided_is_old_news(acme) -> None:
    yearly(acme, auto_renew=False)
    with at("2027-01-02"):
        subscribe(acme, term_end="2028-01-01")
        subscribe(acme, term_end="2027-01-01")
        assert Subscription.objects.get().term_end == date(2028, 1, 1)
        with pytest.raises(DomainError, match="would overlap it") as refused:
            subscribe(acme, term_end="2026-11-01")
        assert refused.value.errors.keys() == {"term_end"}


def test_a_term_cannot_end_before_it_starts(acme) -> None:
    with pytest.raises(DomainError, match="end before it starts"):
        subscribe(acme, started_on="2026-02-01", term_end="2026-02-01")
    row = {"account": acme.external_id, "external_id": "S-1", "currency": "USD", "unit_amount": 1}
    counts = upsert_subscriptions([row | {"started_on": "2026-02-01", "term_end": "2025-02-01"}], by="test")
    assert [(place, str(error)) for place, error in counts.refused] == [(0, "This term would end before it starts.")]


def test_a_cancellation_loses_the_term_once(acme) -> None:
    sub = subscribe(acme, term_end="2027-01-01", interval="year", unit_amount=1200)
    schedule_cancel(sub, by="test", ends_on=date(2027, 1, 1), reason="price", comment="too dear")
    row = Renewal.objects.get()
    assert (row.stage, row.mrr, row.outcome_mrr, row.reason, row.comment) == ("lost", 100, 0, "price", "too dear")
    with at("2027-01-01"):
        cancel(Subscription.objects.get(), by="test", reason="competitor")
    assert Renewal.objects.get().reason == "price"
    assert kinds(acme) == ["renewal.decided"]
    acme.refresh_from_db()
    assert acme.decision_date is None


def test_a_cancellation_taken_back_opens_it_again(acme) -> None:
    sub = subscribe(acme, term_end="2027-01-01")
    schedule_cancel(sub, by="test", ends_on=date(2026, 6, 1), reason="price")
    subscribe(acme, ended_on=None)
    row = renewal()
    assert (row.stage, row.mrr, row.reason, row.decided_at) == ("engaged", None, "", None)
    assert kinds(acme) == ["renewal.decided", "renewal.reopened"]
    assert sound()


def test_who_comes_back_later_gets_a_term_of_their_own(acme) -> None:
    sub = subscribe(acme, term_end="2026-06-01")
    cancel(sub, by="test", reason="price")
    with at("2026-08-01"):
        subscribe(acme, status="active", term_end="2027-08-01")
        assert made() == [("2026-01-01", "2026-06-01", "lost"), ("2026-06-01", "2027-08-01", "upcoming")] or sound()


def test_a_term_taken_away_takes_its_renewal_along(acme) -> None:
    yearly(acme)
    subscribe(acme, term_end=None)
    assert not Renewal.objects.exists()
    assert kinds(acme) == ["renewal.moved"]


def test_the_history_in_a_file_makes_its_terms(acme) -> None:
    row = {"account": acme.external_id, "external_id": "S-1", "currency": "USD", "unit_amount": 100}
    file = [
        row | {"started_on": "2024-01-01", "effective_on": "2024-01-01", "term_end": "2025-01-01"},
        row | {"effective_on": "2025-01-01", "term_end": "2026-01-01", "unit_amount": 120},
        row | {"effective_on": "2026-01-01", "term_end": "2027-01-01", "unit_amount": 80},
    ]
    expected = [
        ("2024-01-01", "2025-01-01", "expanded"),
        ("2025-01-01", "2026-01-01", "contracted"),
        ("2026-01-01", "2027-01-01", "upcoming"),
    ]
    for _time in range(2):
        assert upsert_subscriptions(file[:1], by="test").refused == []
    for part in file[1:]:
        assert upsert_subscriptions([part], by="test").refused == []
    assert made() == expected
    assert sound()
