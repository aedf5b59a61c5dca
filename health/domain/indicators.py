"""Readings into values: the rule in plain Python. domain/sql/ computes the same for everybody at once, and a
property test holds the two together.

A value is in whole thousandths of a point, or None: missing, or stale, which `age` tells apart.
Fractions are taken in doubles and rounded half up, in the same order of operations on both sides.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import floor

from health.domain.parameters import Parameters
from health.registry import CUSTOM

FULL = 100_000  # 100 points
INT4 = 2**31 - 1


@dataclass(frozen=True)
class Value:
    value: int | None = None
    reading: int | None = None  # the fact behind it
    age: int | None = None  # days since the last reading


MISSING = Value()


@dataclass(frozen=True)
class TicketFact:
    opened_on: date
    severity: str
    strategic: bool = False


@dataclass(frozen=True)
class InvoiceFact:
    issued_on: date
    due_on: date
    paid_on: date | None = None


@dataclass(frozen=True)
class AnswerFact:
    answered_on: date
    score: int
    contact: int | None = None


@dataclass(frozen=True)
class OnboardingFact:
    """Something told of a checklist; `amount` as models.OnboardingReading has it."""

    told_on: date
    checklist: int
    word: str
    amount: int | None = None


@dataclass(frozen=True)
class Readings:
    """Everything known about one account, days in its own zone, oldest first."""

    seats: int = 0
    target_per_seat: int | None = None
    impacts: dict[str, int] = field(default_factory=dict)
    included: frozenset[str] = frozenset()  # actions of the plan
    usage: Sequence[tuple[date, str, int]] = ()  # day, action, count
    tickets: Sequence[TicketFact] = ()
    invoices: Sequence[InvoiceFact] = ()
    answers: Sequence[AnswerFact] = ()
    onboarding: Sequence[OnboardingFact] = ()  # in the order in which it was told
    last_contact_on: date | None = None
    pulses: Sequence[tuple[date, int]] = ()
    custom: dict[str, Sequence[tuple[date, int]]] = field(default_factory=dict)  # key: day, thousandths
    # Kind of reading: the installation's first day with one.
    first: dict[str, date] = field(default_factory=dict)


def value_of(key: str, known: Readings, day: date, rule: Parameters) -> Value:
    if key in RULES:
        return RULES[key](known, day, rule)
    return _latest(known.custom.get(key.removeprefix(CUSTOM), ()), day, rule.custom_days)


def half_up(number: float) -> int:
    return floor(number + 0.5)


def received(known: Readings, kind: str, day: date) -> bool:
    return kind in known.first and known.first[kind] <= day


def _points(known: Readings, until: date, days: int) -> tuple[int, date | None]:
    window = [u for u in known.usage if until - timedelta(days=days) < u[0] <= until]
    return sum(known.impacts[action] * count for _, action, count in window), max((u[0] for u in window), default=None)


def usage(known: Readings, day: date, rule: Parameters) -> Value:
    if not received(known, "usage", day) or known.target_per_seat is None:
        return MISSING
    points, last = _points(known, day, rule.usage_days)
    target = known.target_per_seat * max(known.seats, 1)
    most = rule.usage_most * 1000
    full = points * 100000.0 >= 1.0 * most * target
    value = most if full else half_up(100000.0 * points / target)
    return Value(value, min(points, INT4), (day - last).days if last else None)


def depth(known: Readings, day: date, rule: Parameters) -> Value:
    if not received(known, "usage", day) or not known.included:
        return MISSING
    window = [u for u in known.usage if day - timedelta(days=rule.usage_days) < u[0] <= day and u[1] in known.included]
    used = len({action for _, action, _ in window})
    last = max((u[0] for u in window), default=None)
    return Value(half_up(100000.0 * used / len(known.included)), used, (day - last).days if last else None)


def momentum(known: Readings, day: date, rule: Parameters) -> Value:
    if not received(known, "usage", day):
        return MISSING
    now, last = _points(known, day, rule.usage_days)
    before, _ = _points(known, day - timedelta(days=rule.usage_days), rule.usage_days)
    change = max(-1.0, min(1.0, (now - before) * 1.0 / max(before, 1)))
    return Value(half_up(50000.0 + 50000.0 * change), min(before, INT4), (day - last).days if last else None)


def nps(known: Readings, day: date, rule: Parameters) -> Value:
    if not received(known, "answer", day):
        return MISSING
    past = [a for a in known.answers if a.answered_on <= day]
    latest = {a.contact if a.contact is not None else -n: a for n, a in enumerate(past, start=1)}.values()
    current = [a.score for a in latest if a.answered_on > day - timedelta(days=rule.nps_days)]
    age = (day - max(a.answered_on for a in past)).days if past else None
    return Value(half_up(10000.0 * sum(current) / len(current)) if current else None, len(current) or None, age)


def _recent_tickets(known: Readings, day: date, rule: Parameters) -> list[TicketFact]:
    return [t for t in known.tickets if day - timedelta(days=rule.support_days) < t.opened_on <= day]


def support(known: Readings, day: date, rule: Parameters) -> Value:
    if not received(known, "ticket", day):
        return MISSING
    tickets = _recent_tickets(known, day, rule)
    last = max((t.opened_on for t in tickets), default=None)
    weight = sum(rule.severity[t.severity] for t in tickets)
    return Value(max(0, 100 - weight) * 1000, len(tickets), (day - last).days if last else None)


def support_quality(known: Readings, day: date, rule: Parameters) -> Value:
    tickets = _recent_tickets(known, day, rule)
    if not received(known, "ticket", day) or not tickets:
        return MISSING
    strategic = sum(t.strategic for t in tickets)
    age = (day - max(t.opened_on for t in tickets)).days
    return Value(half_up(100000.0 * strategic / len(tickets)), strategic, age)


def billing(known: Readings, day: date, rule: Parameters) -> Value:
    if not received(known, "invoice", day):
        return MISSING
    late = [
        (day - i.due_on).days
        for i in known.invoices
        if i.issued_on <= day and i.due_on < day and (i.paid_on is None or i.paid_on > day)
    ]
    overdue = max(late, default=0)
    return Value(([100] + [value for days, value in rule.billing if overdue >= days])[-1] * 1000, overdue, 0)


def _checklist(known: Readings, day: date) -> list[OnboardingFact]:
    """What was told of the latest checklist."""
    told = [fact for fact in known.onboarding if fact.told_on <= day]
    return [fact for fact in told if fact.checklist == told[-1].checklist]


def onboarding(known: Readings, day: date, rule: Parameters) -> Value:
    told = _checklist(known, day)
    if not told:
        return _latest(known.custom.get("onboarding", ()), day, rule.custom_days)
    ends = [fact.word for fact in told if fact.word in ("started", "reopened", "finished", "canceled")]
    if "canceled" in ends:
        return MISSING
    reached = [fact.amount for fact in told if fact.word in ("started", "progress", "reopened")]
    value = FULL if ends[-1:] == ["finished"] else (reached[-1] if reached else None)
    return Value(
        value, None if value is None else (value + 500) // 1000, (day - max(fact.told_on for fact in told)).days
    )


def ttv(known: Readings, day: date, rule: Parameters) -> Value:
    told = _checklist(known, day)
    if not told:
        return _latest(known.custom.get("ttv", ()), day, rule.custom_days)
    words = {fact.word for fact in told}
    if "canceled" in words:
        return MISSING
    if activated := [fact for fact in told if fact.word == "activated"]:
        hours = activated[-1].amount or 0
        return Value(_in_time(hours, rule), hours // 24, (day - activated[-1].told_on).days)
    started = [fact.told_on for fact in told if fact.word == "started"]
    days = (day - started[-1]).days if started else 0
    if "finished" in words or days <= rule.ttv_target_days:
        return MISSING
    return Value(_in_time(24 * days, rule), days, 0)


def _in_time(hours: int, rule: Parameters) -> int:
    left, falls = 24 * rule.ttv_zero_days - hours, 24 * (rule.ttv_zero_days - rule.ttv_target_days)
    return half_up(100000.0 * max(0, min(left, falls)) / falls)


def relationship(known: Readings, day: date, rule: Parameters) -> Value:
    if known.last_contact_on is None or known.last_contact_on > day:
        return MISSING
    days = (day - known.last_contact_on).days
    left = max(0, rule.relationship_days - days)
    return Value(half_up(100000.0 * left / rule.relationship_days), days, days)


def pulse(known: Readings, day: date, rule: Parameters) -> Value:
    latest = _latest([(on, (value - 1) * 25000) for on, value in known.pulses], day, rule.pulse_days)
    if latest is MISSING:
        return MISSING
    return Value(latest.value, [value for on, value in known.pulses if on <= day][-1], latest.age)


def _latest(readings: Sequence[tuple[date, int]], day: date, valid_days: int) -> Value:
    past = [r for r in readings if r[0] <= day]
    if not past:
        return MISSING
    age = (day - past[-1][0]).days
    return Value(past[-1][1] if age < valid_days else None, None, age)


RULES = {
    rule.__name__: rule
    for rule in (
        *(usage, depth, momentum, nps, support, support_quality, billing),
        *(onboarding, ttv, relationship, pulse),
    )
}
