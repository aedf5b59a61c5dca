"""Stages, calls, disagreements, decisions: what people do with a renewal, and what the next term is then."""

from datetime import date
from decimal import Decimal

import pytest

from accounts.domain.renewals import work
from accounts.domain.renewals.sweep import sweep_renewals
from accounts.exceptions import Conflict, DomainError
from accounts.models import Activity, Renewal, Subscription
from tests.accounts.revenue import adds_up, moves
from tests.accounts.terms import at, kinds, made, make_account, noon, renewal, sound, subscribe, yearly

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme(time_machine, chloe):
    time_machine.move_to(noon("2026-03-04"), tick=False)
    return make_account(csm=chloe, band="green")


def test_stages_move_and_are_told(acme, chloe) -> None:
    row = work.move_stage(yearly(acme), "engaged", by=chloe)
    work.move_stage(row, "engaged", by=chloe)
    assert renewal().stage == "engaged"
    told = Activity.objects.get(kind="renewal.stage_moved")
    assert (told.actor, told.data["before"], told.data["after"]) == (chloe, "upcoming", "engaged")
    with pytest.raises(DomainError, match="an outcome is decided"):
        work.move_stage(row, "renewed", by=chloe)


def test_renewed_the_next_term_begins(acme, chloe) -> None:
    row = work.decide(yearly(acme), "renewed", by=chloe, comment="Signed")
    assert (row.stage, row.mrr, row.outcome_mrr, row.decided_by, row.attention_on) == ("renewed", 100, 100, chloe, None)
    assert row.model_probability == Decimal("0.9")
    assert made() == [("2026-01-01", "2027-01-01", "renewed"), ("2027-01-01", "2028-01-01", "upcoming")]
    sub = Subscription.objects.get()
    assert (sub.term_end, renewal().decision_date) == (date(2028, 1, 1), date(2027, 12, 2))
    acme.refresh_from_db()
    assert acme.decision_date == date(2027, 12, 2)
    told = Activity.objects.get(kind="renewal.decided").data
    assert told["comment"] == "Signed"
    assert (told["outcome"], told["before"], told["after"], told["by_itself"]) == ("renewed", "100.00", "100.00", False)
    assert sound()


def test_the_second_to_decide_is_told_who_was_first(acme, chloe, cyril) -> None:
    row = yearly(acme)
    work.decide(row, "renewed", by=chloe)
    with pytest.raises(Conflict, match="Chloe has decided this renewal already: Renewed") as refused:
        work.decide(row, "lost", by=cyril, reason="price")
    assert refused.value.code == "decided"
    for verb in (lambda: work.move_stage(row, "engaged", by=cyril), lambda: work.call(row, 1, "Sure", by=cyril)):
        with pytest.raises(Conflict):
            verb()
    assert kinds(acme) == ["renewal.decided"]


@pytest.mark.parametrize(
    ("said", "price", "seats"),
    [({"mrr": "150"}, 1800, 1), ({"unit_amount": 1500}, 1500, 1), ({"quantity": 3}, 1200, 3)],
)
def test_expanded_takes_effect_when_the_term_ends(acme, chloe, said, price, seats) -> None:
    row = work.decide(yearly(acme), "expanded", by=chloe, **said)
    assert (row.mrr, row.attention_on) == (100, date(2027, 1, 1))
    assert row.outcome_mrr == Decimal(price) * seats / 12
    acme.refresh_from_db()
    assert acme.mrr == 100
    with at("2027-01-01"):
        sweep_renewals()
        sub = Subscription.objects.get()
        assert (sub.unit_amount, sub.quantity, sub.mrr) == (price, seats, row.outcome_mrr)
        assert moves(acme)[-1][:2] == ("2027-01-01", "expansion")
        assert sweep_renewals() == 0
    assert adds_up()
    assert sound()


def test_contracted_after_the_end_counts_at_once(acme, chloe) -> None:
    row = yearly(acme, auto_renew=False)
    with at("2027-01-10"):
        work.decide(row, "contracted", by=chloe, mrr=60)
        assert moves(acme)[-1] == ("2027-01-10", "contraction", "-40")
        assert Renewal.objects.get(pk=row.pk).attention_on is None


@pytest.mark.parametrize(
    ("outcome", "said", "field"),
    [
        ("expanded", {}, "mrr"),
        ("expanded", {"mrr": 100}, "mrr"),
        ("expanded", {"mrr": "much"}, "mrr"),
        ("expanded", {"quantity": 0}, "quantity"),
        ("contracted", {"mrr": 0}, "mrr"),
        ("contracted", {"mrr": 100}, "mrr"),
        ("contracted", {"mrr": -1}, "mrr"),
        ("lost", {}, "reason"),
        ("lost", {"reason": "bored"}, "reason"),
        ("engaged", {}, "outcome"),
    ],
)
def test_what_cannot_be_decided_so(acme, chloe, outcome, said, field) -> None:
    row = yearly(acme)
    with pytest.raises(DomainError) as refused:
        work.decide(row, outcome, by=chloe, **said)
    assert refused.value.errors.keys() == {field}
    assert renewal().decided_at is None


