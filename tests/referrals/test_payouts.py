"""Payouts: all that is available in one sum, never twice; failed ones come back once."""

import pytest

from accounts.domain.timeline import Entry
from accounts.exceptions import DomainError
from accounts.models import Activity
from referrals.domain import payouts
from referrals.domain.balances import Balances, balance_of, balances_in, balances_of
from referrals.domain.checking import check_ledger
from referrals.domain.partners import pause
from referrals.domain.reviewing import approve, hold
from referrals.models import PayoutBatch, PayoutItem
from tests.referrals.money import NOW, at, ledger, make_account, make_partner, make_program, make_referral, pay, refund

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _sound(time_machine):
    time_machine.move_to(NOW, tick=False)
    yield
    assert check_ledger() == []


def numbers(partner, when: str = "2026-06-05T08:00") -> dict[str, int]:
    found = balance_of(partner.pk, at(when))
    return {name: value for name, value in found._asdict().items() if value and name != "next_at"}


def test_pending_held_available_and_paid() -> None:
    partner = make_partner(make_program(hold_days=30))
    assert numbers(partner) == {}
    one, two = make_referral(partner), make_referral(partner)
    pay(one, 10_000, "2026-01-15T08:00")
    sold = pay(two, 5_000, "2026-02-01T08:00")
    assert numbers(partner, "2026-02-14T07:59:59") == {"total": 3_000, "earned": 3_000, "pending": 3_000}
    assert numbers(partner, "2026-02-14T08:00") == {
        "total": 3_000,
        "earned": 3_000,
        "available": 2_000,
        "pending": 1_000,
    }
    assert balance_of(partner.pk, at("2026-02-14T08:00")).next_at == at("2026-03-03T08:00")
    refund(sold, 2_500, "2026-02-02T00:00")
    assert numbers(partner, "2026-02-14T08:00") == {"total": 2_500, "earned": 2_500, "available": 2_000, "pending": 500}
    hold(one, "looks odd")
    assert numbers(partner) == {"total": 2_500, "earned": 2_500, "available": 500, "held": 2_000}
    batch = payouts.make_batch(partner.program)
    assert (batch.total, numbers(partner)) == (500, {"total": 2_000, "earned": 2_500, "paid": 500, "held": 2_000})
    approve(one)
    assert payouts.make_batch(partner.program).total == 2_000
    assert ledger(partner)[-2:] == [("payout", -500), ("payout", -2_000)]


def test_balances_of_many_are_one_statement(django_assert_num_queries) -> None:
    program = make_program()
    partners = [make_partner(program) for _number in range(3)]
    pay(make_referral(partners[0]), 100)
    with django_assert_num_queries(1):
        found = balances_of([partner.pk for partner in partners])
    with django_assert_num_queries(1):
        assert balances_in(program.pk) == found
    assert [found[p.pk] for p in partners] == [Balances(total=20, earned=20, available=20), Balances(), Balances()]
    assert balances_of([]) == {}


def test_who_is_paid_and_what_carries_over() -> None:
    program = make_program(min_payout=5_000)
    acme = make_account("acme")
    rich = make_partner(program, "Rich", account=acme)
    poor, homeless, owing, paused, zero = (
        make_partner(program, name, **fields)
        for name, fields in [
            ("Poor", {}),
            ("Homeless", {"payout_method": ""}),
            ("Owing", {}),
            ("Paused", {}),
            ("Zero", {}),
        ]
    )
    for partner, gross in [(rich, 25_000), (poor, 24_999), (homeless, 30_000), (owing, 100), (paused, 40_000)]:
        pay(make_referral(partner), gross)
    pay(make_referral(make_partner(name="Stranger")), 90_000)  # of another program
    payouts.adjust(owing.pk, -1_000, "paid too much in 2025", by="Alice")
    refund(pay(make_referral(zero), 10_000))
    pause(paused, "under review")
    assert [(due.partner_id, due.amount, due.reason) for due in payouts.preview(program)] == [
        (rich.pk, 5_000, ""), (poor.pk, 5_000, ""),  # 20 % of 249.99 are 50.00
        (paused.pk, 8_000, "paused"), (homeless.pk, 6_000, "no_method"), (owing.pk, -980, "negative"),
    ]  # fmt: skip

    batch = payouts.make_batch(program, by="Alice")
    assert (batch.number, batch.payouts_count, batch.total, batch.carried_count, batch.carried_total) == (
        1,
        2,
        10_000,
        3,
        13_020,
    )
    assert [(row.name, row.amount, row.status, row.details) for row in batch.payouts.order_by("pk")] == [
        ("Rich", 5_000, "due", rich.payout_details), ("Poor", 5_000, "due", poor.payout_details),
    ]  # fmt: skip
    assert [(row.partner, row.reason) for row in payouts.carried_over(batch)] == [
        (owing, "negative"),
        (homeless, "no_method"),
        (paused, "paused"),
    ]
    told = Activity.objects.get(kind="payout.made")
    assert (told.account, told.data["amount"], told.data["currency"]) == (acme, "50.00", "USD")
    assert (Entry(told).sentence, told.occurred_at) == ("Rich gets $50", batch.as_of)
    assert payouts.make_batch(program) is None
    assert PayoutBatch.objects.count() == 1


