"""Rows that tests of the ledger stand on."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

from model_bakery import baker

from accounts.models import Account, Contact
from referrals.domain.conversions import Payment, record_conversion
from referrals.domain.refunds import GivenBack, record_refund
from referrals.enums import PartnerStatus, PayoutMethod, ProgramStatus
from referrals.models import Code, Conversion, LedgerEntry, Partner, Program, Referral, Refund

NOW = datetime(2026, 6, 5, 8, tzinfo=UTC)
_number = count(1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def make_program(**fields: Any) -> Program:
    """20 % for as long as they pay, nothing held, paid from the first cent."""
    given = {
        "slug": f"program-{next(_number)}", "name": "Friends", "status": ProgramStatus.RUNNING, "currency": "USD", "rate": 20,
        "months": None, "hold_days": 0, "min_payout": 0, "needs_onboarding": False, "landing_urls": ["https://tenure.example/"],
    } | fields  # fmt: skip
    return baker.make(Program, **given)


def make_partner(program: Program | None = None, name: str = "Pat", **fields: Any) -> Partner:
    number = next(_number)
    email = fields.pop("email", f"{name.lower()}{number}@partner.example")
    given = {
        "program": program or make_program(), "name": name, "email": email, "email_key": email.lower(),
        "status": PartnerStatus.APPROVED, "payout_method": PayoutMethod.BANK, "payout_details": {"iban": f"XX{number}"},
    } | fields  # fmt: skip
    partner = baker.make(Partner, **given)
    baker.make(Code, partner=partner, code=f"{name}{number}", key=f"{name}{number}".lower())
    return partner


def make_referral(partner: Partner, customer: str = "", **fields: Any) -> Referral:
    customer = customer or f"customer-{next(_number)}"
    given = {"signed_up_at": at("2026-01-01T00:00"), "code": partner.codes.first()} | fields
    return baker.make(Referral, program=partner.program, partner=partner, customer=customer, **given)


def make_account(external_id: str = "", **fields: Any) -> Account:
    external_id = external_id or f"account-{next(_number)}"
    return baker.make(Account, external_id=external_id, name=fields.pop("name", external_id.title()), **fields)


def make_contact(account: Account | None = None, **fields: Any) -> Contact:
    number = next(_number)
    given = {"name": f"Kim {number}", "email": f"kim{number}@{number}.example", "language": "en"} | fields
    return baker.make(Contact, account=account or make_account(), **given)


def pay(referral: Referral, gross: int, when: str = "2026-01-15T08:00", **fields: Any) -> Conversion:
    given = {"source": "stripe", "external_id": f"in-{next(_number)}"} | fields
    payment = Payment(referral.program, customer=referral.customer, occurred_at=at(when), gross=gross, **given)
    return record_conversion(payment, by="test")[0]


def earned(program: Program, name: str, *amounts: int, **fields: Any) -> Partner:
    """Whose referrals have paid five times that."""
    partner = make_partner(program, name, **fields)
    for amount in amounts:
        pay(make_referral(partner), amount * 5)
    return partner


def refund(conversion: Conversion, amount: int | None = None, when: str = "2026-01-20T08:00", **fields: Any) -> Refund:
    given = {
        "source": conversion.source,
        "external_id": f"re-{next(_number)}",
        "conversion": conversion.external_id,
    } | fields
    return record_refund(GivenBack(conversion.program, occurred_at=at(when), amount=amount, **given), by="test")[0]


def ledger(partner: Partner) -> list[tuple[str, int]]:
    return list(LedgerEntry.objects.filter(partner=partner).order_by("pk").values_list("kind", "amount"))
