"""Files of referrals, payments and refunds: as row by row, in as many queries for fifty rows as for one."""

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.domain.imports.commanding import import_path
from accounts.domain.imports.running import Outcome
from accounts.models import Activity
from referrals.domain.bulk import paying, referring, refunding
from referrals.domain.checking import check_ledger
from referrals.enums import IncentiveKind, Review, TierMode
from referrals.models import Conversion, Incentive, LedgerEntry, Pause, Referral, Refund
from tests.accounts.imports.files import text_of, written
from tests.referrals.money import make_account, make_partner, make_program, make_referral

pytestmark = pytest.mark.django_db

PEOPLE = ["customer", "code", "coupon", "customer_name", "customer_email", "signed_up_at"]
PAID = ["charge_id", "customer", "amount", "tax", "currency", "paid_at"]
BACK = ["refund_id", "charge_id", "amount", "refunded_at"]
DAY = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def bring(tmp_path: Path):
    def bring(kind: str, header: list[str], rows: list[list[object]]) -> Outcome:
        return import_path(kind, written(tmp_path, "file.csv", text_of(header, rows)))[0]

    return bring


def company() -> None:
    """Programs with everything that makes a row depend on those before it."""
    capped = make_program(
        slug="capped", cap_customer=3_000, cap_month=9_000, months=3, referrer_gets=IncentiveKind.CASH,
        referrer_amount=500, friend_gets=IncentiveKind.PERCENT, friend_percent=10, friend_months=2,
        needs_onboarding=True, leak_sales=3, leak_percent=60,
    )  # fmt: skip
    tiers = [{"up_to": 2, "rate": "10"}, {"up_to": 4, "rate": "15"}, {"up_to": None, "rate": "25"}]
    tiered = make_program(slug="tiered", tiers=tiers, tier_mode=TierMode.MARGINAL, friend_gets=IncentiveKind.CREDIT, friend_amount=700)  # fmt: skip
    back = make_program(slug="back", tiers=tiers, tier_mode=TierMode.RETROACTIVE)
    for number, program in enumerate([capped, capped, tiered, back]):
        partner = make_partner(program, f"P{number}", email=f"p{number}@p{number}.example", account=make_account(f"partner-{number}"))  # fmt: skip
        partner.codes.update(code=f"CODE{number}", key=f"code{number}")
    Pause.objects.create(partner=partner, since=DAY + timedelta(days=20), until=DAY + timedelta(days=30))
    for number in range(0, 12, 2):
        make_account(f"c{number}", domain=f"p{number % 5}.example")
    old = make_referral(Referral._meta.get_field("partner").related_model.objects.first(), "c99")
    Referral.objects.filter(pk=old.pk).update(review=Review.DENIED)


def files(seed: int) -> tuple[list[list[object]], list[list[object]], list[list[object]]]:
    pick = random.Random(seed)
    people = [
        [f"c{pick.randrange(10)}", code if pick.random() < 0.6 else "", code if pick.random() < 0.5 else "",
         pick.choice(["", "Somebody"]), pick.choice(["", f"x@p{pick.randrange(4)}.example"]), DAY + timedelta(days=pick.randrange(9))]
        for code in (f"code{pick.randrange(5)}" for _row in range(28))
    ]  # fmt: skip
    paid = [
        [f"ch{pick.randrange(50)}-{n}", f"c{pick.randrange(11) if n else 99}", Decimal(pick.randrange(0, 9_000)) / 100,
         pick.choice(["", "1"]), pick.choice(["", "USD", "USD", "NOK"]), DAY + timedelta(days=pick.randrange(100))]
        for n in range(40)
    ]  # fmt: skip
    charges = [row[0] for row in paid]
    back = [
        [
            f"re{n}",
            pick.choice([*charges, "ch-none"]),
            pick.choice(["", "1", "5", "0.5"]),
            DAY + timedelta(days=110 + n),
        ]
        for n in range(28)
    ]
    return people, paid, back