def test_lost_ends_the_subscription_with_the_term(acme, chloe) -> None:
    work.decide(yearly(acme), "lost", by=chloe, reason="competitor", comment="Rival is cheaper")
    sub = Subscription.objects.get()
    assert (sub.ended_on, sub.churn_reason, sub.status) == (date(2027, 1, 1), "competitor", "active")
    assert made() == [("2026-01-01", "2027-01-01", "lost")]
    assert kinds(acme) == ["renewal.decided"]
    assert "subscription.cancel_scheduled" in [activity.kind for activity in acme.activities.all()]


def test_a_price_in_another_currency_needs_its_rate(acme, chloe) -> None:
    row = yearly(acme)
    Subscription.objects.update(currency="EUR")
    with pytest.raises(DomainError, match="no exchange rate"):
        work.decide(row, "expanded", by=chloe, mrr=150)
    assert renewal().decided_at is None


def test_a_call_replaces_what_health_says(acme, chloe) -> None:
    row = work.call(yearly(acme), "0.75", "They like it", by=chloe)
    assert (row.call_probability, row.call_by, row.disagreement_since) == (Decimal("0.75"), chloe, None)
    told = Activity.objects.get(kind="renewal.called").data
    assert (told["chance"], told["before"], told["reason"]) == ("75", None, "They like it")
    for bad in ("1.2", "-0.1", "maybe"):
        with pytest.raises(DomainError):
            work.call(row, bad, "x", by=chloe)
    with pytest.raises(DomainError, match="Say why"):
        work.call(row, "0.5", " ", by=chloe)


def test_far_apart_they_disagree_until_it_is_settled(acme, chloe) -> None:
    row = work.call(yearly(acme), "0.3", "The champion left", by=chloe)
    assert (row.disagreement_since, row.settle_by) == (noon("2026-03-04"), date(2026, 3, 18))
    told = Activity.objects.get(kind="renewal.disputed").data
    assert (told["model"], told["call"], told["intent"], told["settle_by"]) == ("90", "30", None, "2026-03-18")
    with pytest.raises(DomainError, match="what you found"):
        work.settle(row, "", by=chloe)
    row = work.settle(row, "They want to stay", by=chloe, probability="0.5")
    assert (row.call_probability, row.settled_note) == (Decimal("0.5"), "They want to stay")
    assert row.settled_at == noon("2026-03-04")
    with pytest.raises(Conflict, match="no disagreement"):
        work.settle(row, "Again", by=chloe)
    assert kinds(acme) == ["renewal.called", "renewal.disputed", "renewal.called", "renewal.settled"]


def test_exactly_thirty_apart_is_no_disagreement(acme, chloe) -> None:
    assert work.call(yearly(acme), "0.6", "So so", by=chloe).disagreement_since is None


def test_agreeing_again_settles_it(acme, chloe) -> None:
    row = work.call(yearly(acme), "0.3", "The champion left", by=chloe)
    row = work.call(row, "0.8", "A new one came", by=chloe)
    assert row.settled_note == "They agree again."


def test_the_decision_settles_it(acme, chloe) -> None:
    row = work.call(yearly(acme), "0.3", "The champion left", by=chloe)
    row = work.decide(row, "renewed", by=chloe)
    assert (row.settled_at, row.call_probability) == (noon("2026-03-04"), Decimal("0.3"))
    assert kinds(acme)[-2:] == ["renewal.decided", "renewal.settled"]


@pytest.mark.parametrize(("start", "ends"), [("2026-01-31", ["2026-02-28", "2026-03-31", "2026-04-30"])])
def test_anniversaries_are_counted_from_the_anchor(acme, chloe, start, ends) -> None:
    subscribe(acme, started_on=start, term_end=ends[0], term_months=1)
    for end in ends[1:]:
        work.decide(renewal(), "renewed", by=chloe)
        assert renewal().ends_on == date.fromisoformat(end)
    assert sound()


def test_a_leap_day_comes_back(acme, chloe) -> None:
    subscribe(acme, started_on="2024-02-29", interval="year", term_end="2027-02-28")
    work.decide(renewal(), "renewed", by=chloe)
    assert renewal().ends_on == date(2028, 2, 29)


def test_late_decided_the_term_of_today_follows(acme, chloe) -> None:
    subscribe(acme, interval="month", term_end="2026-04-01", auto_renew=False)
    row = renewal()
    with at("2026-07-15"):
        work.decide(row, "renewed", by=chloe)
        assert made()[-1] == ("2026-07-01", "2026-08-01", "upcoming")
        assert sound()


def test_two_changes_that_were_slept_through_come_in_their_order(acme, chloe) -> None:
    subscribe(acme, term_end="2026-04-01")
    work.decide(renewal(), "expanded", by=chloe, quantity=2)
    work.decide(renewal(), "expanded", by=chloe, unit_amount=200)
    with at("2026-06-10"):
        sweep_renewals()
        sub = Subscription.objects.get()
        assert (sub.quantity, sub.unit_amount, moves(acme)[-1]) == (2, 200, ("2026-06-10", "expansion", "300"))
        assert sound()
