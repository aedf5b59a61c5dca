"""Who gets it, in which language, and until when."""

from datetime import timedelta

import pytest

from accounts.domain import dispatch
from accounts.models import FollowUp
from tests.accounts.spine import NOON, contract, make_account, make_playbook

pytestmark = pytest.mark.django_db
H, D = timedelta(hours=1), timedelta(days=1)


def assigned(rule="csm", **fields):
    make_playbook(assignee_rule=rule, **fields)
    dispatch.dispatch_waiting()
    return FollowUp.objects.get().assignee


def test_it_goes_to_the_csm(acme, chloe):
    contract(acme)
    assert assigned() == chloe


def test_without_an_able_csm_it_goes_to_their_manager(acme, chloe, marc):
    chloe.is_active = False
    chloe.save()
    contract(acme)
    assert assigned() == marc


def test_a_viewer_is_never_handed_anything(marc, vera):
    contract(make_account(csm=vera))
    assert assigned() == marc


def test_without_anybody_it_goes_to_nobody():
    contract(make_account())
    assert assigned() is None


def test_by_rule_to_the_manager(acme, marc):
    contract(acme)
    assert assigned("manager") == marc


def test_a_pool_shares_out_by_load(chloe, cyril, marc):
    playbook = make_playbook(assignee_rule="pool")
    playbook.pool.set([chloe, cyril])
    FollowUp.objects.create(
        account=make_account(), kind="manual", title="x", reason="x", due_at=NOON, assignee=chloe, status="open"
    )
    for n in range(3):
        contract(make_account(f"A{n}"))

    dispatch.dispatch_waiting()

    assert sorted(FollowUp.objects.filter(playbook=playbook).values_list("assignee__name", flat=True)) == [
        "Chloe", "Cyril", "Cyril",
    ]  # fmt: skip


def test_it_is_written_in_the_language_of_who_gets_it(acme, chloe):
    chloe.language = "fr"
    chloe.save()
    make_playbook(title="{account}: {mrr}")
    contract(acme)

    dispatch.dispatch_waiting()

    assert FollowUp.objects.get().title == "Acme: 500\xa0$US"


# When it is due -------------------------------------------------------------------------------------------


def test_due_in_business_hours_of_the_accounts_zone(chloe, clock):
    clock.move_to(NOON.replace(day=6, hour=20))  # Friday evening in Bucharest
    account = make_account(csm=chloe, time_zone="Europe/Bucharest")
    make_playbook(due_clock="business", due_hours=10)
    contract(account)

    dispatch.dispatch_waiting()

    assert FollowUp.objects.get().due_at == NOON.replace(day=10, hour=9)  # Tuesday, 11:00 there