def told() -> dict[str, list]:
    """Everything that was written, without the numbers of rows."""
    return {
        "referrals": list(
            Referral.objects.order_by("program__slug", "customer").values_list(
                "program__slug", "customer", "partner__name", "code__key", "account__external_id", "name", "email", "coupon",
                "review", "flags", "held", "status", "paid_at", "first_commission_on", "signed_up_at",
            )
        ),
        "payments": list(
            Conversion.objects.order_by("external_id", "program__slug").values_list(
                "external_id", "program__slug", "referral__customer", "net", "base", "commission", "why", "refunded"
            )
        ),
        "refunds": list(Refund.objects.order_by("external_id", "program__slug").values_list("external_id", "program__slug", "status", "amount", "note")),
        "ledger": sorted(LedgerEntry.objects.values_list("partner__name", "kind", "cause", "amount", "occurred_at", "available_at", "conversion__external_id", "refund__external_id"), key=str),
        "incentives": sorted(Incentive.objects.values_list("referral__customer", "side", "kind", "amount", "percent", "status"), key=str),
        "activities": sorted(Activity.objects.values_list("account__external_id", "kind"), key=str),
        "wrong": [check_ledger()],
    }  # fmt: skip


def one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The verbs of one row, as for a batch that met somebody else's."""

    def refer_many(rows, ask, read, *, by=None):
        return [referring._one_by_one(row, ask, read, by) for row in rows]

    monkeypatch.setattr("referrals.domain.importing.refer_many", refer_many)
    monkeypatch.setattr(paying, "_record_plain", lambda rows, by: [paying._one_by_one(row, by) for row in rows])
    monkeypatch.setattr("referrals.domain.importing.record_refunds", lambda rows, *, by: [refunding._one_by_one(row, by) for row in rows])  # fmt: skip


def brought(bring, seed: int) -> tuple[list, dict[str, list]]:
    company()
    people, paid, back = files(seed)
    early = back[:5]  # these come before their payments
    outcomes = [bring("referrals", PEOPLE, people), bring("refunds", BACK, early), bring("conversions", PAID, paid), bring("refunds", BACK, back)]  # fmt: skip
    return [(o.created, o.unchanged, o.refusals) for o in outcomes], told()


def test_a_batch_ends_as_row_by_row(bring, monkeypatch):
    seed = 7  # has caps, refusals, payments before the sign-up and what is held
    with transaction.atomic():
        batched = brought(bring, seed)
        transaction.set_rollback(True)
    one_at_a_time(monkeypatch)
    plain = brought(bring, seed)
    assert batched[0] == plain[0]
    for what in plain[1]:
        assert batched[1][what] == plain[1][what]
    assert plain[1]["wrong"] == [[]]
    assert len(plain[1]["ledger"]) > 10


def queries_for(number: int, bring, kind: str, header: list[str], row) -> int:
    with CaptureQueriesContext(connection) as queries:
        outcome = bring(kind, header, [row(f"{number}-{n}") for n in range(number)])
    assert outcome.created == number, outcome
    return len(queries)


def test_as_many_queries_for_fifty_rows_as_for_one(bring):
    program = make_program(slug="friends", friend_gets=IncentiveKind.CREDIT, friend_amount=700, cap_customer=10_000)
    partner = make_partner(program, account=make_account("partner"))
    code = partner.codes.get().code
    counted = {
        "referrals": (PEOPLE, lambda n: [f"c{n}", code, "", "Somebody", f"x@{n}.example", DAY]),
        "conversions": (PAID, lambda n: [f"ch{n}", f"c{n}", "100", "", "", DAY + timedelta(days=1)]),
        "refunds": (BACK, lambda n: [f"re{n}", f"ch{n}", "5", DAY + timedelta(days=2)]),
    }
    for kind, (header, row) in counted.items():
        queries_for(2, bring, kind, header, row)  # what is asked once in a process
        few, many = (queries_for(number, bring, kind, header, row) for number in (1, 50))
        assert few == many, kind
