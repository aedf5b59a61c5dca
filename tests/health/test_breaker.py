"""When half the fleet falls ill in one night, it is the feed."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.exceptions import Conflict
from accounts.models import Account, Activity, FollowUp
from health.domain import breaker, recompute, runs
from health.models import FrozenIndicator, Score, UsageDay
from tests.health import factories as f

pytestmark = pytest.mark.django_db
YESTERDAY = datetime(2026, 3, 9, 3, tzinfo=UTC)
TONIGHT = YESTERDAY + timedelta(days=1)
SIZE = 50


@pytest.fixture
def fleet(time_machine, queue) -> list[Account]:
    """Fifty green accounts, scored last night."""
    time_machine.move_to(YESTERDAY, tick=False)
    f.all_received()
    f.set_target(10)
    accounts = f.make_accounts(SIZE, seats=1)
    f.use_each(accounts, 9, on=YESTERDAY.date())
    runs.recompute_now()
    queue.drain()
    time_machine.move_to(TONIGHT, tick=False)
    return accounts


def lose_usage(accounts: list[Account]) -> None:
    UsageDay.objects.filter(account__in=accounts).delete()


def values(accounts: list[Account]) -> set[tuple[int, ...]]:
    return {tuple(s.values[:1]) for s in Score.objects.filter(account__in=accounts, day=TONIGHT.date())}


def test_a_broken_feed_freezes_its_indicator_and_calls_an_admin_once(fleet, queue, alice):
    lose_usage(fleet[:30])
    runs.recompute_now()
    frozen = FrozenIndicator.objects.get()
    assert (frozen.indicator, frozen.direction, frozen.moved, frozen.known) == ("usage", "down", 30, 50)
    assert values(fleet) == {(90_000,)}
    assert set(Account.objects.values_list("band", flat=True)) == {"green"}
    queue.drain()
    follow_up = FollowUp.objects.get()
    assert (follow_up.title, follow_up.assignee) == (
        "Usage moved for 30 of 50 accounts at once: look at its feed",
        alice,
    )
    assert Activity.objects.filter(kind="health.indicator_frozen").count() == 1


def test_the_next_night_stays_frozen_without_another_alarm(fleet, time_machine, alice):
    lose_usage(fleet)
    runs.recompute_now()
    time_machine.move_to(TONIGHT + timedelta(days=1), tick=False)
    runs.recompute_now()
    assert FrozenIndicator.objects.count() == FollowUp.objects.count() == 1
    assert set(Account.objects.values_list("band", flat=True)) == {"green"}


def test_a_released_indicator_counts_again(fleet, alice):
    lose_usage(fleet)
    runs.recompute_now()
    frozen = FrozenIndicator.objects.get()
    breaker.release(frozen, by=alice)
    assert recompute.score_marked() == SIZE
    assert values(fleet) == {(0,)}
    assert set(Account.objects.values_list("band", flat=True)) == {"yellow"}
    with pytest.raises(Conflict):
        breaker.release(frozen, by=alice)


def test_forty_per_cent_are_not_a_fleet(fleet):
    lose_usage(fleet[:20])
    runs.recompute_now()
    assert not FrozenIndicator.objects.exists()
    assert values(fleet[:20]) == {(0,)}


def test_both_ways_are_counted_apart(fleet):
    lose_usage(fleet[:20])
    f.use_each(fleet[20:40], 6, on=TONIGHT.date())
    runs.recompute_now()
    assert not FrozenIndicator.objects.exists()


def test_fewer_than_twenty_are_not_a_fleet(time_machine, fleet):
    Account.objects.filter(pk__in=[a.pk for a in fleet[19:]]).update(stage="churned")
    lose_usage(fleet)
    runs.recompute_now()
    assert not FrozenIndicator.objects.exists()
