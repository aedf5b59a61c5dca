"""Who refers: customers who are fond of it, and people who make a living of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np

from accounts.models import Contact, User
from config.demo.book import contacts_of
from config.demo.referrals.common import DAY, MOST, noon
from config.demo.story import Customer
from referrals.domain.codes import code_key
from referrals.domain.fraud import normalise
from referrals.domain.terms import current_terms
from referrals.enums import (
    CodeKind,
    PartnerStatus,
    PayoutMethod,
)
from referrals.models import (
    Acceptance,
    Code,
    Partner,
    Pause,
    Program,
)

AFFILIATES = (
    ("Growth Almanac", "almanac", "approved"), ("Nordic SaaS Review", "nordicsaas", "approved"), ("Ops Weekly", "opsweekly", "approved"),
    ("Studio Berger", "berger", "approved"), ("Les Outils du Dirigeant", "outils", "approved"), ("Cloud Carpați", "carpati", "approved"),
    ("Tool Stack Daily", "toolstack", "approved"), ("Brightside Consulting", "brightside", "approved"), ("The Retention Letter", "retention", "paused"),
    ("Coupon Harbour", "couponharbour", "refused"), ("Praxis Partners", "praxis", "applied"), ("Miro Dobre", "mirodobre", "applied"),
)  # fmt: skip

# Nearly everybody has said how they are paid; somebody has not, and their money carries over.
TOLD_HOW, SILENT = 0.96, "Cloud Carpați"
LEAKY = "Tool Stack Daily"  # its coupon stands on a site for coupons


def make_champions(
    program: Program, customers: Sequence[Customer], rng: np.random.Generator, since: datetime
) -> list[Partner]:
    """People of customers who like it, one of eight."""
    contacts, happy = (
        contacts_of(),
        [c for c in customers if c.mood in {"thriving", "steady", "noisy"} and not c.is_new],
    )
    chosen = [c for c in happy if contacts.get(c.pk) and c.number % 4 == 1][: MOST // 3]
    people = Contact.objects.in_bulk([contacts[c.pk][0] for c in chosen])
    rows = []
    for customer in chosen:
        contact = people[contacts[customer.pk][0]]
        joined = max(since, noon(customer.started_on) + 90 * DAY) + int(rng.integers(120)) * DAY
        rows.append(
            _partner(program, str(contact), contact.email, joined, rng, contact=contact, account_id=customer.pk)
        )
    return _stored(rows)


def make_promoters(program: Program, admin: User, rng: np.random.Generator, since: datetime) -> list[Partner]:
    rows = [
        _partner(
            program, name, f"hello@{key}.example", since + int(rng.integers(60)) * DAY, rng, status=status, company=name,
            website=f"https://{key}.example", answers={"audience": "Teams of 10 to 200 people who choose their tools themselves."},
            refusal="Coupons on coupon sites bring nobody who would not have come anyway." if status == "refused" else "",
            decided_by=None if status == "applied" else admin,
        )
        for name, key, status in AFFILIATES
    ]  # fmt: skip
    stored = _stored(rows)
    Pause.objects.bulk_create(
        Pause(partner=row, since=since + 200 * DAY, reason="Newsletter rests this season.")
        for row in stored
        if row.status == PartnerStatus.PAUSED
    )
    return [row for row in stored if row.approved_at]


def _partner(
    program: Program, name: str, email: str, joined: datetime, rng: np.random.Generator, **fields: Any
) -> Partner:
    status = PartnerStatus(fields.pop("status", PartnerStatus.APPROVED))
    active = status in {PartnerStatus.APPROVED, PartnerStatus.PAUSED}
    method = PayoutMethod.BANK if active and rng.random() < TOLD_HOW and name != SILENT else ""
    iban = f"FR76{int(rng.integers(10**14, 10**15))}"
    return Partner(
        program=program, name=name, email=email, email_key=normalise(email), status=status, applied_at=joined,
        approved_at=joined + DAY if active else None, refused_at=joined + DAY if status == PartnerStatus.REFUSED else None,
        payout_method=method, payout_details={"name": name, "iban": iban} if method else {}, created_at=joined, language="en", **fields,
    )  # fmt: skip


def _stored(rows: list[Partner]) -> list[Partner]:
    Partner.objects.bulk_create(rows, batch_size=2000)
    active = [row for row in rows if row.approved_at]
    codes = [_code(row, number, _joined(row)) for number, row in enumerate(active)]
    Code.objects.bulk_create(codes, batch_size=2000)
    terms = {row.program_id: current_terms(row.program) for row in active[:1]}
    Acceptance.objects.bulk_create(
        [
            Acceptance(partner=row, terms=terms[row.program_id], accepted_at=_joined(row), language="en")
            for row in active
        ],
        batch_size=2000,
    )
    return rows


def _joined(row: Partner) -> datetime:
    return row.approved_at or row.created_at


def _code(row: Partner, number: int, at: datetime) -> Code:
    plain = row.name.split()[0].lower().strip("=@")
    code = f"{plain}-{row.program.slug[:1]}{number + 1}"
    return Code(partner=row, kind=CodeKind.LINK, code=code, key=code_key(code), created_at=at)
