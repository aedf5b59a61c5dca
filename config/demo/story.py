"""Who the customers are and how each of them is doing: the plot that readings are made from."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from accounts.domain.anniversaries import anniversary
from config.demo import words

PLANS = {  # key: name, price of a seat and month, how many actions it includes
    "starter": ("Starter", 19, 8),
    "team": ("Team", 35, 11),
    "business": ("Business", 55, 14),
    "enterprise": ("Enterprise", 80, 16),
}
NEW = 6  # of so many customers one came in the last weeks
TRIAL_DAYS = 14
CUT_DOWN = {"slipping": 0.7, "failing": 0.6, "noisy": 0.85}  # what is left of their seats when a year is over
HARDLY_CAME = timedelta(days=60)
RAISED = 150  # days ago prices went up; who came before keeps the old ones
ACTIONS = (  # key, name, impact; ordered from common to rare
    ("signed_in", "Signed in", 1), ("board_opened", "Board opened", 1), ("task_done", "Task done", 2),
    ("comment_written", "Comment written", 2), ("file_shared", "File shared", 2), ("report_opened", "Report opened", 3),
    ("search_saved", "Search saved", 3), ("colleague_invited", "Colleague invited", 8),
    ("report_shared", "Report shared", 5), ("automation_run", "Automation run", 4), ("form_published", "Form published", 6),
    ("dashboard_built", "Dashboard built", 10), ("export_scheduled", "Export scheduled", 8),
    ("integration_synced", "Integration synced", 5), ("api_called", "API called", 1), ("audit_opened", "Audit log opened", 3),
)  # fmt: skip
SEGMENTS = {  # key: name, touch model, share, seats from and to, plans
    "enterprise": ("Enterprise", "high", 0.12, (80, 400), ("business", "enterprise")),
    "mid": ("Mid-market", "mid", 0.28, (20, 90), ("team", "business")),
    "small": ("Small business", "low", 0.38, (4, 25), ("starter", "team")),
    "startup": ("Startups", "low", 0.22, (2, 12), ("starter",)),
}
TARGETS = {"enterprise": 90, "mid": 80, "small": 70, "startup": 60}  # points per seat in 28 days

# mood: share, level of use against the target, its course over the last 60 days, tickets a month, recommends 0..10
MOODS = {
    "thriving": (0.13, 1.30, 1.0, 0.2, 9.4),
    "steady": (0.40, 0.88, 1.0, 0.4, 8.4),
    "slipping": (0.16, 0.80, 0.45, 1.2, 6.8),
    "noisy": (0.08, 1.05, 1.0, 3.2, 7.0),  # high use, many tickets: capped
    "failing": (0.10, 0.22, 0.45, 2.6, 3.6),
    "trial": (0.05, 0.55, 1.2, 0.4, 8.0),
    "gone": (0.08, 0.50, 0.2, 1.0, 4.5),
}


@dataclass
class Customer:
    number: int
    name: str
    domain: str
    segment: str
    plan: str
    mood: str
    place: tuple[str, str, str]
    industry: str
    channel: str
    csm: int
    seats: int
    started_on: date
    yearly: bool
    ended_on: date | None = None
    steps: list[tuple[date, int]] = field(default_factory=list)  # seats from a day on
    late_invoice: bool = False
    version: int = 1  # of the plan
    is_new: bool = False  # still getting started
    pk: int = 0

    @property
    def external_id(self) -> str:
        return f"demo-{self.number:06d}"

    @property
    def tried(self) -> bool:
        """Began with a trial: some of the smaller ones, and who has not decided."""
        if self.mood in ("trial", "lapsed"):
            return True
        return self.number % 5 in (1, 2) and self.segment in ("small", "startup")

    @property
    def pays_from(self) -> date:
        return self.started_on + timedelta(days=TRIAL_DAYS if self.tried else 0)

    @property
    def price(self) -> Decimal:
        monthly = price_of(self.plan, self.version)
        return monthly * 10 if self.yearly else monthly  # two months for free by the year

    def seats_on(self, day: date) -> int:
        seats = self.seats
        for since, count in self.steps:
            if since <= day:
                seats = count
        return seats


def price_of(plan: str, version: int) -> Decimal:
    """Of a seat and month: the second version costs about a seventh more."""
    price = Decimal(PLANS[plan][1])
    return price if version == 1 else (price * Decimal("1.15")).quantize(Decimal(1))


def invent(count: int, rng: np.random.Generator, today: date, days: int, csms: int) -> list[Customer]:
    """`count` customers of the last `days`, as believable as the shares above."""
    keys = list(SEGMENTS)
    segments = rng.choice(len(keys), count, p=[SEGMENTS[key][2] for key in keys])
    moods = rng.choice(list(MOODS), count, p=[mood[0] for mood in MOODS.values()])
    pairs = rng.permutation(len(words.FIRST) * len(words.SECOND))
    return [
        invent_one(
            number, keys[segments[number]], str(moods[number]), _names(int(pairs[number % len(pairs)])), rng, today,
            days, csms,
        )
        for number in range(count)
    ]  # fmt: skip


def _names(pair: int) -> tuple[str, str]:
    return words.FIRST[pair // len(words.SECOND)], words.SECOND[pair % len(words.SECOND)]


def invent_one(
    number: int, segment: str, mood: str, names: tuple[str, str], rng: np.random.Generator, today: date, days: int,
    csms: int,
) -> Customer:  # fmt: skip
    first, second = names
    _name, _touch, _share, (low, high), plans = SEGMENTS[segment]
    age = int(rng.integers(6, 14)) if mood == "trial" else int(rng.integers(75, days))
    is_new = mood == "trial" or (mood not in {"failing", "gone"} and number % NEW == 4)
    if is_new and mood != "trial":
        age = 6 + number * 7 % 36
    customer = Customer(
        number=number,
        name=f"{first} {second}{words.LEGAL[int(rng.integers(len(words.LEGAL)))]}",
        domain=f"{first}-{second}.example".lower(),
        segment=segment,
        plan=str(rng.choice(plans)),
        mood=mood,
        place=words.PLACES[int(rng.integers(len(words.PLACES)))],
        industry=words.INDUSTRIES[int(rng.integers(len(words.INDUSTRIES)))],
        channel=str(rng.choice(words.CHANNELS, p=words.CHANNELS_OF[segment])),
        csm=int(rng.integers(csms)),
        seats=int(rng.integers(low, high)),
        started_on=today - timedelta(days=age),
        yearly=bool(rng.random() < (0.8 if segment in ("enterprise", "mid") else 0.35)),
        version=1 if age > RAISED else 2,
        is_new=is_new,
        late_invoice=bool(rng.random() < {"failing": 0.85, "slipping": 0.3}.get(mood, 0.0)),
    )
    if mood == "gone":
        left = leave(customer, int(rng.integers(5, max(6, min(age - 40, 400)))), today)
        if left - customer.started_on < HARDLY_CAME:
            customer.channel = "Referral"  # what a friend liked was not for them: what it earned is taken back
    customer.steps = _seat_steps(customer, rng, today, age)
    return customer


def leave(customer: Customer, days: int, today: date) -> date:
    """So many days ago; who pays by the year when that year was over. Who did not stay for one paid by the month."""
    over = _year_over(customer, today)
    customer.yearly = customer.yearly and over is not None
    left = over if customer.yearly and over else today - timedelta(days=days)
    customer.ended_on = left
    customer.steps = [(day, seats) for day, seats in customer.steps if day < left]
    return left


def _year_over(customer: Customer, today: date) -> date | None:
    """When the last of their years was over."""
    years = (today - customer.started_on).days // 366
    return anniversary(customer.started_on, 12 * years) if years else None


def _seat_steps(customer: Customer, rng: np.random.Generator, today: date, age: int) -> list[tuple[date, int]]:
    """Growing customers add seats, unhappy ones drop some; a few did so this week."""
    if customer.mood == "trial" or age < 120:
        return []
    factor = {"thriving": 1.35, "steady": 1.15, "noisy": 1.2}.get(customer.mood, 0.75)
    newest = 2 if customer.mood == "slipping" and rng.random() < 0.5 else 20
    ages = [int(rng.integers(20, age - 30)) for _ in range(int(rng.integers(0, 4)))] + [newest] * (newest < 20)
    days = [today - timedelta(days=step) for step in sorted(ages, reverse=True)]
    sizes, seats = [], customer.seats
    for day in days:
        if customer.ended_on is None or day < customer.ended_on:
            seats = max(2, round(seats * (factor + float(rng.normal(0, 0.06)))))
            sizes.append((day, seats))
    return _cut_down(customer, sizes, today)


def _cut_down(customer: Customer, sizes: list[tuple[date, int]], today: date) -> list[tuple[date, int]]:
    """Who is not happy signs for another year with fewer seats."""
    over = _year_over(customer, today)
    if over is None or not customer.yearly or customer.mood not in CUT_DOWN:
        return sizes
    kept = [(day, seats) for day, seats in sizes if day < over]
    seats = kept[-1][1] if kept else customer.seats
    return [*kept, (over, max(2, round(seats * CUT_DOWN[customer.mood])))]
