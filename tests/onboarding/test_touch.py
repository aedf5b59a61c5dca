"""The touch model: recommended from complexity, value and hours, with its reason; a person's word wins."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.utils import translation
from model_bakery import baker

from accounts.domain.accounts import upsert_account
from accounts.domain.dispatch.facts import account_facts
from accounts.domain.subscriptions import upsert_subscription
from accounts.domain.timeline import Entry
from accounts.enums import TouchModel
from accounts.exceptions import DomainError, Forbidden
from accounts.models import Account, Activity, Plan, Segment, Subscription, User
from onboarding.domain.touch import choose, reason_of, recommend
from onboarding.domain.touch.arithmetic import Limits, level, recommended, wanted
from onboarding.models import Schedule, TouchDecision
from tests.onboarding.factories import OFFICE

NOW = datetime(2026, 6, 2, 8, tzinfo=UTC)  # a Tuesday
LIMITS = Limits(
    Decimal(600), Decimal(6000), {TouchModel.LOW: Decimal(0), TouchModel.MID: Decimal(1), TouchModel.HIGH: Decimal(3)}
)


@pytest.mark.parametrize(
    ("value", "expected"), [("599.99", "low"), ("600", "mid"), ("6000", "mid"), ("6000.01", "high")]
)
def test_a_contract_is_small_under_and_large_over_its_limit(value: str, expected: str) -> None:
    assert level(Decimal(value), LIMITS) == expected


def test_complexity_and_value_together_say_what_is_wanted() -> None:
    levels = ("low", "mid", "high")
    assert [[str(wanted(complexity, value)) for value in levels] for complexity in levels] == [
        ["low", "low", "mid"],
        ["low", "mid", "high"],
        ["mid", "high", "high"],
    ]


@pytest.mark.parametrize(
    ("free", "model", "short"), [(None, "high", 0), ("3", "high", 0), ("2.9", "mid", "0.1"), ("0.5", "low", "2.5")]
)
def test_without_the_hours_it_is_the_next_lower_model(free: str | None, model: str, short: Any) -> None:
    found = recommended("high", Decimal(9000), None if free is None else Decimal(free), LIMITS)
    assert (str(found.model), str(found.wanted), found.short) == (model, "high", Decimal(short))


# In the database --------------------------------------------------------------------------------------


@pytest.fixture
def today():
    with time_machine.travel(NOW, tick=False):
        yield


def customer(name: str, mrr: Any = 0, complexity: str = "high", **fields: Any) -> Account:
    plan = Plan.objects.get_or_create(key=complexity, defaults={"name": complexity, "complexity": complexity})[0]
    return baker.make(Account, name=name, external_id=name, mrr=mrr, plan=plan, **fields)


def planned(user: User, minutes: int) -> None:
    baker.make(Schedule, user=user, time_zone="UTC", weekly=OFFICE, onboarding_minutes=minutes)


@pytest.mark.django_db
def test_the_reason_says_what_it_was_made_from(today, chloe) -> None:
    acme = customer("Acme", mrr=1000)
    decision = recommend([acme])[acme.pk]
    assert reason_of(decision) == (
        "Complexity of the plan: High; contract: $12,000 a year. Together that means High touch. "
        "Nobody has planned hours for onboarding, so there is nothing to be short of."
    )
    planned(chloe, 60)
    decision = recommend([acme])[acme.pk]
    assert (decision.recommended, reason_of(decision)) == (
        "mid",
        (
            "Complexity of the plan: High; contract: $12,000 a year. Together that means High touch. That takes 3 hours a "
            "week and 1 are free: short by 2 hours, so the next lower model that there is time for, Mid touch."
        ),
    )
    told = Activity.objects.filter(account=acme, kind="touch.recommended").order_by("pk")
    assert [(a.data["model"], a.data["wanted"]) for a in told] == [("high", "high"), ("mid", "high")]
    assert reason_of(decision) == told[1].data["reason"]
    with translation.override("fr"):
        assert reason_of(decision) in Entry(told[1]).sentence != told[1].data["reason"]
    acme.refresh_from_db()
    assert acme.touch_model == "mid"


@pytest.mark.django_db
@pytest.mark.usefixtures("today")
def test_hours_are_given_away_once_and_to_the_largest_first(chloe, django_assert_max_num_queries) -> None:
    planned(chloe, 4 * 60)
    accounts = [customer("Small", mrr=600), customer("Large", mrr=2000), customer("Tiny", mrr=10, complexity="low")]
    with django_assert_max_num_queries(15):
        found = recommend(accounts)
    assert {a.name: found[a.pk].recommended for a in accounts} == {"Large": "high", "Small": "mid", "Tiny": "low"}
    later = customer("Later", mrr=900)
    assert recommend([later])[later.pk].recommended == "low"  # Monday's four hours are promised
    assert recommend(accounts[:2])[accounts[1].pk].recommended == "high"  # asked again, nobody takes their own


@pytest.mark.django_db
@pytest.mark.usefixtures("today")
def test_as_many_queries_for_fifty_as_for_one(django_assert_num_queries, chloe) -> None:
    planned(chloe, 600)
    one, fifty = [customer("One", mrr=900)], [customer(f"A{n}", mrr=900) for n in range(50)]
    with django_assert_num_queries(11):
        recommend(one)
    with django_assert_num_queries(13):  # three models to write instead of one
        recommend(fifty)


@pytest.mark.django_db
def test_a_new_customer_is_recommended_a_model_and_again_once_it_is_known_what_they_pay(alice, queue) -> None:
    upsert_account("acme", by=alice, name="Acme")
    queue.drain()
    acme = Account.objects.get()
    assert acme.touch_model == "low"
    baker.make(Plan, key="pro", name="Pro", complexity="high")
    upsert_subscription(
        acme, "s1", by=alice, plan="pro", currency="USD", unit_amount=900, interval="month", started_on=date.today()
    )
    queue.drain()
    acme.refresh_from_db()
    assert acme.touch_model == "high"
    told = Activity.objects.filter(kind="touch.recommended").order_by("pk").select_related("cause")
    assert [(a.data["model"], a.cause.kind) for a in told] == [("low", "account.created"), ("high", "mrr.new")]


@pytest.mark.django_db
@pytest.mark.usefixtures("today")
def test_a_trial_is_worth_what_it_tries_out() -> None:
    acme = customer("Acme", complexity="mid")
    baker.make(
        Subscription, account=acme, status="trialing", currency="USD", unit_amount=Decimal(100), quantity=10, interval="month",
        started_on=date(2026, 6, 1), discount_percent=0, discount_amount=0,
    )  # fmt: skip
    baker.make(
        Subscription,
        account=acme,
        status="trialing",
        currency="SEK",
        unit_amount=Decimal(1),
        started_on=date(2026, 6, 1),
    )
    decision = recommend([acme])[acme.pk]
    assert (decision.recommended, decision.facts["yearly_value"]) == ("high", "12000.00")


# A person's word --------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_choice_holds_with_its_reason_whatever_is_recommended_later(chloe) -> None:
    acme = customer("Acme", mrr=1000, csm=chloe)
    decision = choose(acme, "low", "They  know us well", by=chloe)
    assert (decision.recommended, decision.model, decision.reason, decision.chosen_by) == (
        "high",
        "low",
        "They know us well",
        chloe,
    )
    Account.objects.filter(pk=acme.pk).update(mrr=10)
    decision = recommend([acme])[acme.pk]
    acme.refresh_from_db()
    assert (decision.recommended, decision.model, acme.touch_model) == ("mid", "low", "low")
    chosen = Activity.objects.get(kind="touch.chosen")
    assert chosen.data == {"model": "low", "before": "high", "reason": "They know us well"}


@pytest.mark.django_db
def test_an_admins_word_is_not_undone_by_a_csm(alice, chloe) -> None:
    acme = customer("Acme", csm=chloe)
    choose(acme, "mid", "A pilot", by=chloe)
    choose(acme, "high", "Strategic", by=alice)
    with pytest.raises(Forbidden, match="Alice, an admin, has decided this"):
        choose(acme, "low", "No time", by=chloe)
    assert choose(acme, "low", "Changed my mind", by=alice).model == "low"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("model", "reason", "field"), [("extreme", "x", "model"), ("low", "  ", "reason"), ("low", "x" * 401, "reason")]
)
def test_a_choice_needs_a_model_and_a_reason(chloe, model: str, reason: str, field: str) -> None:
    acme = customer("Acme")
    with pytest.raises(DomainError) as refusal:
        choose(acme, model, reason, by=chloe)
    assert list(refusal.value.errors) == [field]
    assert not TouchDecision.objects.exists()


@pytest.mark.django_db
def test_playbooks_ask_for_the_accounts_own_model_before_the_segments() -> None:
    segment = baker.make(Segment, key="small", touch_model="mid")
    own, usual = (baker.make(Account, segment=segment, touch_model=model) for model in ("high", ""))
    facts = account_facts([own.pk, usual.pk])
    assert (facts[own.pk]["account.touch_model"], facts[usual.pk]["account.touch_model"]) == ("high", "mid")
