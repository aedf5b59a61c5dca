"""What became of it all: scores of past days, three weeks of follow-ups worked off, calls, notes and pulses."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import pgtrigger
from django.db import connection
from django.utils import timezone

from accounts.domain.activity import Fact, record_many
from accounts.domain.dispatch import dispatch_waiting, retry_due
from accounts.domain.subscriptions import sweep_subscriptions
from accounts.models import FollowUp, User
from config.demo import words
from config.demo.story import Customer
from health.domain.notices import notice
from health.domain.recompute import backfill, publish_range, ranges
from health.domain.runs import notice_all, recompute_now
from health.domain.sql import Which
from health.models import Pulse

REPLAYED = 21  # days on which the product was already at work
YEAR = 365
DAILY = 60  # days of daily snapshots; before that, one a week
OUTCOMES = ["helped", "no_answer", "false_alarm", "too_early", "already_known"]
PULSES = {
    "thriving": (5, "They bring us up in their own talks."),
    "steady": (4, "No complaints, steady contact."),
    "slipping": (2, "Two meetings moved, and the champion answers late."),
    "noisy": (3, "Busy users, but the tickets wear them out."),
    "failing": (1, "They said openly that they are looking around."),
}

# Segment: a meeting every so many days, and how many minutes it takes at least and at most.
MEETINGS = {"enterprise": (15, 240, 540), "mid": (30, 90, 240), "small": (90, 30, 90)}
SILENT = {"slipping": 90, "failing": 90}  # moods: those have moved their meetings for so many days


def remember(today: date, days: int) -> None:
    """Scores of past days, from what was known then."""
    daily = [today - timedelta(days=age) for age in range(DAILY, REPLAYED, -1)]
    weekly = [today - timedelta(days=age) for age in range(DAILY + 7, min(days - 60, 400), 7)]
    backfill(sorted(weekly) + daily)


def replay(today: date) -> None:
    """The nights of three weeks, one after another, as they would have gone."""
    for age in range(REPLAYED, 0, -1):
        day = today - timedelta(days=age)
        night = datetime.combine(day + timedelta(days=1), time(2, 15), UTC)
        backfill([day])
        for low, high in ranges():
            publish_range(low, high, now=night)
            notice(Which(low, high), night)
        dispatch_waiting()
    _as_of_their_activity()


def _as_of_their_activity() -> None:
    """A follow-up of the past was opened, and closed by itself, when its reason happened; that is when it is told."""
    with pgtrigger.ignore("accounts.Activity:facts_stay"), connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE accounts_activity a SET occurred_at = c.occurred_at FROM accounts_activity c
            WHERE a.kind IN ('followup.opened', 'followup.closed') AND c.id = a.cause_id
                AND c.occurred_at < a.occurred_at
            """
        )
        cursor.execute(
            """
            UPDATE accounts_followup f SET opened_at = a.occurred_at, closed_at = c.occurred_at,
                holds = tstzrange(a.occurred_at, c.occurred_at + make_interval(days => p.cool_down_days))
            FROM accounts_playbook p, accounts_activity a, accounts_activity c
            WHERE p.id = f.playbook_id AND a.id = f.activity_id AND a.occurred_at < f.opened_at
                AND f.status = 'canceled' AND c.kind = 'followup.closed' AND (c.data->>'follow_up')::bigint = f.id
            """
        )
        cursor.execute(
            """
            UPDATE accounts_followup f SET opened_at = a.occurred_at, holds = tstzrange(a.occurred_at, NULL)
            FROM accounts_activity a WHERE a.id = f.activity_id AND f.closed_at IS NULL AND a.occurred_at < f.opened_at
            """
        )


def work_off(rng: np.random.Generator) -> None:
    """Most of what is older than a few days was done, sooner or later than promised."""
    now, done, facts = timezone.now(), [], []
    for row in FollowUp.objects.open().select_related("playbook", "assignee").order_by("pk"):
        age = (now - row.opened_at).total_seconds() / 3600
        hours = float(rng.gamma(2.0, max(8.0, (row.due_at - row.opened_at).total_seconds() / 3600 * 0.7)))
        if hours >= age or rng.random() < 0.15:
            continue
        row.status, row.closed_at = "done", row.opened_at + timedelta(hours=hours)
        row.closed_by, row.contacted_at = row.assignee, row.closed_at
        row.outcome = str(rng.choice(OUTCOMES, p=[0.52, 0.2, 0.1, 0.08, 0.1]))
        cool_down = timedelta(days=row.playbook.cool_down_days if row.playbook else 0)
        row.holds = (row.opened_at, row.closed_at + cool_down)
        done.append(row)
        told = {"follow_up": row.pk, "title": row.title, "outcome": row.outcome}
        facts.append(Fact(row.account_id, "followup.done", told, row.closed_at))
    FollowUp.objects.bulk_update(
        done, ["status", "closed_at", "closed_by", "contacted_at", "outcome", "holds"], batch_size=2000
    )
    record_many(facts, by="Demo")


