"""Many at once: a term is decided once, swept once, answered once. Real connections, one a thread."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.domain.renewals import sweep, work
from accounts.domain.renewals.intent import answer_intent
from accounts.domain.subscriptions import schedule_cancel, upsert_subscription
from accounts.exceptions import Conflict
from accounts.models import Activity, Contact, Intent, Renewal, Subscription
from tests.accounts.terms import made, make_account, renewal, sound, subscribe, yearly
from tests.accounts.test_dispatch_races import at_once, kinds_of

pytestmark = pytest.mark.django_db(transaction=True)


def told(kind: str) -> int:
    return Activity.objects.filter(kind=kind).count()


def test_of_many_who_decide_at_once_one_does() -> None:
    row = yearly(make_account())
    outcomes = ["renewed", "lost", "expanded", "contracted"] * 2

    def decide(number: int) -> str:
        more = {"reason": "price"} if outcomes[number] == "lost" else {"mrr": 150 if number % 4 == 2 else 50}
        return work.decide(row.pk, outcomes[number], by=f"Program {number}", **more).stage

    answers = at_once(decide, len(outcomes))

    assert kinds_of(answers) == Counter({"Conflict": 7, "str": 1})
    (stage,) = [answer for answer in answers if isinstance(answer, str)]
    lost_out = next(answer for answer in answers if isinstance(answer, Conflict))
    assert lost_out.status == 409
    assert str(lost_out).startswith("Program ")
    assert (Renewal.objects.decided().get().stage, told("renewal.decided")) == (stage, 1)
    assert sound()


def test_sweeps_at_once_roll_over_once() -> None:
    with time_machine.travel(datetime(2026, 3, 4, 12, tzinfo=UTC), tick=True):  # long before any of them is announced
        for number in range(20):
            account = make_account(f"A{number}")
            subscribe(account, f"S-{number}", interval="month", term_end="2027-04-01", auto_renew=bool(number % 2))
    with time_machine.travel(datetime(2027, 4, 2, 9, tzinfo=UTC), tick=True):
        answers = at_once(lambda _number: sweep.sweep_renewals(), 6)
    assert sum(answers) == 20
    assert (told("renewal.decided"), told("renewal.lapsed")) == (10, 10)
    assert Renewal.objects.undecided().count() == 20
    assert sound()


def test_a_sweep_and_a_person_at_once() -> None:
    row = yearly(make_account())
    with time_machine.travel(datetime(2027, 1, 1, 9, tzinfo=UTC), tick=True):
        at_once(lambda n: work.decide(row.pk, "lost", by="X", reason="price") if n else sweep.sweep_renewals(), 2)
    assert told("renewal.decided") == 1
    assert made()[0][2] in {"lost", "renewed"}
    assert sound()


def test_a_cancellation_and_a_decision_at_once() -> None:
    account = make_account()
    row = yearly(account)
    sub = Subscription.objects.get()
    at_once(
        lambda n: (
            work.decide(row.pk, "renewed", by="X")
            if n
            else schedule_cancel(sub, by="Y", ends_on=date(2027, 1, 1), reason="price")
        ),
        2,
    )
    assert told("renewal.decided") in {1, 2}  # renewed first, the next term is lost by the cancellation
    assert not Renewal.objects.undecided().exists() or sound()


def test_a_term_told_and_swept_at_once_keeps_one() -> None:
    account = make_account()
    yearly(account)
    with time_machine.travel(datetime(2027, 1, 1, 9, tzinfo=UTC), tick=True):
        at_once(
            lambda n: (
                upsert_subscription(account, "S-1", by="X", term_end="2028-01-01") if n % 2 else sweep.sweep_renewals()
            ),
            6,
        )
    assert made() == [("2026-01-01", "2027-01-01", "renewed"), ("2027-01-01", "2028-01-01", "upcoming")]


def test_one_contact_answers_twice_at_once() -> None:
    account = make_account()
    today = timezone.now().date()
    subscribe(account, started_on=today - timedelta(days=10), term_end=today + timedelta(days=300))
    dana = Contact.objects.create(account=account, email="dana@acme.example", name="Dana", decides=True)
    row = renewal()
    answers = at_once(lambda number: answer_intent(row.pk, dana, 3 + number % 2), 6)
    assert kinds_of(answers) == Counter({"Intent": 6})
    assert Intent.objects.count() == 1
