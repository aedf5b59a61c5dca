"""The referrals of the demo company, from its programs to the payouts."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np

from accounts.models import User
from config.demo.referrals.books import keep_books
from config.demo.referrals.bringing import bind, make_clicks, make_leads, make_leak
from config.demo.referrals.common import MOST
from config.demo.referrals.partners import LEAKY, make_champions, make_promoters
from config.demo.referrals.paying import pay
from config.demo.referrals.programs import affiliate_program, friends_program
from config.demo.referrals.telling import tell_all
from config.demo.story import Customer
from referrals.domain.clawback import sweep_clawbacks
from referrals.domain.holding import refresh_held
from referrals.models import (
    Referral,
)


def bring_partners(
    customers: Sequence[Customer], people: dict[str, User], rng: np.random.Generator, now: datetime, days: int
) -> None:
    """After invoices, answers and onboarding: what was earned follows from them."""
    since = now - timedelta(days=min(days - 30, 540))
    friends, affiliates = friends_program(since, people["admin"]), affiliate_program(since, people["admin"])
    referrers = make_champions(friends, customers, rng, since)
    promoters = make_promoters(affiliates, people["admin"], rng, since)
    bound = bind(friends, referrers, customers, "Referral", rng, since, now)
    bound += bind(affiliates, promoters, customers, "Partners", rng, since, now)
    make_clicks([*referrers, *promoters], bound, rng, since, now)
    conversions = pay(bound, now)
    make_leads(friends, referrers, now)
    make_leak(next(row for row in promoters if row.name == LEAKY), now)
    refresh_held(Referral.objects.values_list("pk", flat=True), by="Demo")
    keep_books(conversions, bound, [friends, affiliates], people["admin"], rng, since, now)
    sweep_clawbacks(MOST)
    tell_all(bound, now)
