"""What became of their terms, and of those to come: past ones decided, calls and intents, some who disagree."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pgtrigger
from django.db import connection
from django.utils import timezone

from accounts.domain.activity import Fact, record_many
from accounts.domain.anniversaries import anniversary
from accounts.domain.renewals import rules
from accounts.domain.renewals.deciding import term_facts
from accounts.domain.renewals.disputes import review
from accounts.domain.renewals.sweep import sweep_renewals
from accounts.domain.rules import numbers
from accounts.models import Contact, Intent, Renewal, Subscription, User
from config.demo.story import Customer

RECENT = 20  # days: what the clock said in these is still on the queue
PAST_MONTHS = 3  # of monthly payers: more of the same tells nothing
AHEAD = timedelta(days=150)
# mood: how likely the CSM says they renew, and why; what the customer says of 10
CALLS = {
    "thriving": (0.95, "They plan the next roll-out with us."),
    "steady": (0.9, "Budget is approved, no open questions."),
    "slipping": (0.45, "The champion has gone quiet since the reorganisation."),
    "noisy": (0.75, "They complain a lot, but they need it."),
    "failing": (0.2, "They are looking at another product."),
}
WORDS = {
    "thriving": (9.3, ("value",), "It has become the place where we work."),
    "steady": (8.3, ("value", "price"), ""),
    "slipping": (5.6, ("price", "people_left"), "Those who wanted it have left."),
    "noisy": (6.8, ("support", "missing_features"), "Support needs too many rounds."),
    "failing": (2.8, ("competitor", "price"), "We hardly use what we pay for."),
}
CONTRADICTS = 0.15  # of customers say the opposite of what their use says


def tell_renewals(customers: Sequence[Customer], csms: Sequence[User], rng: np.random.Generator, today: date) -> None:
    subs = {sub.account_id: sub for sub in Subscription.objects.select_related("plan")}
    _past(customers, csms, subs, rng)
    _announced(today)
    open_ = list(
        Renewal.objects.undecided()
        .filter(decision_date__lte=today + AHEAD, monthly=False)
        .select_related("account", "subscription")
        .order_by("pk")
    )
    moods = {customer.pk: customer.mood for customer in customers}
    _calls(open_, moods, rng)
    _intents(open_, moods, rng, today)
    review([row.pk for row in open_])
    _settle_some(rng)


# The past ------------------------------------------------------------------------------------------------


def _past(
    customers: Sequence[Customer], csms: Sequence[User], subs: dict[int, Subscription], rng: np.random.Generator
) -> None:
    """The terms before the running one, decided on their day."""
    first = {row.subscription_id: row for row in Renewal.objects.order_by("-starts_on")}
    made: list[Renewal] = []
    for customer in customers:
        sub = subs.get(customer.pk)
        if sub and (running := first.get(sub.pk)):
            made += _terms_before(customer, sub, running, csms[customer.csm], rng)
    Renewal.objects.bulk_create(made, batch_size=2000)
    record_many([_told(row, subs[row.account_id]) for row in made], by="Demo")


def _terms_before(
    customer: Customer, sub: Subscription, running: Renewal, csm: User, rng: np.random.Generator
) -> list[Renewal]:
    found: list[Renewal] = []
    months, end = 12 if customer.yearly else 1, running.starts_on
    while end > customer.started_on and (customer.yearly or len(found) < PAST_MONTHS):
        start = max(anniversary(end, -months), customer.started_on)
        found.append(_decided(customer, sub, (start, end), csm, rng))
        end = start
    return found


def _decided(
    customer: Customer, sub: Subscription, term: tuple[date, date], csm: User, rng: np.random.Generator
) -> Renewal:
    start, end = term
    seat = customer.price / 12 if customer.yearly else customer.price
    before, after = seat * customer.seats_on(end - timedelta(days=30)), seat * customer.seats_on(end)
    by_hand = customer.yearly and rng.random() < 0.7
    decides_on = rules.decision_date(end, sub.notice_days, auto_renew=sub.auto_renew)
    call = Decimal(str(round(float(np.clip(rng.normal(0.8, 0.18), 0.05, 1)), 2))) if by_hand else None
    at = min(datetime.combine(decides_on if by_hand else end, time(10), UTC), timezone.now())
    return Renewal(
        account_id=customer.pk, subscription=sub, starts_on=start, ends_on=end, notice_days=sub.notice_days,
        auto_renew=sub.auto_renew, decision_date=decides_on, monthly=(end - start).days <= rules.MONTHLY_DAYS,
        stage="expanded" if after > before else "contracted" if after < before else "renewed",
        mrr=before, outcome_mrr=after, decided_at=at, decided_by=csm if by_hand else None, changed_at=at,
        model_probability=Decimal(str(rng.choice([0.95, 0.9, 0.9, 0.7, 0.4]))),
        call_probability=call,  # type: ignore[misc]  # nullable, as its options say
        call_by=csm if by_hand else None, call_reason="They said so." if by_hand else "",
    )  # fmt: skip


def _told(row: Renewal, sub: Subscription) -> Fact:
    data: dict[str, Any] = {
        **term_facts(row.pk, sub.external_id, row.decision_date, row.ends_on),
        "plan": sub.plan.name if sub.plan else "", "outcome": row.stage, "before": round(Decimal(row.mrr or 0), 2),
        "after": round(Decimal(row.outcome_mrr or 0), 2), "currency": "USD", "reason": "", "comment": "",
        "by_itself": row.decided_by_id is None,
    }  # fmt: skip
    return Fact(row.account_id, "renewal.decided", data, row.decided_at)


# What the clock has said ---------------------------------------------------------------------------------

# Announcements of weeks ago have been dealt with.
DEALT_WITH = """
update accounts_renewal r set told_days = w.days, told_for = r.decision_date
from (
    select r.id, min(w.days) as days from accounts_renewal r, unnest(%(windows)s::int[]) as w (days)
    where r.decided_at is null and not r.monthly and r.decision_date - w.days < %(since)s group by r.id
) w where w.id = r.id
"""
# What was announced, or asked, in the last weeks was so on its day.
ON_ITS_DAY = """
update accounts_activity f set occurred_at = v.at, recorded_at = v.at
from (
    select f.id, least((to_date(f.data->>'decision_date', 'YYYY-MM-DD') - case f.kind
        when 'renewal.term_ending' then (f.data->>'days')::int else 60 end + time '08:05') at time zone 'UTC', now()) as at
    from accounts_activity f where f.kind in ('renewal.term_ending', 'renewal.intent_asked')
) v where v.id = f.id
"""


def _announced(today: date) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            DEALT_WITH, {"windows": list(numbers("renewals.windows")), "since": today - timedelta(days=RECENT)}
        )
    sweep_renewals()
    with pgtrigger.ignore("accounts.Activity:facts_stay"), connection.cursor() as cursor:
        cursor.execute(ON_ITS_DAY)


# What people say -----------------------------------------------------------------------------------------


def _calls(rows: Sequence[Renewal], moods: dict[int, str], rng: np.random.Generator) -> None:
    """Of the nearest terms the CSMs have said how likely they are, and moved them on."""
    now, facts, said = timezone.now(), [], []
    for row in rows:
        mood = moods.get(row.account_id, "")
        if mood not in CALLS or rng.random() > 0.55:
            continue
        chance, why = CALLS[mood]
        row.call_probability = Decimal(str(round(float(np.clip(chance + rng.normal(0, 0.06), 0.02, 1)), 2)))  # type: ignore[assignment]
        row.call_reason, row.call_by_id = why, row.account.csm_id
        row.call_at = now - timedelta(days=float(rng.uniform(1, 25)))
        row.stage = "committed" if row.call_probability > 0.85 and rng.random() < 0.4 else "engaged"
        said.append(row)
        told = {"chance": row.call_probability * 100, "before": None, "reason": why}
        facts.append(Fact(row.account_id, "renewal.called", _about(row) | told, row.call_at))
    Renewal.objects.bulk_update(said, ["call_probability", "call_reason", "call_by", "call_at", "stage"], 1000)
    record_many(facts, by="Demo")


def _intents(rows: Sequence[Renewal], moods: dict[int, str], rng: np.random.Generator, today: date) -> None:
    """Of those who were asked, half have answered."""
    asked = [row for row in rows if row.intent_asked_at and moods.get(row.account_id) in WORDS]
    people = _deciders([row.account_id for row in asked])
    answers, facts = [], []
    for row in asked:
        if row.account_id not in people or rng.random() > 0.5:
            continue
        answer = _intent(row, people[row.account_id], moods[row.account_id], rng)
        row.intent_probability, row.intent_at = Decimal(answer.score) / 10, answer.answered_at  # type: ignore[assignment]
        answers.append(answer)
        told = {"contact": str(answer.contact), "score": answer.score, "before": None}
        told |= {"factors": answer.factors, "comment": answer.comment}
        facts.append(Fact(row.account_id, "renewal.intent_answered", _about(row) | told, answer.answered_at))
    Intent.objects.bulk_create(answers, batch_size=2000)
    Renewal.objects.bulk_update(asked, ["intent_probability", "intent_at"], 1000)
    record_many(facts, by="Demo")


def _intent(row: Renewal, contact: Contact, mood: str, rng: np.random.Generator) -> Intent:
    mean, factors, comment = WORDS[mood]
    if rng.random() < CONTRADICTS:
        mean, factors, comment = 10 - mean, ("other",), ""
    score = int(np.clip(round(rng.normal(mean, 1.2)), 0, 10))
    at = timezone.now() - timedelta(days=float(rng.uniform(0.2, 10)))
    return Intent(renewal=row, contact=contact, score=score, factors=list(factors), comment=comment, answered_at=at)


def _deciders(account_ids: Sequence[int]) -> dict[int, Contact]:
    rows = Contact.objects.filter(account_id__in=account_ids, decides=True).order_by("-pk")
    return {contact.account_id: contact for contact in rows}


def _about(row: Renewal) -> dict[str, Any]:
    return term_facts(row.pk, row.subscription.external_id, row.decision_date, row.ends_on)


def _settle_some(rng: np.random.Generator) -> None:
    """A third of the disagreements has been settled."""
    now, note = timezone.now(), "Asked them: what we see is a migration that takes longer."
    disputed = Renewal.objects.undecided().filter(disagreement_since__isnull=False).select_related("subscription")
    rows = [row for row in disputed.order_by("pk") if rng.random() < 0.33]
    for row in rows:
        row.settled_at, row.settled_note = now, note
    Renewal.objects.bulk_update(rows, ["settled_at", "settled_note"], 1000)
    record_many([Fact(row.account_id, "renewal.settled", _about(row) | {"note": note}) for row in rows], by="Demo")
