"""Who was here and is not any more: customers who left, and trials that came to nothing. They are beside the others, from
numbers of their own: what is told of those who stayed does not change with them."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from config.demo import words
from config.demo.story import TRIAL_DAYS, Customer, invent_one, leave

# Of a hundred customers as many more: who left, whose trial ended without a word.
LEFT, TRIED = 13, 14
LEFT_WITHIN, TRIED_WITHIN = 640, 380  # days
SEGMENTS = {"mid": 0.13, "small": 0.50, "startup": 0.37}


def invent_past(
    customers: Sequence[Customer], rng: np.random.Generator, today: date, days: int, csms: int
) -> list[Customer]:
    names = {customer.domain.removesuffix(".example") for customer in customers}
    pairs = [
        (first, second) for first in words.FIRST for second in words.SECOND if f"{first}-{second}".lower() not in names
    ]
    count = min(len(pairs), round(len(customers) * (LEFT + TRIED) / 100))
    left = round(count * LEFT / (LEFT + TRIED))
    chosen = rng.permutation(len(pairs))[:count]
    return [
        _customer(len(customers) + place, pairs[pair], rng, today, days, csms, tried=place >= left)
        for place, pair in enumerate(chosen)
    ]


def _customer(
    number: int, pair: tuple[str, str], rng: np.random.Generator, today: date, days: int, csms: int, *, tried: bool
) -> Customer:
    segment = str(rng.choice(list(SEGMENTS), p=list(SEGMENTS.values())))
    customer = invent_one(number, segment, "gone", pair, rng, today, days, csms)
    if not tried:
        longest = max(7, min((today - customer.started_on).days - 45, LEFT_WITHIN))
        leave(customer, int(rng.integers(6, longest)), today)
        return customer
    customer.mood, customer.steps = "lapsed", []
    customer.started_on = today - timedelta(days=int(rng.integers(TRIAL_DAYS + 2, min(TRIED_WITHIN, days))))
    customer.ended_on = customer.started_on + timedelta(days=TRIAL_DAYS)
    return customer
