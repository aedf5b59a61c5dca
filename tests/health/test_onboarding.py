"""What is told of checklists becomes two indicators: once, whatever order it is heard in."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from model_bakery import baker

from accounts.domain.activity import record
from accounts.models import Account, Activity
from health.domain import onboarding, recompute, runs
from health.models import OnboardingReading, Score, ScoreMark
from tests.health import factories as f

pytestmark = pytest.mark.django_db
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
COMMON = {"checklist": 7, "template": "First steps"}
STEP = {**COMMON, "step": "Import", "key": "import"}
TICK = {**STEP, "owner": "contact", "by_itself": "no"}


@pytest.fixture
def account(time_machine) -> Account:
    time_machine.move_to(START, tick=False)
    f.set_weights(onboarding=60, ttv=40)
    return f.make_account()


def happened(account: Account, kind: str, after: timedelta = timedelta(0), **data) -> Activity:
    return baker.make(Activity, account=account, kind=kind, occurred_at=START + after, data={**COMMON, **data})


def way(account: Account) -> list[Activity]:
    return [
        happened(account, "checklist.started", started_at=START.isoformat()),
        happened(account, "checklist.step_done", timedelta(hours=30), engagement="40"),
        happened(account, "checklist.activated", timedelta(hours=120), hours=120),
        happened(account, "checklist.step_done", timedelta(hours=120), engagement="62.50"),
    ]


def values(account: Account) -> dict[str, int | None]:
    score = Score.objects.filter(account=account).latest("day")
    return dict(zip(score.version.indicators, score.values, strict=True))


def test_hearing_twice_and_in_any_order_comes_to_the_same(account, time_machine):
    told = way(account)
    shuffled = [*told, *told]
    Random(3).shuffle(shuffled)
    for activity in shuffled:
        onboarding.hear([activity])
    time_machine.move_to(START + timedelta(days=6), tick=False)
    recompute.score_marked()
    assert OnboardingReading.objects.count() == 4
    assert values(account) == {"onboarding": 62_500, "ttv": 81_818}
    assert not ScoreMark.objects.exists()


def test_what_onboarding_tells_is_heard(account, queue):
    record(account, "checklist.started", started_at=START, **COMMON)
    record(account, "checklist.step_done", **TICK, engagement="25")
    record(account, "checklist.step_reopened", **STEP, engagement="0")
    record(account, "checklist.step_done", **TICK, engagement="50")
    record(account, "checklist.finished", **COMMON, days=0)
    queue.drain()
    assert list(OnboardingReading.objects.order_by("activity_id").values_list("word", "amount")) == [
        ("started", 0),
        ("progress", 25_000),
        ("reopened", 0),
        ("progress", 50_000),
        ("finished", None),
    ]
    assert values(account) == {"onboarding": 100_000, "ttv": None}


def test_waiting_for_first_value_costs_more_each_night(account, time_machine):
    onboarding.hear([happened(account, "checklist.started", started_at=START.isoformat())])
    seen = []
    for days in (3, 4, 9, 14, 15):
        time_machine.move_to(START + timedelta(days=days), tick=False)
        runs.recompute_now()
        seen.append(values(account)["ttv"])
    assert seen == [None, 90_909, 45_455, 0, 0]


def test_a_past_day_is_scored_by_what_was_known_then(account, time_machine):
    onboarding.hear(way(account))
    time_machine.move_to(START + timedelta(days=20), tick=False)
    Account.objects.update(started_on=START.date())
    recompute.backfill([START.date() + timedelta(days=n) for n in (1, 4, 5)])
    kept = Score.objects.filter(account=account).order_by("day").values_list("values", flat=True)
    assert list(kept) == [[40_000, None], [40_000, 90_909], [62_500, 81_818]]
