"""Referrals, payments and refunds from files."""

from pathlib import Path

import pytest

from accounts.domain.imports.commanding import import_path
from accounts.domain.imports.running import Outcome
from referrals.domain.checking import check_ledger
from referrals.models import Conversion, Referral, Refund
from tests.accounts.imports.files import text_of, written
from tests.referrals.money import ledger, make_account, make_partner, make_program

pytestmark = pytest.mark.django_db


@pytest.fixture
def bring(tmp_path: Path):
    def bring(kind: str, header: list[str], *rows: list[object]) -> tuple[Outcome, str]:
        outcome, refused = import_path(kind, written(tmp_path, "file.csv", text_of(header, rows)))
        return outcome, refused if isinstance(refused, str) else "\n".join(map(str, refused))

    return bring


def counts(outcome: Outcome) -> tuple[int, int, int]:
    return outcome.created, outcome.unchanged, outcome.refused


def test_files_of_a_program_one_after_the_other_and_again(bring) -> None:
    program = make_program(slug="friends")
    ann, ben = make_partner(program, "Ann", email="ann@x.example"), make_partner(program, "Ben")
    acme = make_account("acme")
    people = ["customer", "referral_code", "referrer_email", "customer_name", "signed_up_at"]
    rows = [
        ["acme", ben.codes.get().code.upper(), "", "Acme Ltd", "2026-01-02 10:00"],
        ["lead-1", "", "Ann@x.example", "", "2026-01-03 10:00"],
        ["lead-2", "nobody", "", "", "2026-01-03 10:00"],
        ["lead-3", "", "stranger@x.example", "", "2026-01-03 10:00"],
        ["lead-4", "", "", "", "2026-01-03 10:00"],
    ]
    payments = ["charge_id", "customer", "amount", "tax", "currency", "paid_at"]
    paid = [
        ["ch_1", "acme", "120.00", "20", "USD", "2026-01-05"],
        ["ch_2", "lead-1", "50", "", "", "2026-01-06"],
        ["ch_3", "nobody", "50", "", "", "2026-01-06"],
        ["ch_4", "acme", "0.001", "", "", "2026-01-06"],
        ["ch_5", "acme", "10", "", "EUR", "2026-01-06"],
    ]
    back = ["refund_id", "charge_id", "amount", "refunded_at"]
    returned = [["re_1", "ch_1", "50", "2026-01-09"], ["re_2", "ch_2", "", "2026-01-09"], ["re_3", "ch_2", "1", "2026-01-10"], ["re_4", "ch_9", "1", "2026-01-10"]]  # fmt: skip

    assert counts(bring("referrals", people, *rows)[0]) == (2, 0, 3)
    assert counts(bring("conversions", payments, *paid)[0]) == (2, 0, 3)
    assert counts(bring("refunds", back, *returned)[0]) == (3, 0, 1)
    again = [
        bring("referrals", people, *rows),
        bring("conversions", payments, *paid),
        bring("refunds", back, *returned),
    ]
    assert [counts(outcome) for outcome, _refused in again] == [(0, 2, 3), (0, 2, 3), (0, 3, 1)]

    assert list(Referral.objects.order_by("pk").values_list("customer", "partner", "account", "name")) == [
        ("acme", ben.pk, acme.pk, "Acme Ltd"), ("lead-1", ann.pk, None, ""),
    ]  # fmt: skip
    assert ledger(ben) == [("accrual", 2_000), ("reversal", -1_000)]
    assert ledger(ann) == [("accrual", 1_000), ("reversal", -1_000)]
    assert set(Conversion.objects.values_list("source", flat=True)) == {"file"}
    assert list(Refund.objects.order_by("pk").values_list("status", flat=True)) == ["applied", "applied", "waiting"]
    assert check_ledger() == []
