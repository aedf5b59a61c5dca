"""What is held, released, refused and clawed back; promoters who can be invited."""

from datetime import date, timedelta

import pytest

from accounts.domain.activity import record
from accounts.domain.dispatch import dispatch_waiting
from accounts.domain.pressure import note_asks
from accounts.exceptions import Conflict, DomainError
from accounts.models import Account, Activity, Ask, FollowUp
from referrals.domain import payouts, reviewing
from referrals.domain.balances import balance_of
from referrals.domain.checking import check_ledger
from referrals.domain.clawback import sweep_clawbacks
from referrals.domain.promoters import sweep_promoters
from referrals.domain.signing_up import SignUp, refer
from referrals.enums import IncentiveStatus, Review
from referrals.models import Promoter
from tests.referrals.money import (
    NOW,
    at,
    ledger,
    make_account,
    make_contact,
    make_partner,
    make_program,
    make_referral,
    pay,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock(time_machine):
    time_machine.move_to(NOW, tick=False)


def happens(account: Account, kind: str, **facts) -> None:
    record(account, kind, by="test", **facts)
    dispatch_waiting()


def finish(account: Account) -> None:
    happens(account, "checklist.finished", checklist=1, template="Low touch", days=9)


def leave(account: Account, day: date) -> None:
    Account.objects.filter(pk=account.pk).update(stage="churned", churned_on=day)
    happens(account, "account.churned", subscription="S", before=1, after=0, amount=-1, currency="USD", reason="price")


def kinds(account: Account) -> list[str]:
    rows = Activity.objects.filter(account=account, kind__startswith="referral.").order_by("pk")
    return [kind.removeprefix("referral.") for kind in rows.values_list("kind", flat=True)]


def test_held_until_onboarded_and_paid() -> None:
    acme = make_account("acme")
    partner = make_partner(make_program(needs_onboarding=True))
    referral, _new = refer(SignUp(partner.program, "acme", at("2026-05-01T00:00"), code=partner.codes.get().code))
    pay(referral, 10_000, "2026-05-02T00:00")
    assert (balance_of(partner.pk).held, balance_of(partner.pk).available, payouts.make_batch(partner.program)) == (
        2_000,
        0,
        None,
    )
    finish(acme)
    assert (balance_of(partner.pk).held, payouts.make_batch(partner.program).total) == (0, 2_000)
    assert kinds(acme) == ["bound", "converted", "released"]
    finish(acme)
    assert kinds(acme)[-2:] == ["converted", "released"]


def test_onboarding_finished_before_counts_too() -> None:
    acme = make_account("acme")
    finish(acme)
    partner = make_partner(make_program(needs_onboarding=True))
    referral, _new = refer(SignUp(partner.program, "acme", at("2026-05-01T00:00"), code=partner.codes.get().code))
    assert (referral.onboarded_at, referral.held) == (NOW, True)
    pay(referral, 10_000, "2026-05-02T00:00")
    assert balance_of(partner.pk).available == 2_000


def test_who_never_will_be_onboarded_is_let_off() -> None:
    partner = make_partner(make_program(needs_onboarding=True))
    referral = make_referral(partner, held=True)
    pay(referral, 10_000)
    assert balance_of(partner.pk).held == 2_000
    reviewing.waive_onboarding(referral, by="Alice")
    assert (referral.held, balance_of(partner.pk).available) == (False, 2_000)


def test_a_decision_about_what_was_flagged(alice) -> None:
    acme = make_account("acme")
    partner = make_partner(make_program(friend_gets="credit", friend_amount=500), account=acme)
    good, bad = (make_referral(partner, review=Review.HELD, flags=["same_domain"], held=True) for _n in range(2))
    pay(good, 10_000)
    sold = pay(bad, 5_000)
    assert balance_of(partner.pk).held == 3_000
    reviewing.approve(good, "A daughter company", by=alice)
    assert (good.review, good.held, good.reviewed_by, good.review_note) == (
        "approved",
        False,
        alice,
        "A daughter company",
    )
    with pytest.raises(DomainError, match="Say why"):
        reviewing.deny(bad, " ", by=alice)
    reviewing.deny(bad, "Our own shop", by=alice)
    assert ledger(partner)[-1] == ("reversal", -1_000)
    assert bad.incentives.get().status == IncentiveStatus.REVOKED
    assert good.incentives.get().status == IncentiveStatus.GRANTED
    assert (balance_of(partner.pk).total, balance_of(partner.pk).available) == (2_000, 2_000)
    for act in (reviewing.deny, reviewing.hold):
        with pytest.raises(Conflict):
            act(bad, "again")
    with pytest.raises(Conflict):
        reviewing.approve(good)
    assert pay(bad, 5_000).why == "denied"
    reviewing.approve(bad, "Looked again")
    assert pay(bad, 5_000).commission == 1_000
    assert (check_ledger(), sold.referral) == ([], bad)
    assert kinds(acme) == ["converted", "converted", "approved", "denied", "approved"]


def test_what_was_paid_before_it_was_refused_comes_off_the_next_payout() -> None:
    program = make_program(min_payout=0)
    partner = make_partner(program, payout_method="bank")
    bad, good = make_referral(partner), make_referral(partner)
    pay(bad, 5_000)
    assert (batch := payouts.make_batch(program))
    assert batch.total == 1_000
    reviewing.deny(bad, "Our own shop")
    pay(good, 15_000)
    balance = balance_of(partner.pk)
    assert (balance.total, balance.available, balance.held) == (2_000, 2_000, 0)
    assert (again := payouts.make_batch(program))
    assert (again.total, check_ledger()) == (2_000, [])


@pytest.mark.parametrize(("left", "kept"), [("2026-03-01", 0), ("2026-03-02", 3_000)])
def test_who_leaves_within_sixty_days_is_clawed_back(left, kept) -> None:
    acme, globex = make_account("acme"), make_account("globex")
    program = make_program(referrer_gets="credit", referrer_amount=500)
    partner = make_partner(program, account=acme)
    referral = make_referral(partner, "globex", account=globex, signed_up_at=at("2026-01-01T23:59"))
    pay(referral, 10_000, "2026-01-02T00:00")
    payouts.make_batch(program)
    pay(referral, 5_000, "2026-02-02T00:00")
    leave(globex, date.fromisoformat(left))
    assert (sum(row.amount for row in referral.entries.all()), sweep_clawbacks()) == (kept, 0)
    assert balance_of(partner.pk).total == kept - 2_000
    referral.refresh_from_db()
    assert (referral.status, referral.churned_on) == ("churned", date.fromisoformat(left))
    assert (referral.clawed_back_at is None, referral.incentives.get().status == "granted") == (bool(kept), bool(kept))
    assert ("clawed_back" in kinds(acme), "clawed_back" in kinds(globex)) == (not kept, not kept)
    assert check_ledger() == []


def test_the_sweep_finds_who_had_left_before_anybody_knew() -> None:
    gone = make_account("gone", stage="churned", churned_on=date(2026, 1, 20))
    before = make_account("before", stage="churned", churned_on=date(2025, 12, 31))
    partner = make_partner()
    for account in (gone, before):
        pay(make_referral(partner, account=account), 10_000)
    assert [sweep_clawbacks(), sweep_clawbacks()] == [1, 0]
    assert balance_of(partner.pk).total == 2_000


def test_who_comes_back_earns_again_and_is_clawed_back_again() -> None:
    acme = make_account("acme")
    partner = make_partner()
    referral = make_referral(partner, account=acme, signed_up_at=at("2026-01-01T00:00"))
    pay(referral, 10_000, "2026-01-02T00:00")
    leave(acme, date(2026, 1, 20))
    Account.objects.filter(pk=acme.pk).update(stage="active", churned_on=None)
    happens(acme, "mrr.reactivated", subscription="S", before=0, after=1, amount=1, currency="USD")
    referral.refresh_from_db()
    assert (referral.status, referral.churned_on) == ("customer", None)
    pay(referral, 5_000, "2026-02-01T00:00")
    assert balance_of(partner.pk).total == 1_000
    leave(acme, date(2026, 2, 10))
    assert ledger(partner) == [("accrual", 2_000), ("reversal", -2_000), ("accrual", 1_000), ("reversal", -1_000)]


# Promoters ------------------------------------------------------------------------------------------------------------


def answers(contact, score: int) -> None:
    group = "promoter" if score > 8 else "detractor"
    happens(
        contact.account,
        "nps.answered",
        group=group,
        score=score,
        contact=str(contact),
        survey="NPS",
        comment="",
        answer=1,
    )


def ready() -> list[str]:
    sweep_promoters()
    dispatch_waiting()
    rows = Activity.objects.filter(kind="referral.promoter_ready").order_by("pk")
    return [activity.data["contact"] for activity in rows]


def test_promoters_in_good_health_are_invited_once_the_pressure_lets_us(alice, time_machine) -> None:
    program = make_program(slug="friends")
    good, ill, asked, partner = (make_contact(make_account(band=band, csm=alice), name=name) for name, band in (("Ann", "green"), ("Ben", "yellow"), ("Col", "thriving"), ("Dee", "green")))  # fmt: skip
    make_partner(program, "Dee", contact=partner)
    for contact in (good, ill, asked, partner):
        answers(contact, 9)
    FollowUp.objects.all().delete()
    Ask.objects.all().delete()  # of the playbook that asks promoters anyway
    note_asks([asked], "survey")
    assert ready() == ["Ann"]
    assert ready() == ["Ann"]
    follow_up = FollowUp.objects.get(kind="invite_promoter")
    assert (follow_up.account, follow_up.title) == (good.account, f"Invite Ann of {good.account.name} to refer others")
    time_machine.shift(timedelta(days=14, seconds=1))
    Account.objects.filter(pk=ill.account_id).update(band="green")
    assert ready() == ["Ann", "Ben", "Col"]
    answers(ill, 3)
    assert set(Promoter.objects.values_list("contact__name", flat=True)) == {"Ann", "Col", "Dee"}


def test_nobody_is_invited_where_no_program_wants_it() -> None:
    make_program(invites_promoters=False)
    make_program(kind="affiliate")
    answers(make_contact(make_account(band="green")), 10)
    Promoter.objects.update(answered_at=NOW)
    assert ready() == []
