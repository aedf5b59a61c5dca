"""What the database itself holds: entries stay, balance, and are never taken back or paid twice."""

from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.db import Error, connection, transaction

from referrals.domain import payouts
from referrals.domain.checking import check_ledger
from referrals.models import Balance, LedgerEntry, LedgerLine, Payout, PayoutItem
from tests.referrals.money import make_partner, make_referral, pay, refund

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def partner(shared):
    """Earned 20.00, of which 5.00 went back and the rest was paid; then 10.00."""
    partner = make_partner()
    referral = make_referral(partner)
    refund(pay(referral, 10_000), 2_500)
    payouts.make_batch(partner.program)
    pay(referral, 5_000)
    connection.check_constraints()
    return partner


def refused(act: Callable[[], object], match: str) -> None:
    def at_once() -> None:
        act()
        connection.check_constraints()

    with pytest.raises(Error, match=match), transaction.atomic():
        at_once()


def entry(partner, **fields) -> LedgerEntry:
    first = LedgerEntry.objects.order_by("pk").first()
    given = {
        name: getattr(first, name)
        for name in ("kind", "cause", "amount", "currency", "occurred_at", "available_at", "conversion")
    }
    return LedgerEntry.objects.create(partner=partner, **given | fields)


def test_nothing_is_changed_or_deleted(partner) -> None:
    for rows, change in [
        (LedgerEntry.objects, {"amount": 1}), (LedgerEntry.objects, {"note": "x"}), (LedgerLine.objects, {"amount": 1}), (PayoutItem.objects, {"payout": None}),
    ]:  # fmt: skip
        refused(lambda rows=rows, change=change: rows.update(**change), "Cannot update or delete")
        refused(lambda rows=rows: rows.all()._raw_delete("default"), "Cannot update or delete")


def test_every_entry_has_its_two_lines_and_its_balance(partner) -> None:
    books = ["payable", "expense", "cash"]
    lines = {
        (line.entry.kind, line.book): line.amount
        for line in LedgerLine.objects.select_related("entry").order_by("pk")[:6]
    }
    assert lines == {
        ("accrual", "expense"): 2_000, ("accrual", "payable"): -2_000, ("reversal", "expense"): -500, ("reversal", "payable"): 500,
        ("payout", "payable"): 1_500, ("payout", "cash"): -1_500,
    }  # fmt: skip
    sums = {book: sum(LedgerLine.objects.filter(book=book).values_list("amount", flat=True)) for book in books}
    assert sums == {"payable": -1_000, "expense": 2_500, "cash": -1_500}
    balance = Balance.objects.get(partner=partner)
    assert (balance.earned, balance.reversed, balance.paid, balance.adjusted, balance.total, balance.entries) == (
        3_000,
        -500,
        -1_500,
        0,
        1_000,
        4,
    )


def test_lines_that_do_not_balance_are_refused(partner) -> None:
    first = LedgerEntry.objects.order_by("pk").first()
    refused(lambda: LedgerLine.objects.create(entry=first, book="cash", currency="USD", amount=5), "do not balance")
    refused(
        lambda: LedgerLine.objects.create(entry=first, book="expense", currency="USD", amount=0), "line_once_a_book"
    )


def test_more_than_was_earned_is_not_taken_back(partner) -> None:
    first, last = LedgerEntry.objects.filter(kind="accrual").order_by("pk")
    refused(lambda: entry(partner, kind="reversal", amount=-1_501, reverses=first), "more than it accrued")
    refused(
        lambda: entry(make_partner(), kind="reversal", amount=-1, reverses=last),
        "more than it accrued",
    )
    reversal = LedgerEntry.objects.get(kind="reversal")
    refused(lambda: entry(partner, kind="reversal", amount=-1, reverses=reversal), "more than it accrued")
    entry(partner, kind="reversal", cause="clawback", amount=-1_500, reverses=first)
    connection.check_constraints()


@pytest.mark.parametrize(
    ("fields", "match"),
    [
        ({"amount": -1}, "entry_sign_of_its_kind"), ({"amount": 0}, "entry_sign_of_its_kind"), ({"conversion": None}, "entry_says_what_for"),
        ({"kind": "reversal", "amount": -1}, "entry_says_what_for"), ({"kind": "payout", "amount": -1}, "entry_says_what_for"),
        ({"kind": "adjustment", "note": ""}, "entry_says_what_for"), ({}, "entry_accrues_once"),
    ],
)  # fmt: skip
def test_entries_that_make_no_sense_are_refused(partner, fields, match) -> None:
    refused(lambda: entry(partner, **fields), match)


def test_an_entry_is_in_one_payout_and_a_payout_is_its_entries(partner) -> None:
    item, payout = PayoutItem.objects.order_by("pk").first(), Payout.objects.get()
    refused(lambda: PayoutItem.objects.create(payout=payout, entry=item.entry), "entry_id")
    other = Payout.objects.create(batch=payouts.make_batch(partner.program).payouts.get().batch, partner=make_partner(partner.program), amount=7, currency="USD", name="x", method="bank")  # fmt: skip
    given = {"kind": "payout", "cause": "payout", "conversion": None}
    refused(lambda: entry(partner, **given, amount=-7, payout=other), "is not the sum of its entries")
    refused(lambda: entry(partner, **given, amount=-1_500, payout=payout), "entry_pays_once")


def test_the_check_sees_what_the_database_let_through(partner, capsys) -> None:
    call_command("check_ledger")
    assert capsys.readouterr().out == "The ledger is sound: 4 entries of 1 partners, trial balance zero.\n"
    with connection.cursor() as cursor:
        cursor.execute("set session_replication_role = replica")  # no trigger looks
        cursor.execute("update referrals_ledgerline set amount = amount + 1 where book = 'cash'")
        cursor.execute("update referrals_balance set earned = earned + 1")
        cursor.execute("update referrals_payout set amount = amount + 1")
        cursor.execute("update referrals_conversion set commission = commission + 1, refunded = refunded + 1")
        cursor.execute("update referrals_ledgerentry set amount = -9999 where kind = 'reversal'")
        cursor.execute("set session_replication_role = origin")
    found = {finding.key: finding.count for finding in check_ledger()}
    assert found == {"trial_balance": 1, "entries_balance": 2, "payable": 1, "balances": 1, "payouts_add_up": 1, "reversals": 1, "refunds": 2, "commissions": 2}  # fmt: skip
    with pytest.raises(SystemExit) as ended:
        call_command("check_ledger")
    assert ended.value.code == 1
    assert "The trial balance is not zero in 1 currencies. (USD)" in capsys.readouterr().err
