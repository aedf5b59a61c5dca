"""Many follow-ups at once: as many queries for fifty as for one, and each refusal with its reason."""

from datetime import timedelta

import pytest
import time_machine

from accounts.domain import followups
from accounts.domain.followups import Refusal
from accounts.exceptions import DomainError
from accounts.models import FollowUp
from tests.accounts.spine import NOON, make_account, make_follow_up, make_playbook, told

pytestmark = pytest.mark.django_db
NOW = NOON + timedelta(hours=1)


@pytest.fixture(autouse=True)
def _one():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def acme(chloe):
    return make_account(csm=chloe)


def test_done_many(acme, chloe, cyril):
    playbook = make_playbook(cool_down_days=2)
    rows = [make_follow_up(acme), make_follow_up(acme, playbook=playbook)]
    gone = make_follow_up(acme, title="Old", status="done", closed_at=NOON, closed_by=cyril)
    his = make_follow_up(make_account(csm=cyril), title="His")

    result = followups.complete_many([row.pk for row in [*rows, gone, his]] + [999_999], by=chloe, outcome="helped")

    assert result.done == 2
    assert result.refused == [
        Refusal(gone.pk, "Old", "“Old” was already done by Cyril."),
        Refusal(his.pk, "His", "It is not yours."),
        Refusal(999_999, "", "It does not exist."),
    ]
    values = FollowUp.objects.filter(pk__in=[r.pk for r in rows]).order_by("pk")
    assert (
        list(values.values_list("status", "closed_at", "closed_by", "outcome", "contacted_at"))
        == [("done", NOW, chloe.pk, "helped", NOW)] * 2
    )
    assert [row.holds and (row.holds.lower, row.holds.upper) for row in values] == [
        None,
        (NOON, NOW + timedelta(days=2)),
    ]
    assert [kind for kind, _ in told(acme)] == ["followup.done"] * 2


def test_snooze_many(acme, chloe):
    plain, promise = make_follow_up(acme), make_follow_up(acme, promise=True, title="Promise")
    until = NOON + timedelta(days=4)

    result = followups.snooze_many([plain.pk, promise.pk], by=chloe, until=until, reason="Fair")

    assert (result.done, [r.id for r in result.refused]) == (1, [promise.pk])
    assert "breaks it" in result.refused[0].why
    rows = FollowUp.objects.order_by("pk").values_list("status", "snoozed_until", "due_at")
    assert list(rows) == [("snoozed", until, until), ("open", None, NOON + timedelta(days=1))]

    assert followups.snooze_many([promise.pk], by=chloe, until=until, reason="Fair", past_promise=True).done == 1
    assert [data["past_promise"] for _kind, data in told(acme)] == [False, True]
    promise.refresh_from_db()
    assert promise.due_at == NOON + timedelta(days=1)


def test_reassign_many(acme, chloe, cyril):
    rows = [make_follow_up(acme), make_follow_up(acme, assignee=cyril)]

    result = followups.reassign_many([row.pk for row in rows], to=cyril, by=chloe, note="Swap")

    assert (result.done, result.refused) == (2, [])
    assert set(FollowUp.objects.values_list("assignee", flat=True)) == {cyril.pk}
    assert [data["before"] for _kind, data in told(acme)] == ["Chloe"]


def test_cancel_many(acme, chloe):
    rows = [make_follow_up(acme), make_follow_up(acme)]

    assert followups.cancel_many([row.pk for row in rows], by=chloe, why="Merged").done == 2
    assert set(FollowUp.objects.values_list("status", "outcome_note")) == {("canceled", "Merged")}


def test_a_thousand_at_most(chloe):
    with pytest.raises(DomainError, match="At most 1000"):
        followups.complete_many(range(1001), by=chloe, outcome="helped")


@pytest.mark.parametrize("count", [1, 50])
def test_as_many_queries_for_fifty_as_for_one(count, acme, chloe, cyril, django_assert_num_queries):
    ids = [make_follow_up(acme).pk for _ in range(count)]
    until = NOON + timedelta(days=4)

    with django_assert_num_queries(5):
        assert followups.snooze_many(ids, by=chloe, until=until, reason="x").done == count
    with django_assert_num_queries(5):
        assert followups.reassign_many(ids, to=cyril, by=chloe).done == count
    with django_assert_num_queries(6):
        assert followups.complete_many(ids, by=chloe, outcome="helped").done == count
