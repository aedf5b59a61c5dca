"""What the demo company spent: on channels and on all of them together, on keeping customers; counted into its numbers."""

from datetime import date
from decimal import Decimal

import numpy as np

from accounts.domain.anniversaries import anniversary
from accounts.domain.numbers.counting import rebuild
from accounts.enums import CostKind
from accounts.models import Cost

# Of what a customer costs to win, by channel ("" is for all), in thousands a month for two hundred customers.
WINNING = {"Search": 5.0, "Website": 2.5, "Partners": 60.0, "Events": 65.0, "Referral": 4.0, "": 3.0}
KEEPING = 12.0  # programs for all who stay; the hours of the team are with its calls
MONTHS = 24


def spend(count: int, rng: np.random.Generator, today: date) -> None:
    this = today.replace(day=1)
    rows = []
    for back in range(MONTHS, 0, -1):
        month = anniversary(this, -back)
        growth = 0.6 + 0.4 * (MONTHS - back) / MONTHS
        for channel, thousands in WINNING.items():
            rows.append(_cost(month, CostKind.WINNING, channel, thousands * growth * count / 200, rng))
        rows.append(_cost(month, CostKind.KEEPING, "", KEEPING * growth * count / 200, rng))
    Cost.objects.bulk_create(rows)
    rebuild()


def _cost(month: date, kind: str, channel: str, thousands: float, rng: np.random.Generator) -> Cost:
    amount = Decimal(round(thousands * 1000 * rng.uniform(0.85, 1.15)))
    note = "" if kind == CostKind.WINNING else "Webinars, training and tools"
    return Cost(month=month, kind=kind, channel=channel, amount=amount, note=note)
