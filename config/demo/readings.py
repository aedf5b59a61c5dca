"""What customers did, asked, paid and answered. Copied in, since the demo may be any size."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import numpy as np
from django.db import connection

from config.demo import words
from config.demo.book import contacts_of
from config.demo.story import ACTIONS, MOODS, TARGETS, Customer
from health.models import Action, Answer, FirstReading, Invoice, Ticket

OLDEST_SURVEYED = 260  # days; what was said before came from another tool
EVENT_DAYS = 28  # raw events are kept for so long, daily totals for all the time
USUAL = np.array([5.0 / (place + 1.6) for place in range(len(ACTIONS))])
IMPACTS = np.array([impact for _key, _name, impact in ACTIONS])


def tell_usage(
    customers: Sequence[Customer], actions: dict[str, Action], rng: np.random.Generator, today: date, days: int
) -> None:
    ids = np.array([actions[key].pk for key, _name, _impact in ACTIONS])
    with connection.cursor() as cursor:
        with cursor.copy("COPY health_usageday (account_id, day, action_id, count) FROM STDIN") as copy:
            for customer in customers:
                for row in _usage(customer, ids, rng, today, days):
                    copy.write_row(row)
        keys, since, until, seats = zip(*_seats(customers, today - timedelta(days=EVENT_DAYS), today), strict=True)
        cursor.execute(_EVENTS, {"keys": [*keys], "since": [*since], "until": [*until], "seats": [*seats]})


def _seats(customers: Sequence[Customer], since: date, today: date) -> Iterator[tuple[int, date, date, int]]:
    """How many seats each of them had, and from when until when."""
    for customer in customers:
        days = [since, *sorted(day for day, _ in customer.steps if since < day < today), today]
        for first, end in pairwise(days):
            yield customer.pk, first, end, customer.seats_on(first)


# Events add up to the totals: one a day and action, at office hours, by somebody on one of the seats in use that day.
_EVENTS = """
    INSERT INTO health_usageevent (account_id, event_id, action_id, count, occurred_at, "user")
    SELECT d.account_id, 'demo-' || d.day || '-' || d.action_id, d.action_id, d.count,
           (d.day + interval '9 hours' + (d.account_id + d.action_id) %% 480 * interval '1 minute') AT TIME ZONE a.time_zone,
           'user-' || (d.action_id * 7 + (d.day - date '2020-01-01')) %% greatest(1, s.seats * (50 + a.id %% 50) / 100)
    FROM unnest(%(keys)s::bigint[], %(since)s::date[], %(until)s::date[], %(seats)s::int[])
        AS s (account_id, since, until, seats)
    JOIN health_usageday d ON d.account_id = s.account_id AND d.day >= s.since AND d.day < s.until
    JOIN accounts_account a ON a.id = d.account_id