def reopen() -> None:
    """What was held back until a cool-down ended, which the seeding reckoned from now and not from back then."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE accounts_delivery d
            SET next_attempt_at = h.until, facts = jsonb_build_object('until', jsonb_build_object('moment', h.until))
            FROM (
                SELECT d.id, max(upper(f.holds)) AS until FROM accounts_delivery d
                JOIN accounts_activity a ON a.id = d.activity_id
                JOIN accounts_followup f ON f.account_id = a.account_id AND 'playbook:' || f.playbook_id = d.subscriber
                WHERE d.status = 'pending' GROUP BY 1
            ) h
            WHERE h.id = d.id AND h.until < d.next_attempt_at
            """
        )
    while retry_due():
        pass


def talk(customers: Sequence[Customer], csms: Sequence[User], rng: np.random.Generator, now: datetime) -> None:
    """Calls, notes, and how the CSMs feel about their accounts."""
    pulses, regular = [], rng.spawn(1)[0]
    for place, csm in enumerate(csms):
        facts = []
        for customer in customers:
            if customer.csm != place or customer.ended_on:
                continue
            facts += [*_conversations(customer, rng, now), *_meetings(customer, regular, now)]
            if customer.mood in PULSES and rng.random() < 0.4:
                value, reason = PULSES[customer.mood]
                at = now - timedelta(days=float(rng.uniform(1, 26)))
                pulses.append(Pulse(account_id=customer.pk, value=value, reason=reason, user=csm, at=at))
        record_many(facts, by=csm)
    Pulse.objects.bulk_create(pulses, batch_size=5000)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE accounts_account a SET last_contact_at = c.at FROM (
                SELECT account_id, max(occurred_at) AS at FROM accounts_activity
                WHERE kind = 'call.logged' GROUP BY account_id
            ) c WHERE c.account_id = a.id
            """
        )


def _conversations(customer: Customer, rng: np.random.Generator, now: datetime) -> list[Fact]:
    facts, age = [], (now.date() - customer.started_on).days
    for _ in range(int(rng.poisson(2.2 if customer.segment in ("enterprise", "mid") else 0.7))):
        at = now - timedelta(days=float(rng.uniform(0.2, min(age, 120))))
        if rng.random() < 0.7:
            call = {"contact": str(rng.choice(words.GIVEN)), "minutes": int(rng.integers(8, 50)), "two_way": True}
            facts.append(Fact(customer.pk, "call.logged", call | {"summary": str(rng.choice(words.CALLS))}, at))
        else:
            facts.append(Fact(customer.pk, "note.written", {"text": str(rng.choice(words.NOTES))}, at))
    return facts


def _meetings(customer: Customer, rng: np.random.Generator, now: datetime) -> Iterator[Fact]:
    """What most of the CSMs' time goes into, for a year: the larger the customer, the more of it."""
    if customer.segment not in MEETINGS or customer.mood == "trial":
        return
    every, least, most = MEETINGS[customer.segment]
    age = min((now.date() - customer.started_on).days, YEAR)
    for days in range(SILENT.get(customer.mood, 0) + int(rng.integers(1, every + 1)), age, every):
        at = now - timedelta(days=days, hours=float(rng.uniform(0, 6)))
        at -= timedelta(days=max(0, at.weekday() - 4))  # not at weekends
        told = {"contact": str(rng.choice(words.GIVEN)), "minutes": int(rng.integers(least, most)), "two_way": True}
        yield Fact(customer.pk, "call.logged", told | {"summary": str(rng.choice(words.MEETINGS))}, at)


def wake_up() -> None:
    """Everything as of this minute, so that the first look at it finds nothing left to do by itself."""
    sweep_subscriptions()
    recompute_now()
    notice_all()
    dispatch_waiting()
