"""The first score of an account says where it stands. Only red asks for somebody at once; a first import of
thousands does not fill the queue with the others."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.domain.deliveries import story
from accounts.domain.timeline import Entry
from accounts.models import Account, Activity, FollowUp
from health.domain import recompute
from tests.health import factories as f

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
TODAY = NOW.date()


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOW, tick=False)
    f.all_received()
    f.set_target(10)
    f.set_weights(usage=60, support=20, billing=20)


def scored(account: Account, queue) -> tuple[str, list[str]]:
    """Its band, and what is open because of it."""
    recompute.score_accounts([account.pk])
    queue.drain()
    account.refresh_from_db()
    opened = FollowUp.objects.filter(account=account, kind__in=["red", "yellow", "thriving"], status="open")
    return account.band, list(opened.values_list("kind", flat=True))


def used(points: int) -> Account:
    account = f.make_account(seats=1)
    f.use(account, points, on=TODAY)
    return account


def test_only_red_opens_at_the_first_score(queue) -> None:
    assert scored(used(0), queue) == ("red", ["red"])
    assert scored(used(3), queue) == ("yellow", [])
    assert scored(used(9), queue) == ("green", [])
    assert scored(used(15), queue) == ("thriving", [])


def test_why_nothing_opened_is_said(queue) -> None:
    account = used(3)
    scored(account, queue)
    activity = Activity.objects.get(account=account, kind="health.band_changed")
    endings = {ending.who: (str(ending.status), ending.note) for ending in story(activity)["endings"]}
    assert endings["Yellow: targeted guidance"] == (
        "Skipped",
        "Its condition does not hold: “First score of the account is not yes”. Found: yes.",
    )
    assert ("First score of the account", "yes") in [(str(fact.label), fact.text) for fact in Entry(activity).facts]


def test_what_happens_later_opens(queue, time_machine) -> None:
    account = used(9)
    assert scored(account, queue) == ("green", [])
    time_machine.move_to(NOW + timedelta(days=30), tick=False)
    f.use(account, 3, on=TODAY + timedelta(days=30))
    assert scored(account, queue) == ("yellow", ["yellow"])


def test_a_score_that_nobody_knew_enough_of_was_none(queue, time_machine) -> None:
    """A file after the other: the first band counts, not the first number."""
    f.set_weights(usage=30, pulse=70)
    account = used(6)
    assert scored(account, queue) == ("unknown", [])
    time_machine.move_to(NOW + timedelta(days=2), tick=False)
    f.make_pulse(account, 3, on=TODAY + timedelta(days=2))
    assert scored(account, queue) == ("yellow", [])
    time_machine.move_to(NOW + timedelta(days=40), tick=False)
    assert scored(account, queue) == ("unknown", [])
    f.make_pulse(account, 5, on=TODAY + timedelta(days=40))
    assert scored(account, queue)[0] == "yellow"
    assert scored(account, queue)[1] == ["yellow"]