def test_a_refund_after_the_payout_is_owed_and_made_up_for() -> None:
    partner = make_partner()
    referral = make_referral(partner)
    sold = pay(referral, 10_000)
    payouts.make_batch(partner.program)
    refund(sold, 10_000)
    assert numbers(partner) == {"total": -2_000, "paid": 2_000, "available": -2_000}
    assert payouts.make_batch(partner.program) is None
    pay(referral, 15_000)
    assert payouts.make_batch(partner.program).total == 1_000
    assert numbers(partner) == {"earned": 3_000, "paid": 3_000}
    assert PayoutItem.objects.count() == 3


def test_a_payout_is_paid_or_fails_once() -> None:
    acme = make_account("acme")
    partner = make_partner(account=acme)
    pay(make_referral(partner), 10_000)
    batch = payouts.make_batch(partner.program)
    row = batch.payouts.get()
    payouts.note_exported(batch)
    assert batch.status == "exported"
    assert payouts.mark_paid([row], reference="SEPA 7") == 1
    assert payouts.mark_paid([row]) == 0
    batch.refresh_from_db()
    row.refresh_from_db()
    assert (batch.status, row.status, row.reference, numbers(partner)["paid"]) == ("closed", "paid", "SEPA 7", 2_000)
    # The bank sends it back.
    assert payouts.mark_failed(row, "account closed")
    assert not payouts.mark_failed(row, "account closed")
    assert payouts.mark_paid([row]) == 0
    assert numbers(partner) == {"total": 2_000, "earned": 2_000, "available": 2_000}
    assert payouts.make_batch(partner.program).total == 2_000
    assert [a.kind for a in Activity.objects.filter(account=acme, kind__startswith="payout").order_by("pk")] == [
        "payout.made", "payout.paid", "payout.failed", "payout.made",
    ]  # fmt: skip


def test_a_payout_goes_as_the_partner_was_then() -> None:
    partner = make_partner(name="=Evil()", payout_details={"iban": "+49", "owner": "@x"})
    pay(make_referral(partner), 12_345)
    batch = payouts.make_batch(partner.program)
    row = batch.payouts.get()
    assert list(payouts.export_rows(batch)) == [
        ["payout", "partner", "method", "amount", "currency", "reference", "iban", "owner"],
        [str(row.pk), "'=Evil()", "bank", "24.69", "USD", f"{partner.program.slug}-1-{row.pk}", "'+49", "'@x"],
    ]
    payouts.mark_paid([row])
    assert list(payouts.export_rows(batch)) == [list(payouts.COLUMNS)]


def test_adjustments_say_why() -> None:
    partner = make_partner()
    entry = payouts.adjust(partner.pk, 500, "Speaker at our fair", by="Alice")
    assert (entry.kind, entry.cause, entry.note, entry.actor) == (
        "adjustment",
        "by_hand",
        "Speaker at our fair",
        "Alice",
    )
    for amount, note in ((0, "x"), (10**13, "x"), (5, "  ")):
        with pytest.raises(DomainError):
            payouts.adjust(partner.pk, amount, note)
    assert numbers(partner) == {"total": 500, "available": 500}


def test_a_batch_pays_nothing_that_is_still_to_come() -> None:
    partner = make_partner(make_program(hold_days=400))
    pay(make_referral(partner), 10_000)
    assert payouts.make_batch(partner.program) is None
    with pytest.raises(DomainError, match="available now"):
        payouts.make_batch(partner.program, at=at("2027-06-01T00:00"))


def test_a_batch_takes_as_many_statements_for_ten_as_for_one(django_assert_max_num_queries) -> None:
    program = make_program()
    for _number in range(10):
        pay(make_referral(make_partner(program)), 10_000)
    with django_assert_max_num_queries(11):
        assert payouts.make_batch(program).payouts_count == 10
