"""Incentives that billing has honoured: marked once, and never after they were taken back."""

from datetime import date, timedelta
from threading import Event
from time import sleep
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import Activity
from referrals.domain import incentives, reviewing
from referrals.domain.clawback import claw_back_churned
from referrals.domain.honouring import Marked, mark_not_used, mark_used
from referrals.models import Incentive
from tests.accounts.test_dispatch_races import at_once
from tests.referrals.money import NOW, at, make_account, make_partner, make_program, make_referral, pay

pytestmark = pytest.mark.django_db
TAKEN_BACK = "$10.00 for the referral of globex was taken back: it is not to be honoured."


@pytest.fixture(autouse=True)
def _clock(time_machine):
    time_machine.move_to(NOW, tick=False)


def rewarded(referrer: str = "credit", **fields: Any) -> tuple[Incentive, Incentive]:
    """What the friend and who refers got with the first payment."""
    program = make_program(
        referrer_gets=referrer, referrer_amount=2_000, friend_gets="credit", friend_amount=1_000, clawback_days=60
    )
    referral = make_referral(
        make_partner(program, account=make_account("acme")), "globex", account=make_account("globex"), **fields
    )
    pay(referral, 10_000)
    friend, referrers = referral.incentives.order_by("side")
    return friend, referrers


def states() -> list[tuple[str, str, Any, str]]:
    return list(Incentive.objects.order_by("side").values_list("side", "status", "used_at", "used_by"))


def told(kind: str) -> list[tuple[str, str, str]]:
    rows = Activity.objects.filter(kind=kind).order_by("pk").select_related("account")
    return [(row.account.external_id, row.data["reward"], row.actor_label) for row in rows]


def test_one_is_honoured_once_by_who_came_first(alice) -> None:
    friend, referrer = rewarded()

    first = mark_used([friend.pk, friend.pk, 10**17], by=alice)
    again = mark_used([friend.pk, referrer.pk], by="billing")

    assert (first, again) == (Marked(1, 0, []), Marked(1, 1, []))
    assert states() == [("friend", "used", NOW, "Alice"), ("referrer", "used", NOW, "billing")]
    assert told("referral.reward_used") == [("globex", "$10.00", "Alice"), ("acme", "$20.00", "billing")]
    assert mark_used([]) == Marked(0, 0, [])


def test_what_was_honoured_is_not_taken_back_and_what_was_taken_back_not_honoured() -> None:
    friend, referrer = rewarded()
    mark_used([referrer.pk], by="billing")

    reviewing.deny(friend.referral, "One person", by="test")

    assert mark_used([friend.pk, referrer.pk]) == Marked(0, 1, [TAKEN_BACK])
    assert mark_not_used([friend.pk]) == Marked(0, 0, [TAKEN_BACK])
    assert states() == [("friend", "revoked", None, ""), ("referrer", "used", NOW, "billing")]


def test_money_that_payouts_pay_is_not_marked_by_hand() -> None:
    _friend, referrer = rewarded("cash")
    sentence = "$20.00 for the referral of globex is money: it is paid with the payouts."

    assert (mark_used([referrer.pk]), mark_not_used([referrer.pk])) == (Marked(0, 0, [sentence]),) * 2
    assert not Incentive.objects.filter(status="used").exists()
    assert not Incentive.objects.to_honour().filter(pk=referrer.pk).exists()


def test_one_that_was_not_honoured_after_all_waits_again() -> None:
    friend, referrer = rewarded()
    mark_used([friend.pk, referrer.pk], by="billing")

    assert mark_not_used([friend.pk], by="Bill") == Marked(1, 0, [])
    assert mark_not_used([friend.pk], by="Bill") == Marked(0, 1, [])
    assert states() == [("friend", "granted", None, ""), ("referrer", "used", NOW, "billing")]
    assert told("referral.reward_not_used") == [("globex", "$10.00", "Bill")]
    assert mark_used([friend.pk]).done == 1


def test_one_whose_referral_was_refused_meanwhile_is_taken_back_then_and_stands_again_with_it() -> None:
    friend, _referrer = rewarded()
    mark_used([friend.pk])
    reviewing.deny(friend.referral, "One person", by="test")

    assert mark_not_used([friend.pk]) == Marked(1, 0, [])
    friend.refresh_from_db()
    assert (friend.status, friend.revoked_at, friend.used_at) == ("revoked", NOW, None)

    reviewing.approve(friend.referral, "Two persons", by="test")
    assert {status for _side, status, _at, _by in states()} == {"granted"}


@pytest.mark.parametrize(("stayed", "status"), [(59, "revoked"), (60, "granted")])
def test_one_whose_customer_left_meanwhile_is_taken_back_where_they_left_early(stayed, status) -> None:
    friend, _referrer = rewarded(signed_up_at=at("2026-01-01T00:00"))
    mark_used([friend.pk])
    account = friend.account
    account.stage, account.churned_on = "churned", date(2026, 1, 1) + timedelta(days=stayed)
    account.save()
    claw_back_churned([account.pk])

    mark_not_used([friend.pk])

    friend.refresh_from_db()
    assert friend.status == status


def test_the_database_holds_that_one_is_honoured_at_some_time() -> None:
    friend, _referrer = rewarded()
    for wrong in ({"status": "used"}, {"used_at": NOW}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Incentive.objects.filter(pk=friend.pk).update(**wrong)


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_has_marked_it_and_none_after_it_was_taken_back() -> None:
    friend, referrer = rewarded()

    def work(number: int) -> int:
        if number % 2:
            return mark_used([friend.pk, referrer.pk], by=str(number)).done
        if number == 0:
            reviewing.deny(friend.referral, "One person", by="test")
        return mark_not_used([referrer.pk, friend.pk], by=str(number)).done if number > 4 else 0

    answers = at_once(work, 8)

    assert not [answer for answer in answers if isinstance(answer, Exception)], answers
    marked, undone = sum(answers[1::2]), sum(answers[0::2])
    kinds = [Activity.objects.filter(kind=f"referral.reward_{kind}").count() for kind in ("used", "not_used")]
    assert kinds == [marked, undone]
    used = Incentive.objects.filter(status="used").count()
    assert (used, Incentive.objects.filter(status="granted").count()) == (marked - undone, 0)
    assert incentives.revoke([friend.referral_id]) == 0

    # Who takes both back waits for who has the first of them, and holds nothing that these want next.
    # That one is of the later referral, and lies behind the other: however they are looked for, it is found last.
    later = make_referral(friend.referral.partner)
    Incentive.objects.filter(pk=referrer.pk).delete()
    Incentive.objects.filter(pk=friend.pk).update(referral=later, status="granted", used_at=None, revoked_at=None)
    first, second = friend, Incentive.objects.create(referral=friend.referral, side="friend", kind="credit", amount=1)
    Incentive.objects.filter(pk=first.pk).update(granted_at=NOW + timedelta(1))
    held = Event()

    def one_after_the_other(number: int) -> int:
        if number == 0:
            held.wait(100)
            return incentives.revoke([first.referral_id, later.pk])
        with transaction.atomic():
            done = mark_used([first.pk]).done
            held.set()
            wait_for_a_lock()
            return done + mark_used([second.pk]).done

    assert at_once(one_after_the_other, 2) == [0, 2]


def wait_for_a_lock() -> None:
    """Until somebody waits for what this transaction holds."""
    waits = "SELECT count(*) FROM pg_stat_activity WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))"
    with connection.cursor() as cursor:
        for _attempt in range(10_000):
            cursor.execute(waits)
            if cursor.fetchone()[0]:
                return
            sleep(0.01)
    raise AssertionError("Nobody waits.")
