"""As many queries for many as for one; the hint, and the sweep under it."""

from datetime import timedelta

import pytest

from accounts.domain.dispatch import batch
from accounts.models import FollowUp
from accounts.tasks import sweep_activities
from tests.accounts.spine import STATE, contract, expand, make_account, make_playbook

pytestmark = pytest.mark.django_db
H, D = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize("count", [1, 50])
def test_as_many_queries_for_fifty_activities_as_for_one(count, chloe, django_assert_num_queries):
    make_playbook(instructions="{contact}", **STATE)
    make_playbook("skips", conditions=[{"field": "account.band", "op": "is", "value": "red"}])
    for n in range(count):
        account = make_account(f"A{n}", csm=chloe)
        contract(account)
        contract(account)
        expand(make_account(f"B{n}"))

    with django_assert_num_queries(20):
        batch.dispatch_batch()

    assert FollowUp.objects.count() == count


def test_the_hint_is_sent_once_a_transaction_and_dispatches(acme, queue):
    make_playbook()
    contract(acme)
    contract(acme)

    queue.commit()
    assert [m.task for m in queue.published()] == ["accounts.tasks.dispatch_activities"]
    queue.drain()

    assert FollowUp.objects.get().occurrences == 2


def test_with_the_broker_away_the_sweep_finds_it(acme, queue):
    make_playbook()
    with queue.away():
        contract(acme)
        queue.commit()
    assert (queue.published(), FollowUp.objects.count()) == ([], 0)

    sweep_activities()

    assert FollowUp.objects.count() == 1
