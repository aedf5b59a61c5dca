"""Whom they brought: clicks, leads, customers."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
from django.db.models import QuerySet

from config.demo import words
from config.demo.referrals.common import DAY, MOST, Bound, noon
from config.demo.story import Customer
from onboarding.enums import ChecklistStatus
from onboarding.models import Checklist
from referrals.enums import (
    Channel,
    FlagReason,
    ProgramKind,
    Review,
)
from referrals.models import (
    Click,
    Code,
    Invitation,
    Partner,
    Program,
    Referral,
)

CHANNELS = (Channel.LINK, Channel.MAIL, Channel.SOCIAL, Channel.MESSENGER, Channel.QR, Channel.EVENT)


CHANNEL_SHARES = (0.4, 0.25, 0.15, 0.1, 0.06, 0.04)


def bind(
    program: Program, partners: Sequence[Partner], customers: Sequence[Customer], channel: str, rng: np.random.Generator,
    since: datetime, now: datetime,
) -> list[Bound]:  # fmt: skip
    """Customers who came by this channel since there is a program, each to somebody who was a partner by then."""
    came = [c for c in customers if c.channel == channel and since.date() < c.started_on <= now.date()][:MOST]
    done = dict(_finished([c.pk for c in came]))
    codes = {code.partner_id: code for code in Code.objects.filter(partner__program=program)}
    bound = []
    for customer in came:
        signed_up = noon(customer.started_on) - timedelta(hours=3)
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


def make_clicks(
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


def make_leads(program: Program, partners: Sequence[Partner], rng: np.random.Generator, now: datetime) -> None:
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
