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
from referrals.domain.codes import code_key
from referrals.domain.fraud import outcome
from referrals.enums import (
    Channel,
    CodeKind,
    FlagReason,
    ProgramKind,
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


LEAK_SALES = 3
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
        referral.flags, referral.review = [flag.value], outcome([flag])
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


# Who signed up these days and has not paid yet: what the rules found about each, and what is done about it.
FOUND = ("", FlagReason.SAME_IP, FlagReason.SELF, FlagReason.SAME_DEVICE, FlagReason.DISPOSABLE, FlagReason.SAME_DOMAIN, FlagReason.BY_HAND, "")  # fmt: skip


def make_leads(program: Program, partners: Sequence[Partner], now: datetime) -> None:
    """One of them tried to refer themselves; the others wait for somebody to look, or only for their first payment."""
    some = [partner for partner in partners if partner.approved_at and partner.approved_at < now - 20 * DAY]
    codes = {code.partner_id: code for code in Code.objects.filter(partner__in=some, kind=CodeKind.LINK)}
    rows = [
        _lead(partner, codes[partner.pk], number, FOUND[number], now)
        for number, partner in enumerate(some[: len(FOUND)])
    ]
    Referral.objects.bulk_create(rows)


def make_leak(partner: Partner, now: datetime) -> None:
    """A coupon that many used whom the partner never met."""
    coupon = Code.objects.create(
        partner=partner, kind=CodeKind.COUPON, code="TOOLSTACK20", key=code_key("TOOLSTACK20"), channel=Channel.COUPON,
        created_at=now - 90 * DAY,
    )  # fmt: skip
    rows = [_lead(partner, coupon, 20 + number, FlagReason.COUPON_LEAK, now) for number in range(LEAK_SALES)]
    for number, row in enumerate(rows):
        row.signed_up_at = row.recorded_at = now - (number + 1) * DAY / 2
        row.channel, row.coupon, row.clicked_before = Channel.COUPON, True, False
    Referral.objects.bulk_create(rows)


def _lead(partner: Partner, code: Code, number: int, flag: str, now: datetime) -> Referral:
    name = f"{words.GIVEN[number * 7 % len(words.GIVEN)]} {words.FAMILY[number * 11 % len(words.FAMILY)]}"
    domain = "throwaway.example" if flag == FlagReason.DISPOSABLE else f"lead-{number}.example"
    if flag == FlagReason.SAME_DOMAIN:
        domain = partner.email.rpartition("@")[2]
    email = partner.email if flag == FlagReason.SELF else f"{name.split(maxsplit=1)[0].lower()}@{domain}"
    at, found = now - (number + 1) * DAY, [FlagReason(flag)] if flag else []
    return Referral(
        program=partner.program, partner=partner, code=code, customer=f"lead-{number + 1}", name=name, email=email,
        source="demo", signed_up_at=at, recorded_at=at, flags=[one.value for one in found], review=outcome(found),
    )  # fmt: skip
