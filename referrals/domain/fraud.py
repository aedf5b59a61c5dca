"""The rules against fraud (RULES 6, R8). Pure: what is known goes in, flags come out.

Denied is who refers themselves. Held is what looks like it; the money waits for a person's decision. Looked at is what
happens to honest people too: an office shares one network address."""

import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from referrals.domain.mail_domains import DISPOSABLE, FREE
from referrals.enums import FlagReason, Review

DENY = frozenset({FlagReason.SELF})
HOLD = frozenset(
    {
        FlagReason.SAME_DOMAIN,
        FlagReason.SAME_DEVICE,
        FlagReason.COUPON_LEAK,
        FlagReason.DISPOSABLE,
        FlagReason.BY_HAND,
    }
)
GOOGLE = {"gmail.com", "googlemail.com"}
LEAK_SALES, LEAK_PERCENT = 10, 80
CLICK_BEFORE_DAYS = 7  # a coupon sale without a click of so many days before may come from a site of coupons


class Seen(NamedTuple):
    """What is known of the one side, to be compared with the other: keyed hashes, where they are about machines."""

    email: str = ""
    domain: str = ""  # of the company, where it is known otherwise than by the address
    devices: frozenset[str] = frozenset()
    ips: frozenset[str] = frozenset()


def normalise(email: str) -> str:
    """One spelling for all those that reach one person."""
    local, _at, domain = unicodedata.normalize("NFKC", email).strip().lower().rpartition("@")
    domain = domain.rstrip(".")
    local = local.partition("+")[0]
    if domain in GOOGLE:
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}@{domain}"


def domain_of(email: str) -> str:
    return normalise(email).rpartition("@")[2]


def is_free(domain: str) -> bool:
    return domain in FREE


def is_disposable(domain: str) -> bool:
    """Also a host below one that is: they hand those out by the thousand."""
    labels = domain.split(".")
    return any(".".join(labels[start:]) in DISPOSABLE for start in range(len(labels) - 1))


def same_company(one: Seen, other: Seen) -> bool:
    """The whole domain, letter by letter: acme.io.evil.com is not acme.io's."""
    return bool(_domains(one) & _domains(other))


def _domains(seen: Seen) -> set[str]:
    found = {domain_of(seen.email) if "@" in seen.email else "", seen.domain.strip().lower().removeprefix("www.")}
    return {domain for domain in found if domain and not is_free(domain) and not is_disposable(domain)}


def flags(partner: Seen, customer: Seen) -> list[FlagReason]:
    """What speaks against the customer being somebody else than the partner who is credited; the worst first."""
    found = []
    if customer.email and partner.email and normalise(customer.email) == normalise(partner.email):
        found.append(FlagReason.SELF)
    if same_company(partner, customer):
        found.append(FlagReason.SAME_DOMAIN)
    if partner.devices & customer.devices:
        found.append(FlagReason.SAME_DEVICE)
    if "@" in customer.email and is_disposable(domain_of(customer.email)):
        found.append(FlagReason.DISPOSABLE)
    if partner.ips & customer.ips:
        found.append(FlagReason.SAME_IP)
    return found


def outcome(found: Iterable[str]) -> Review:
    """What is done about flags: the severest of them decides."""
    reasons = set(found)
    if reasons & DENY:
        return Review.DENIED
    if reasons & HOLD:
        return Review.HELD
    return Review.REVIEW if reasons else Review.CLEAR


def coupon_leaks(sales: int, without_click: int, *, least: int = LEAK_SALES, percent: int = LEAK_PERCENT) -> bool:
    """Many sales by coupon, and nearly none of those people has been at the partner's before."""
    return sales >= least and without_click * 100 >= percent * sales
