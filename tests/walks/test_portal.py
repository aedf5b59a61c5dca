"""A customer changes what they pay in their portal, and we hear of it: stories from the link to the follow-up."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from accounts.domain.links import address_of
from accounts.models import Account, Contact, FollowUp, Mail, Movement, Plan, Subscription
from accounts.tasks import sweep_subscriptions
from health.models import Action, UsageDay, UsageEvent
from tests.accounts.plans import plan, subscribed
from tests.accounts.revenue import adds_up, moves
from tests.accounts.spine import make_account

pytestmark = pytest.mark.django_db
MID_APRIL = datetime(2026, 4, 16, 9, tzinfo=UTC)


@pytest.fixture
def acme(chloe, queue, time_machine) -> Account:
    time_machine.move_to(MID_APRIL, tick=False)
    account = make_account("Acme", csm=chloe)
    business = plan("Business", ("month", 35), ("year", 350))
    plan("Team", ("month", 20), ("year", 200))
    subscribed(account, business, 10)
    queue.drain()
    return account


@pytest.fixture
def kim(acme) -> Contact:
    return Contact.objects.create(account=acme, name="Kim", email="kim@acme.example", decides=True, language="en")


@pytest.fixture
def portal(kim) -> str:
    return "/c/" + address_of(kim, "portal").split("/c/")[1]


def ask(portal: str, **wish) -> tuple[str, dict[str, str]]:
    """The page with the quote, and what its form sends."""
    sub = Subscription.objects.get()
    html = Client().get(f"{portal}plan/{sub.pk}/", wish).content.decode()
    return html, dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', html.split('id="the-quote"')[1]))


def confirm(portal: str, form: dict[str, str]) -> None:
    answer = Client().post(f"{portal}plan/{Subscription.objects.get().pk}/confirm/", form)
    assert answer.status_code == 302


def used(account: Account, name: str, plans: list[str], count: int) -> None:
    action = Action.objects.create(key=name.lower(), name=name)
    action.plans.set(Plan.objects.filter(key__in=plans))
    if count:
        UsageDay.objects.create(account=account, day=date(2026, 4, 10), action=action, count=count)


def active(account: Account, people: int) -> None:
    action = Action.objects.create(key="signed_in", name="Signed in")
    UsageEvent.objects.bulk_create(
        UsageEvent(account=account, event_id=f"e{n}", action=action, occurred_at=MID_APRIL - timedelta(days=n % 20), user=f"u{n}")
        for n in range(people)
    )  # fmt: skip


def test_seats_up_with_their_share_of_the_month(acme, portal, queue):
    html, form = ask(portal, seats="15")
    assert "$87.50" in html  # 5 × 35 × 15 / 30
    confirm(portal, form)
    queue.drain()

    acme.refresh_from_db()
    assert (acme.mrr, acme.seats) == (525, 15)
    assert moves(acme)[-1] == ("2026-04-16", "expansion", "175")
    assert not Movement.objects.filter(amount="87.50").exists()  # prorated money is no MRR
    assert Mail.objects.get().text.count("$87.50") == 2
    assert not FollowUp.objects.exists()
    assert adds_up()


def test_contraction_is_called_about_at_once_naming_what_was_dropped_and_its_use(acme, chloe, portal, queue, signed_in):
    used(acme, "Automation run", ["business"], 41)
    used(acme, "Dashboard built", ["business"], 0)
    used(acme, "Board opened", ["business", "team"], 900)
    active(acme, 8)
    html, form = ask(portal, seats="6", version=str(Plan.objects.get(key="team").versions.get().pk))
    assert "Your credit" in html
    confirm(portal, form)
    queue.drain()

    row = FollowUp.objects.get(account=acme, kind="contraction")
    assert (row.assignee, row.promise, row.due_at) == (chloe, True, MID_APRIL + timedelta(hours=24))
    assert row.activity.actor_label == "Customer: Kim"
    data = row.activity.data
    assert data["dropped"] == "Business → Team, 4 of 10 seats"
    assert data["in_use"] == (
        "8 of 10 seats were active in 28 days: 2 more than are left. In use in 28 days: Automation run (41×). "
        "Not in use: Dashboard built"
    )
    panel = signed_in(chloe).get(f"/follow-ups/{row.pk}/").content.decode()
    assert "Automation run (41×)" in panel
    assert "Business → Team" in panel


def test_seats_that_nobody_used(acme, portal, queue):
    active(acme, 3)
    confirm(portal, ask(portal, seats="6")[1])
    queue.drain()
    data = FollowUp.objects.get(account=acme, kind="contraction").activity.data
    assert data["in_use"] == "3 of 10 seats were active in 28 days: the dropped ones were not in use"


def test_what_an_import_tells_of_long_ago_asks_nobody(acme, queue, monkeypatch):
    monkeypatch.setattr("accounts.domain.movements.in_use_of", lambda dropped: pytest.fail("asked") if dropped else {})
    sub = subscribed(acme, None, external_id="S-9", unit_amount=100, quantity=9)
    from accounts.domain.subscriptions import upsert_subscription

    upsert_subscription(acme, sub.external_id, by="test", quantity=2, effective_on=date(2026, 2, 1))
    queue.drain()
    assert acme.activities.get(kind="mrr.contracted").data["in_use"] == ""
    assert not FollowUp.objects.filter(kind="contraction").exists()


def test_leaving_with_a_reason_then_gone_at_the_end_of_the_period(acme, portal, queue, time_machine):
    sub = Subscription.objects.get()
    Client().post(f"{portal}plan/{sub.pk}/cancel/", {"reason": "missing_feature", "comment": "No export"})
    queue.drain()
    acme.refresh_from_db()
    assert (acme.mrr, acme.stage) == (350, "active")

    time_machine.move_to(datetime(2026, 5, 1, 0, 30, tzinfo=UTC), tick=False)
    sweep_subscriptions()
    queue.drain()
    acme.refresh_from_db()
    assert (acme.mrr, acme.stage, acme.churned_on) == (0, "churned", date(2026, 5, 1))
    churn = acme.activities.get(kind="account.churned").data
    assert (churn["reason"], churn["comment"]) == ("missing_feature", "No export")
    # Who decides is asked why, by the survey for those who leave.
    assert list(Mail.objects.order_by("pk").values_list("kind", "to")) == [
        ("cancellation", "kim@acme.example"), ("survey.invite", "kim@acme.example")
    ]  # fmt: skip
    assert FollowUp.objects.get(account=acme, kind="churned").due_at == datetime(2026, 5, 6, 0, 30, tzinfo=UTC)
    assert adds_up()


def test_less_at_the_end_of_the_period_is_called_about_before(acme, portal, queue, time_machine):
    versions = type(acme.subscriptions.get().plan_version).objects
    versions.update(used_at=None)  # of what customers have nothing changes
    versions.update(decreases="period_end")
    active(acme, 8)
    confirm(portal, ask(portal, seats="5")[1])
    queue.drain()

    row = FollowUp.objects.get(account=acme)
    assert (row.kind, row.due_at) == ("contraction_ahead", MID_APRIL + timedelta(hours=24))
    assert row.activity.data["in_use"].startswith("8 of 10 seats were active")
    time_machine.move_to(datetime(2026, 5, 1, 0, 30, tzinfo=UTC), tick=False)
    sweep_subscriptions()
    queue.drain()
    assert moves(acme)[-1] == ("2026-05-01", "contraction", "-175")


def test_who_now_pays_by_the_year_is_thanked_not_called(acme, portal, queue):
    confirm(portal, ask(portal, seats="10", interval="year")[1])
    queue.drain()
    assert acme.activities.get(kind="mrr.contracted").data["dropped"] == "monthly billing"
    assert not FollowUp.objects.exists()


def test_a_quote_of_yesterday_is_worked_out_anew(acme, portal, time_machine):
    _html, form = ask(portal, seats="15")
    time_machine.move_to(MID_APRIL + timedelta(days=1), tick=False)
    answer = Client().post(f"{portal}plan/{Subscription.objects.get().pk}/confirm/", form)
    assert answer.status_code == 409
    assert "14 of 30 days" in answer.content.decode()
    assert Subscription.objects.get().quantity == 10
