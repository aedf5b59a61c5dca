"""The demo company: believable, whole, only for an empty installation, the same again from the same number."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count, Exists, F, Max, OuterRef, Sum
from django.utils import timezone
from model_bakery import baker

from accounts.models import Account, Activity, FollowUp, Movement, Renewal, Subscription, User
from config.demo.past import LEFT, TRIED
from config.demo.readings import EVENT_DAYS
from health.models import Score, UsageDay, UsageEvent
from onboarding.domain.checklists import sweep_checklists
from onboarding.models import Checklist, ChecklistStep, Session
from referrals.models import LedgerEntry

pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("one_day")
def test_a_company_with_its_team_history_and_work(capsys):
    call_command("demo", accounts=30, days=150)
    demo = capsys.readouterr().out

    assert list(User.objects.order_by("pk").values_list("email", "role")) == [
        ("admin@tenure.example", "admin"),
        ("manager@tenure.example", "manager"),
        ("chloe@tenure.example", "csm"),
        ("andrei@tenure.example", "csm"),
        ("priya@tenure.example", "csm"),
        ("viewer@tenure.example", "viewer"),
    ]
    assert all(address in demo for address in User.objects.values_list("email", flat=True))
    gone = round(30 * (LEFT + TRIED) / 100)  # who left, or never became a customer, are beside those asked for
    assert (Account.objects.count(), Subscription.objects.count()) == (30 + gone, 30 + gone)
    assert Account.objects.values("segment").distinct().count() == 4
    assert Movement.objects.aggregate(Sum("amount")) == {
        "amount__sum": Account.objects.aggregate(Sum("mrr"))["mrr__sum"]
    }
    assert Score.objects.values("day").distinct().count() > 60
    assert Account.objects.live().filter(scored_at=None).count() == 0
    assert FollowUp.objects.open().exists()
    assert FollowUp.objects.filter(status="done").exists()
    assert not Activity.objects.filter(dispatched_at=None).exists()
    since = timezone.now().date() - timedelta(days=EVENT_DAYS)
    kept = UsageDay.objects.filter(day__gte=since).aggregate(n=Sum("count"))
    assert UsageEvent.objects.aggregate(n=Sum("count")) == kept
    people = UsageEvent.objects.values("account").annotate(
        n=Count("user", distinct=True), seats=Max("account__subscriptions__changes__quantity")
    )
    assert max(row["n"] for row in people) > 1
    assert all(1 <= row["n"] <= max(1, row["seats"]) for row in people)
    dropped = Activity.objects.filter(kind="mrr.contracted", occurred_at__gte=timezone.now() - timedelta(days=7))
    assert all("seats were active in 28 days" in fact.data["in_use"] for fact in dropped)
    days = set(Activity.objects.filter(kind__startswith="mrr.").values_list("account", "occurred_at"))
    changed = Activity.objects.filter(kind="subscription.changed", data__changes__has_key="quantity")
    assert changed.filter(occurred_at__lt=timezone.now() - timedelta(days=2)).exists()
    assert {(fact.account_id, fact.occurred_at) for fact in changed} <= days
    opened = Activity.objects.filter(kind="followup.opened", occurred_at__lt=timezone.now() - timedelta(days=2))
    assert opened.exists()
    as_it_happened = FollowUp.objects.filter(status="canceled", opened_at__lte=F("activity__occurred_at"))
    assert FollowUp.objects.filter(status="canceled").count() == as_it_happened.count() > 0
    assert not Renewal.objects.filter(decided_at__gt=timezone.now()).exists()
    checklists = dict(Checklist.objects.values_list("status").annotate(n=Count("pk")))
    assert {"running", "finished"} <= checklists.keys()
    assert Checklist.objects.filter(status="finished", finished_at=None).count() == 0
    assert sweep_checklists() == 0  # who starts a worker is told nothing that was not so before
    assert not ChecklistStep.objects.filter(state="done").filter(_session_to_come()).exists()
    entries = LedgerEntry.objects.order_by("partner", "pk").values_list("partner", "occurred_at")
    assert list(entries) == sorted(entries)


def _session_to_come() -> Exists:
    about = {"account": OuterRef("checklist__account"), "session_type": OuterRef("step__session_type")}
    return Exists(Session.objects.filter(**about, status="confirmed", starts_at__gt=timezone.now()))


def test_it_is_not_poured_over_real_customers():
    baker.make(Account)

    with pytest.raises(CommandError, match="There are accounts here already"):
        call_command("demo", accounts=30)


@pytest.mark.parametrize(("wrong", "sentence"), [({"accounts": 0}, "--accounts is"), ({"days": 3}, "--days is")])
def test_a_size_that_cannot_be_is_refused(wrong, sentence):
    with pytest.raises(CommandError, match=sentence):
        call_command("demo", **wrong)
    assert not User.objects.exists()
