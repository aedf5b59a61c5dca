"""Many at once: the database holds what was promised. Real connections, one a thread."""

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.domain import dispatch, followups
from accounts.domain.account_rows import upsert_accounts
from accounts.domain.accounts import change_stage, upsert_account, write_note
from accounts.domain.contacts import upsert_contact
from accounts.domain.dispatch import batch
from accounts.domain.escalation import escalate_overdue
from accounts.domain.users import deactivate
from accounts.exceptions import Conflict
from accounts.models import Account, Activity, Delivery, FollowUp, Occurrence, Playbook
from accounts.registry import reactions
from tests.accounts.spine import contract, make_account, make_follow_up, make_playbook

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 12


@pytest.fixture(autouse=True)
def _alone(transactional_db, monkeypatch):
    Playbook.objects.all().delete()
    monkeypatch.setattr(reactions, "items", {})


def at_once(work, count=MANY) -> list:
    """What `work(number)` returned or raised in each of so many threads that start together."""
    barrier = threading.Barrier(count)

    def run(number):
        try:
            connection.ensure_connection()
            barrier.wait(timeout=100)
            return work(number)
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def kinds_of(answers) -> Counter:
    return Counter(type(answer).__name__ for answer in answers)


def test_many_dispatchers_at_once_open_one():
    make_playbook()
    account = make_account()
    activities = [contract(account) for _ in range(5)]

    answers = at_once(lambda _n: dispatch.dispatch_waiting())

    assert sum(answers) == len(activities)
    row = FollowUp.objects.get()
    assert (row.occurrences, Occurrence.objects.count(), Delivery.objects.count()) == (5, 4, 5)


def test_who_deletes_an_activity_waits_for_its_dispatcher_and_takes_along_what_that_wrote():
    """No foreign key holds a delivery to its activity: the dispatcher's lock and a trigger do."""
    make_playbook(conditions=[{"field": "account.stage", "op": "is", "value": "trial"}])
    activity = contract(make_account())

    def delete(_n):
        with connection.cursor() as cursor:
            cursor.execute("delete from accounts_activity where id = %s", [activity.pk])

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            batch.dispatch_batch()
            deleting = pool.submit(at_once, delete, 1)
            wait_for_one_who_waits()
            assert Delivery.objects.filter(activity=activity).count() == 1
        assert deleting.result(100) == [None]

    assert not Activity.objects.exists()
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        lambda account, by: upsert_account(account.external_id, by=by, name="Another"),
        lambda account, by: change_stage(account, "churned", by=by),
        lambda account, by: upsert_accounts([{"external_id": account.external_id, "name": "Another"}], by=by),
        lambda account, by: deactivate(account.csm, by=by),
    ],
)
def test_what_happens_to_an_account_does_not_wait_for_a_change_of_it_or_of_the_team(alice, chloe, change):
    """Else they could wait for each other: who closes a follow-up holds it while its activity is written, and a
    change of the account or of its CSM goes on to their follow-ups."""
    account = make_account(csm=chloe)

    def note(_n):
        with connection.cursor() as cursor:
            cursor.execute("set lock_timeout = '5s'")
        write_note(account, by=alice, text="They called.")

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        change(account, alice)
        assert pool.submit(at_once, note, 1).result() == [None]


def test_that_somebody_has_left_is_told_once_where_two_hear_of_it_at_once(alice):
    account = make_account()
    account.contacts.create(name="Dana", email="dana@acme.example")

    def hear(_n):
        return upsert_contact(account, "dana@acme.example", by=alice, left_on=date(2026, 3, 31))[1]

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            hear(0)
            hearing = pool.submit(at_once, hear, 1)
            wait_for_one_who_waits()
        assert hearing.result(100) == ["unchanged"]

    assert Activity.objects.filter(kind="contact.left").count() == 1


def wait_for_one_who_waits() -> None:
    for _look in range(5_000):
        with connection.cursor() as cursor:
            cursor.execute("select 1 from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid))")
            if cursor.fetchone():
                return
        time.sleep(0.02)
    raise AssertionError("nobody waits")


