"""Who brought whom: a program for customers and one for affiliates, clicks, sign-ups, what was paid, earned and paid out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
from django.db.models import QuerySet

from accounts.domain.activity import Fact, record_facts
from accounts.models import Activity, Contact, User
from config.demo import words
from config.demo.book import contacts_of
from config.demo.story import Customer
from health.enums import InvoiceStatus
from health.models import Invoice
from onboarding.enums import ChecklistStatus
from onboarding.models import Checklist
from referrals.domain import commission, payouts
from referrals.domain.arithmetic import available_from
from referrals.domain.clawback import sweep_clawbacks
from referrals.domain.codes import code_key
from referrals.domain.entries import reverse_for
from referrals.domain.fraud import normalise
from referrals.domain.holding import refresh_held
from referrals.domain.programs import open_program, save_program
from referrals.domain.telling import told
from referrals.domain.terms import current_terms, publish_terms
from referrals.enums import (
    Channel,
    CodeKind,
    EntryCause,
    EntryKind,
    FlagReason,
    IncentiveKind,
    MaterialKind,
    PartnerStatus,
    PayoutMethod,
    ProgramKind,
    ReferralStatus,
    RefundStatus,
    Review,
    Side,
)
from referrals.models import (
    Acceptance,
    Click,
    Code,
    Conversion,
    Incentive,
    Invitation,
    LedgerEntry,
    Material,
    Partner,
    Pause,
    Payout,
    Program,
    Referral,
    Refund,
)

MOST = 3000  # referred customers: more of the same tells nothing
TOLD = timedelta(days=21)
LANDING = "https://www.tenure.example/welcome"
AFFILIATES = (
    ("Growth Almanac", "almanac", "approved"), ("Nordic SaaS Review", "nordicsaas", "approved"), ("Ops Weekly", "opsweekly", "approved"),
    ("Studio Berger", "berger", "approved"), ("Les Outils du Dirigeant", "outils", "approved"), ("Cloud Carpați", "carpati", "approved"),
    ("Tool Stack Daily", "toolstack", "approved"), ("Brightside Consulting", "brightside", "approved"), ("The Retention Letter", "retention", "paused"),
    ("Coupon Harbour", "couponharbour", "refused"), ("Praxis Partners", "praxis", "applied"), ("Miro Dobre", "mirodobre", "applied"),
)  # fmt: skip
CHANNELS = (Channel.LINK, Channel.MAIL, Channel.SOCIAL, Channel.MESSENGER, Channel.QR, Channel.EVENT)
CHANNEL_SHARES = (0.4, 0.25, 0.15, 0.1, 0.06, 0.04)
REFUNDED = 0.015  # of payments, in part or as a whole
DAY = timedelta(days=1)


@dataclass
class Bound:
    """A customer and the referral that brought it."""

    customer: Customer
    referral: Referral


def bring_partners(
    customers: Sequence[Customer], people: dict[str, User], rng: np.random.Generator, now: datetime, days: int
) -> None:
    """After invoices, answers and onboarding: what was earned follows from them."""
    since = now - timedelta(days=min(days - 30, 540))
    friends, affiliates = _friends(since, people["admin"]), _affiliates(since, people["admin"])
    referrers = _champions(friends, customers, rng, since)
    promoters = _promoters(affiliates, people["admin"], rng, since)
    bound = _bind(friends, referrers, customers, "Referral", rng, since, now)
    bound += _bind(affiliates, promoters, customers, "Partners", rng, since, now)
    _clicks([*referrers, *promoters], bound, rng, since, now)
    _pay(bound, rng, now)
    _leads(friends, referrers, rng, now)
    refresh_held(Referral.objects.values_list("pk", flat=True), by="Demo")
    sweep_clawbacks(MOST)
    _pay_out([friends, affiliates], people["admin"], since, now)
    _tell(bound, now)


# The programs ------------------------------------------------------------------------------------------------------


def _friends(since: datetime, admin: User) -> Program:
    program = save_program(
        Program(
            slug="friends", name="Tenure friends", currency="USD", kind=ProgramKind.CUSTOMER, rate=10, months=12,
            referrer_gets=IncentiveKind.CREDIT, referrer_amount=10_000, friend_gets=IncentiveKind.PERCENT, friend_percent=20,
            friend_months=3, min_payout=5_000, landing_urls=[LANDING], channels=[c.value for c in CHANNELS],
            texts={
                "en": {"headline": "Recommend us, and both of you get something", "about": "Who comes by your link pays a fifth less for three months. You get a tenth of what they pay in their first year, and a credit."},
                "fr": {"headline": "Recommandez-nous, vous y gagnez tous les deux", "about": "Qui vient par votre lien paie un cinquième de moins pendant trois mois. Vous recevez un dixième de ses paiements de la première année, et un avoir."},
                "ro": {"headline": "Recomandați-ne și câștigați amândoi", "about": "Cine vine prin linkul dumneavoastră plătește cu o cincime mai puțin trei luni. Primiți o zecime din plățile din primul an și un credit."},
            },
        )
    )  # fmt: skip
    return _opened(program, since, admin)


def _affiliates(since: datetime, admin: User) -> Program:
    program = save_program(
        Program(
            slug="partners", name="Tenure partners", currency="USD", kind=ProgramKind.AFFILIATE, rate=15, months=12,
            tiers=[{"up_to": 5, "rate": "15"}, {"up_to": 20, "rate": "20"}, {"up_to": None, "rate": "25"}],
            open_to_apply=True, cap_customer=500_000, landing_urls=[LANDING, f"{LANDING}/teams"], min_payout=10_000,
            needs_onboarding=False, channels=[c.value for c in CHANNELS],
            questions=[{"key": "audience", "text": {"en": "Whom do you reach?", "fr": "Qui touchez-vous ?", "ro": "La cine ajungeți?"}, "kind": "text", "required": True}],
            texts={
                "en": {"headline": "Earn with what you recommend", "about": "15 to 25 % of what your customers pay in their first year, paid every month."},
                "fr": {"headline": "Gagnez avec ce que vous recommandez", "about": "15 à 25 % des paiements de vos clients pendant un an, versés chaque mois."},
                "ro": {"headline": "Câștigați din ce recomandați", "about": "15–25 % din plățile clienților în primul an, plătite lunar."},
            },
        )
    )  # fmt: skip
    return _opened(program, since, admin)


def _opened(program: Program, since: datetime, admin: User) -> Program:
    text = "1. Tell the truth about the product.\n2. Do not advertise with our name.\n3. Commissions become available 30 days after the payment."
    publish_terms(program, {"en": text}, since.date(), by=admin)
    open_program(program, by=admin)
    Program.objects.filter(pk=program.pk).update(created_at=since)
    _material(program)
    return program


def _material(program: Program) -> None:
    bodies = {
        "en": "We have worked with Tenure for a year. If you want to know how we use it, ask me. {link}",
        "fr": "Nous travaillons avec Tenure depuis un an. Si vous voulez savoir comment, demandez-moi. {link}",
        "ro": "Lucrăm cu Tenure de un an. Dacă vreți să știți cum, întrebați-mă. {link}",
    }
    rows = [
        Material(program=program, kind=MaterialKind.TEXT, channel=channel, language=language, title=title, body=body, position=position)
        for position, (channel, title) in enumerate([(Channel.MAIL, "A short mail"), (Channel.SOCIAL, "A post")])
        for language, body in bodies.items()
    ]  # fmt: skip
    rows.append(
        Material(
            program=program, kind=MaterialKind.LINK, channel=Channel.LINK, title="Start page", url=LANDING, position=9
        )
    )
    Material.objects.bulk_create(rows)


# Partners ----------------------------------------------------------------------------------------------------------


def _champions(
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
        joined = max(since, _noon(customer.started_on) + 90 * DAY) + int(rng.integers(120)) * DAY
        rows.append(
            _partner(program, str(contact), contact.email, joined, rng, contact=contact, account_id=customer.pk)
        )
    return _stored(rows)


def _promoters(program: Program, admin: User, rng: np.random.Generator, since: datetime) -> list[Partner]:
    rows = [
        _partner(
            program, name, f"hello@{key}.example", since + int(rng.integers(60)) * DAY, rng, status=status, company=name,
            website=f"https://{key}.example", answers={"audience": "Teams of 10 to 200 people who choose their tools themselves."},
            refusal="Coupons on coupon sites bring nobody who would not have come anyway." if status == "refused" else "", decided_by=admin,
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
    method = PayoutMethod.BANK if active and rng.random() < 0.85 else ""
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


# Whom they brought ---------------------------------------------------------------------------------------------------


def _bind(
    program: Program, partners: Sequence[Partner], customers: Sequence[Customer], channel: str, rng: np.random.Generator,
    since: datetime, now: datetime,
) -> list[Bound]:  # fmt: skip
    """Customers who came by this channel since there is a program, each to somebody who was a partner by then."""
    came = [c for c in customers if c.channel == channel and since.date() < c.started_on <= now.date()][:MOST]
    done = dict(_finished([c.pk for c in came]))
    codes = {code.partner_id: code for code in Code.objects.filter(partner__program=program)}
    bound = []
    for customer in came:
        signed_up = _noon(customer.started_on) - timedelta(hours=3)
        able = [p for p in partners if p.approved_at and p.approved_at < signed_up and p.account_id != customer.pk]
        if program.kind == ProgramKind.AFFILIATE:
            able = able[: 3 + len(able) // 2]  # a few bring most
        if able:
            bound.append(_bound(customer, able[int(rng.integers(len(able)))], codes, signed_up, done, rng))
    Referral.objects.bulk_create([row.referral for row in bound], batch_size=2000)
    return bound


def _finished(accounts: Sequence[int]) -> QuerySet:
    rows = Checklist.objects.filter(account__in=accounts, status=ChecklistStatus.FINISHED)
    return rows.order_by("finished_at").values_list("account_id", "finished_at")


def _bound(
    customer: Customer, partner: Partner, codes: dict[int, Code], signed_up: datetime, done: dict[int, datetime],
    rng: np.random.Generator,
) -> Bound:  # fmt: skip
    channel = Channel(str(rng.choice([c.value for c in CHANNELS], p=CHANNEL_SHARES)))
    referral = Referral(
        program=partner.program, partner=partner, code=codes[partner.pk], customer=customer.external_id, account_id=customer.pk,
        name=customer.name, email=f"office@{customer.domain}", channel=channel, source="demo", signed_up_at=signed_up,
        recorded_at=signed_up, onboarded_at=done.get(customer.pk),
    )  # fmt: skip
    if rng.random() < 0.06:
        flag = FlagReason(str(rng.choice(["same_ip", "same_device", "same_domain"])))
        referral.flags = [flag.value]
        referral.review = Review.REVIEW if flag == FlagReason.SAME_IP else Review.HELD
        if flag == FlagReason.SAME_DOMAIN:
            referral.email = f"office@{partner.email.rpartition('@')[2]}"
    return Bound(customer, referral)


def _clicks(
    partners: Sequence[Partner], bound: Sequence[Bound], rng: np.random.Generator, since: datetime, now: datetime
) -> None:
    """Of a few dozen clicks one becomes a customer."""
    codes = {code.partner_id: code for code in Code.objects.filter(partner__in=partners)}
    rows = [
        _click(codes[b.referral.partner_id], b.referral.signed_up_at - int(rng.integers(1, 30)) * DAY, rng)
        for b in bound
    ]
    for partner in partners:
        count = int(rng.poisson(60 if partner.account_id is None else 9))
        span = max(1, int((now - (partner.approved_at or since)).total_seconds()))
        rows += [
            _click(codes[partner.pk], now - timedelta(seconds=int(rng.integers(span))), rng)
            for _click_no in range(count)
        ]
    Click.objects.bulk_create(rows, batch_size=5000)
    invitations = [
        Invitation(partner=partner, channel=Channel.MAIL, address_digest=rng.bytes(16).hex(), sent_at=partner.approved_at + int(rng.integers(1, 60)) * DAY)
        for partner in partners
        if partner.approved_at
        for _number in range(int(rng.poisson(3)))
    ]  # fmt: skip
    Invitation.objects.bulk_create([row for row in invitations if row.sent_at <= now], batch_size=5000)


def _click(code: Code, at: datetime, rng: np.random.Generator) -> Click:
    channel = Channel(str(rng.choice([c.value for c in CHANNELS], p=CHANNEL_SHARES)))
    return Click(
        code=code,
        partner_id=code.partner_id,
        key=rng.bytes(12).hex(),
        visitor=rng.bytes(12).hex(),
        occurred_at=at,
        channel=channel,
    )


def _leads(program: Program, partners: Sequence[Partner], rng: np.random.Generator, now: datetime) -> None:
    """Who signed up these days and has not paid yet; one of them tried to refer themselves."""
    some = [partner for partner in partners if partner.approved_at and partner.approved_at < now - 20 * DAY][:6]
    codes = {code.partner_id: code for code in Code.objects.filter(partner__in=some)}
    rows = []
    for number, partner in enumerate(some):
        name = f"{words.GIVEN[number * 7 % len(words.GIVEN)]} {words.FAMILY[number * 11 % len(words.FAMILY)]}"
        email = partner.email if number == 2 else f"{name.split(maxsplit=1)[0].lower()}@lead-{number}.example"
        found = [FlagReason.SELF.value] if number == 2 else [FlagReason.DISPOSABLE.value] if number == 4 else []
        review = {2: Review.DENIED, 4: Review.HELD}.get(number, Review.CLEAR)
        rows.append(Referral(
            program=program, partner=partner, code=codes[partner.pk], customer=f"lead-{number + 1}", name=name, email=email,
            source="demo", signed_up_at=now - (number + 1) * DAY, recorded_at=now - (number + 1) * DAY, flags=found, review=review,
        ))  # fmt: skip
    Referral.objects.bulk_create(rows)


# What they paid, and what it earned -------------------------------------------------------------------------------------


def _pay(bound: Sequence[Bound], rng: np.random.Generator, now: datetime) -> None:
    """A conversion for each paid invoice, its commission, some refunds, and what both sides got besides."""
    paid = _payments([b.customer.pk for b in bound], now)
    nth: dict[int, int] = {}
    conversions: list[Conversion] = []
    for row in sorted(bound, key=lambda b: b.referral.signed_up_at):
        theirs = paid.get(row.customer.pk, [])
        if theirs:
            nth[row.referral.partner_id] = nth.get(row.referral.partner_id, 0) + 1
        conversions += _conversions(row, theirs, nth.get(row.referral.partner_id, 1))
    changed = [b.referral for b in bound if b.referral.paid_at]
    Referral.objects.bulk_update(changed, ["paid_at", "status", "first_commission_on"], batch_size=2000)
    Conversion.objects.bulk_create(conversions, batch_size=5000)
    earned = [_accrual(row) for row in conversions if row.commission]
    LedgerEntry.objects.bulk_create(earned, batch_size=5000)
    _refund([row for row in conversions if rng.random() < REFUNDED], rng, now)
    _reward([b.referral for b in bound], now)


def _payments(accounts: Sequence[int], now: datetime) -> dict[int, list[tuple[str, date, int]]]:
    rows = Invoice.objects.filter(
        account__in=accounts, status=InvoiceStatus.PAID, currency="USD", paid_on__lt=now.date()
    )
    found: dict[int, list[tuple[str, date, int]]] = {}
    columns = ("account", "external_id", "paid_on", "amount")
    for account, number, day, amount in rows.order_by("account", "paid_on").values_list(*columns):
        if day:
            found.setdefault(account, []).append((number, day, int(amount * 100)))
    return found


def _conversions(row: Bound, paid: Sequence[tuple[str, date, int]], nth: int) -> Iterator[Conversion]:
    referral, program = row.referral, row.referral.program
    rate = commission.rate_of(commission.Tier.read(program.tiers), nth, program.rate)
    earned = 0
    for external_id, day, amount in paid:
        if not amount or _noon(day) < referral.signed_up_at:
            continue
        if referral.paid_at is None:
            referral.paid_at, referral.status, referral.first_commission_on = _noon(day), ReferralStatus.CUSTOMER, day
        share = commission.rounded(commission.share(amount, rate))
        share = commission.capped(share, earned, program.cap_customer)
        late = not commission.still_earns(day, referral.first_commission_on, program.months)
        share, why = (0, "period_over") if late else (share, "" if share else "cap_customer")
        earned += share
        yield Conversion(
            program=program, source="demo", external_id=external_id, referral=referral, partner=referral.partner,
            occurred_at=_noon(day), recorded_at=_noon(day), currency="USD", gross=amount, net=amount, base=amount,
            commission=share, why=why,
        )  # fmt: skip


def _accrual(row: Conversion) -> LedgerEntry:
    return LedgerEntry(
        partner_id=row.partner_id, kind=EntryKind.ACCRUAL, cause=EntryCause.COMMISSION, amount=row.commission, currency="USD",
        occurred_at=row.occurred_at, available_at=available_from(row.occurred_at, row.program.hold_days), recorded_at=row.occurred_at,
        referral_id=row.referral_id, conversion=row, actor="API: shop",
    )  # fmt: skip


def _refund(rows: Sequence[Conversion], rng: np.random.Generator, now: datetime) -> None:
    for row in rows[:200]:
        at = row.occurred_at + int(rng.integers(2, 25)) * DAY
        if at > now:
            continue
        amount = row.net if rng.random() < 0.5 else row.net // 3 or 1
        refund = Refund.objects.create(
            program=row.program, source="demo", external_id=f"refund-{row.pk}", conversion_external_id=row.external_id, conversion=row,
            occurred_at=at, recorded_at=at, amount=amount, status=RefundStatus.APPLIED,
        )  # fmt: skip
        row.refunded = amount
        row.save(update_fields=["refunded"])
        reverse_for(refund, row, "API: shop")


def _reward(referrals: Sequence[Referral], now: datetime) -> None:
    """Who is referred pays less from the start; who refers gets a credit with the first payment."""
    rows = []
    for r in referrals:
        program = r.program
        if program.friend_gets == IncentiveKind.PERCENT:
            rows.append(Incentive(
                referral=r, side=Side.FRIEND, kind=IncentiveKind.PERCENT, account_id=r.account_id, currency="USD",
                percent=program.friend_percent, months=program.friend_months, granted_at=r.signed_up_at,
            ))  # fmt: skip
        if program.referrer_gets == IncentiveKind.CREDIT and r.paid_at:
            rows.append(Incentive(
                referral=r, side=Side.REFERRER, kind=IncentiveKind.CREDIT, account_id=r.partner.account_id, currency="USD",
                amount=program.referrer_amount, granted_at=r.paid_at, **({"status": "used", "used_at": r.paid_at + 30 * DAY} if r.paid_at < now - 60 * DAY else {}),
            ))  # fmt: skip
    Incentive.objects.bulk_create(rows, batch_size=5000)


def _pay_out(programs: Sequence[Program], admin: User, since: datetime, now: datetime) -> None:
    """On the fifth of each month; of the last batch some still wait, and one came back."""
    days = [now - timedelta(days=30 * age) for age in range(int((now - since).days / 30), -1, -1)]
    for program in programs:
        batches = [batch for day in days if (batch := payouts.make_batch(program, by=admin, at=day))]
        for batch in batches[:-1]:
            payouts.mark_paid(batch.payouts.all(), reference=f"SEPA {batch.as_of:%Y-%m}", by=admin)
        for batch in batches:
            type(batch).objects.filter(pk=batch.pk).update(created_at=batch.as_of)
            Payout.objects.filter(batch=batch, paid_at__isnull=False).update(paid_at=batch.as_of + 2 * DAY)
        if batches and (row := batches[-1].payouts.order_by("amount").first()):
            payouts.mark_failed(row, "The account does not exist.", by=admin)


# Timelines ---------------------------------------------------------------------------------------------------------------


def _tell(bound: Sequence[Bound], now: datetime) -> None:
    record_facts(_facts(bound), by="Demo")
    news = Activity.objects.filter(dispatched_at=None, occurred_at__lt=now - TOLD)
    news.filter(kind__startswith="referral.").update(dispatched_at=now)


def _facts(bound: Sequence[Bound]) -> Iterator[Fact]:
    for row in bound:
        referral, facts = row.referral, told(row.referral)
        yield Fact(row.customer.pk, "referral.bound", facts, referral.signed_up_at)
        if referral.partner.account_id:
            yield Fact(referral.partner.account_id, "referral.signed_up", facts, referral.signed_up_at)
            if referral.paid_at:
                yield Fact(referral.partner.account_id, "referral.converted", facts, referral.paid_at)


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)