"""


def _usage(
    customer: Customer, ids: np.ndarray, rng: np.random.Generator, today: date, days: int
) -> Iterator[tuple[int, date, int, int]]:
    start = max(customer.started_on, today - timedelta(days=days))
    end = min(customer.ended_on or today, today)
    length = (end - start).days
    if length <= 0:
        return
    plan_size = {"starter": 8, "team": 11, "business": 14, "enterprise": 16}[customer.plan]
    wide = plan_size if customer.mood in ("thriving", "noisy") else max(3, round(plan_size * rng.uniform(0.45, 0.9)))
    usual = USUAL[:wide] * rng.uniform(0.7, 1.3, wide)
    # Points wanted in a workday: the target's 28 days have 20 of them.
    level = MOODS[customer.mood][1] * rng.uniform(0.9, 1.1)
    wanted = TARGETS[customer.segment] / 20 * level / (usual @ IMPACTS[:wide])
    when = [start + timedelta(days=offset) for offset in range(length)]
    seats = np.array([customer.seats_on(day) for day in when])
    counts = rng.poisson(np.outer(seats * wanted * _course(customer, when, today, rng), usual))
    for day, row in zip(when, counts, strict=True):
        for place in np.flatnonzero(row):
            yield customer.pk, day, int(ids[place]), int(row[place])


def _course(customer: Customer, when: Sequence[date], today: date, rng: np.random.Generator) -> np.ndarray:
    """Weekends rest, new customers grow into it, and the mood shows in the last 60 days."""
    last = customer.ended_on or today
    week = np.array([1.0 if day.weekday() < 5 else 0.08 for day in when])
    grown = np.clip(np.array([(day - customer.started_on).days for day in when]) / 30, 0.3, 1)
    near = np.clip(1 - np.array([(last - day).days for day in when]) / 60, 0, 1)
    wave = 1 + 0.08 * np.sin(np.arange(len(when)) / 9 + rng.uniform(0, 6))
    return week * grown * wave * (1 + near * (MOODS[customer.mood][2] - 1))


def tell_tickets(customers: Sequence[Customer], rng: np.random.Generator, today: date, days: int) -> None:
    rows: list[Ticket] = []
    for customer in customers:
        length = (min(customer.ended_on or today, today) - customer.started_on).days
        rate = MOODS[customer.mood][3]
        loud = str(rng.choice(list(words.THEMES)))
        for age in rng.uniform(0, min(length, days), rng.poisson(rate * min(length, days) / 30)):
            recent = age < 45
            theme = loud if recent and rng.random() < 0.75 else str(rng.choice(list(words.THEMES)))
            rows.append(_ticket(customer, theme, float(age), today, len(rows), rng))
    Ticket.objects.bulk_create(rows, batch_size=5000)
    _received("ticket", today, days)


def _ticket(customer: Customer, theme: str, age: float, today: date, number: int, rng: np.random.Generator) -> Ticket:
    last = customer.ended_on or today
    opened = datetime.combine(last, datetime.min.time(), UTC) - timedelta(days=age)
    closed = opened + timedelta(hours=float(rng.gamma(2, 20)))
    done = closed < datetime.combine(today, datetime.min.time(), UTC) and not (age < 10 and rng.random() < 0.4)
    subject = str(rng.choice(words.THEMES[theme]))
    return Ticket(
        account_id=customer.pk,
        external_id=f"T-{number + 1:05d}",
        subject=subject,
        theme=theme,
        severity=str(rng.choice(["low", "normal", "high", "urgent"], p=[0.3, 0.5, 0.15, 0.05])),
        strategic=subject.endswith("?"),
        status="closed" if done else "open",
        opened_at=opened,
        closed_at=closed if done else None,
    )


def tell_invoices(customers: Sequence[Customer], rng: np.random.Generator, today: date, days: int) -> None:
    rows: list[Invoice] = []
    for customer in customers:
        if customer.mood in ("trial", "lapsed"):
            continue
        every = 91 if customer.yearly else 30  # by the quarter, or by the month
        issued, number = customer.pays_from, 0
        while issued < min(customer.ended_on or today, today):
            if (today - issued).days <= days:
                rows.append(_invoice(customer, issued, number, every, today, rng))
            issued, number = issued + timedelta(days=every), number + 1
    Invoice.objects.bulk_create(rows, batch_size=5000)
    _received("invoice", today, days)


def _invoice(
    customer: Customer, issued: date, number: int, every: int, today: date, rng: np.random.Generator
) -> Invoice:
    due = issued + timedelta(days=30 if customer.yearly else 14)
    late = customer.late_invoice and (today - issued).days < every + 40
    paid = due + timedelta(days=int(rng.integers(-12, 4)) + (int(rng.integers(20, 75)) if late else 0))
    return Invoice(
        account_id=customer.pk,
        external_id=f"INV-{customer.number:04d}-{number + 1:02d}",
        amount=customer.price * customer.seats_on(issued) / (4 if customer.yearly else 1),
        currency="USD",
        issued_on=issued,
        due_on=due,
        status="paid" if paid < today else "open",
        paid_on=max(paid, issued) if paid < today else None,
    )


def tell_answers(customers: Sequence[Customer], rng: np.random.Generator, today: date, days: int) -> None:
    """Long ago, to another tool (what they said since: surveys.py)."""
    contacts = contacts_of()
    rows: list[Answer] = []
    midnight = datetime.combine(today, datetime.min.time(), UTC)
    for customer in customers:
        if customer.ended_on or customer.mood == "trial":
            continue
        mean, oldest = MOODS[customer.mood][4], min((today - customer.started_on).days, days)
        if oldest <= OLDEST_SURVEYED:
            continue
        for contact in contacts.get(customer.pk, ()):
            for age in rng.uniform(OLDEST_SURVEYED, oldest, rng.binomial(2, 0.4)):
                score = int(np.clip(round(float(rng.normal(mean, 1.4))), 0, 10))
                rows.append(
                    Answer(
                        account_id=customer.pk,
                        contact_id=contact,
                        external_id=f"A-{len(rows) + 1:05d}",
                        source="Demo",
                        score=score,
                        comment=_comment(score, rng),
                        answered_at=midnight - timedelta(days=float(age)),
                        told_at=midnight,
                    )
                )
    Answer.objects.bulk_create(rows, batch_size=5000)
    _received("answer", today, days)


def _comment(score: int, rng: np.random.Generator) -> str:
    return str(rng.choice(words.PRAISE if score >= 9 else words.LUKEWARM if score >= 7 else words.COMPLAINTS))


def _received(kind: str, today: date, days: int) -> None:
    FirstReading.objects.update_or_create(kind=kind, defaults={"first_on": today - timedelta(days=days)})


def usage_received(today: date, days: int) -> None:
    _received("usage", today, days)