def test_even_without_the_dispatchers_lock_the_database_opens_one():
    """The lock keeps order; that there is only one does not depend on it."""
    make_playbook()
    activity = contract(make_account())

    def fan_out(_n):
        with transaction.atomic():
            batch.fan_out([activity])

    assert kinds_of(at_once(fan_out)) == {"NoneType": MANY}
    row = FollowUp.objects.get()
    assert (row.occurrences, Occurrence.objects.count(), Delivery.objects.count()) == (1, 0, 1)


def test_different_activities_at_once_are_counted_each_once():
    make_playbook()
    account = make_account()
    activities = [contract(account) for _ in range(MANY)]

    def fan_out(number):
        with transaction.atomic():
            batch.fan_out([activities[number]])

    assert kinds_of(at_once(fan_out)) == {"NoneType": MANY}
    row = FollowUp.objects.get()
    assert (row.occurrences, Occurrence.objects.count()) == (MANY, MANY - 1)


def test_batches_that_overlap_in_different_order_do_not_lock_each_other_up():
    make_playbook("one")
    make_playbook("two")
    accounts = [make_account(f"A{n}") for n in range(6)]
    activities = [[contract(account) for account in accounts] for _ in range(MANY)]

    def fan_out(number):
        mine = activities[number][:: 1 if number % 2 else -1]
        with transaction.atomic():
            batch.fan_out(mine)

    assert kinds_of(at_once(fan_out)) == {"NoneType": MANY}
    assert list(FollowUp.objects.values_list("occurrences", flat=True)) == [MANY] * 12


def test_no_activity_is_left_when_everybody_records_and_hears():
    """Each hears its own hint. Whoever finds the dispatcher's lock taken has left the rest to its holder."""
    make_playbook()
    accounts = [make_account(f"A{n}").pk for n in range(MANY)]

    def record_and_hear(number):
        for _ in range(5):
            contract(Account(pk=accounts[number]))
            dispatch.dispatch_waiting()

    assert kinds_of(at_once(record_and_hear)) == {"NoneType": MANY}
    assert not Activity.objects.filter(dispatched_at=None).exists()
    assert list(FollowUp.objects.values_list("occurrences", flat=True)) == [5] * MANY


def test_one_is_first_the_others_are_told(chloe):
    row = make_follow_up()

    answers = at_once(lambda _n: followups.complete(row.pk, by=chloe, outcome="helped"))

    assert kinds_of(answers) == {"FollowUp": 1, Conflict.__name__: MANY - 1}
    assert Activity.objects.filter(kind="followup.done").count() == 1


def test_bulk_actions_over_the_same_rows_part_them(chloe, alice):
    rows = [make_follow_up().pk for _ in range(20)]

    answers = at_once(lambda n: followups.complete_many(rows[:: 1 if n % 2 else -1], by=alice, outcome="helped").done)

    assert sorted(answers) == [0] * (MANY - 1) + [20]
    assert Activity.objects.filter(kind="followup.done").count() == 20


def test_closing_and_a_repeat_at_once_end_in_one_of_two_ways(chloe):
    """Either the repeat was counted before it closed, or a new one opened after: never lost, never a crash."""
    make_playbook()
    account = make_account(csm=chloe)
    for _ in range(5):
        contract(account)
        dispatch.dispatch_waiting()
        row = FollowUp.objects.get(status="open")
        contract(account)

        def work(number, row=row):
            if number:
                dispatch.dispatch_waiting()
            else:
                followups.complete(row.pk, by=chloe, outcome="helped")

        assert kinds_of(at_once(work, 2)) == {"NoneType": 2}
        dispatch.dispatch_waiting()
    counted = sum(FollowUp.objects.values_list("occurrences", flat=True))
    assert counted == Activity.objects.filter(kind="mrr.contracted").count() == 10
    assert not Delivery.objects.exclude(status="done").exists()


def test_many_sweeps_escalate_each_once(chloe, marc):
    account = make_account(csm=chloe)
    for _ in range(30):
        make_follow_up(account, due_at=timezone.now() - timedelta(hours=1))

    answers = at_once(lambda _n: escalate_overdue())

    assert sum(answers) == 30
    assert Activity.objects.filter(kind="followup.escalated").count() == 30
