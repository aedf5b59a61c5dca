"""Accounts with readings, and what the plain rule says about them."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import Account
from health.domain import marks, models
from health.domain.indicators import AnswerFact, InvoiceFact, OnboardingFact, Readings, TicketFact
from health.models import (
    Action,
    Answer,
    CustomReading,
    FirstReading,
    Invoice,
    OnboardingReading,
    Pulse,
    ScoreModel,
    ScoreModelVersion,
    Ticket,
    UsageDay,
    UsageTarget,
)

_numbers = count(1)
NOON = time(12)
LONG_AGO = date(2020, 1, 1)


def make_account(**fields: Any) -> Account:
    return make_accounts(1, **fields)[0]


def make_accounts(count: int, **fields: Any) -> list[Account]:
    return Account.objects.bulk_create(unsaved(**fields) for _ in range(count))


def unsaved(**fields: Any) -> Account:
    n = next(_numbers)
    values = {"external_id": f"acc-{n}", "name": f"Account {n}", "seats": 5, "stage": "active"} | fields
    return Account(**values)


def at(day: date, account: Account) -> datetime:
    """Noon of that day where the account is."""
    return datetime.combine(day, NOON, tzinfo=ZoneInfo(str(account.time_zone))).astimezone(UTC)


def action(key: str = "export", impact: int = 1) -> Action:
    return Action.objects.update_or_create(key=key, defaults={"name": key, "impact": impact})[0]


def use(account: Account, points: int, *, on: date, key: str = "export") -> None:
    use_each([account], points, on=on, key=key)


def use_each(accounts: Iterable[Account], points: int, *, on: date, key: str = "export") -> None:
    done = Action.objects.filter(key=key).first() or action(key)
    UsageDay.objects.bulk_create(UsageDay(account=account, day=on, action=done, count=points) for account in accounts)


def ticket(account: Account, *, on: date, severity: str = "normal", theme: str = "", **fields: Any) -> Ticket:
    return Ticket.objects.create(
        account=account,
        external_id=f"t-{next(_numbers)}",
        opened_at=at(on, account),
        severity=severity,
        theme=theme,
        **fields,
    )


def invoice(account: Account, *, due: date, paid: date | None = None, **fields: Any) -> Invoice:
    values = {
        "external_id": f"i-{next(_numbers)}",
        "amount": 100,
        "currency": "USD",
        "issued_on": due - timedelta(days=14),
        "due_on": due,
        "paid_on": paid,
        "status": "paid" if paid else "open",
    } | fields
    return Invoice.objects.create(account=account, **values)


def answer(account: Account, score: int, *, on: date, contact: Any = None) -> Answer:
    return Answer.objects.create(
        account=account, external_id=f"a-{next(_numbers)}", score=score, answered_at=at(on, account), contact=contact
    )


def told(account: Account, word: str, *, on: date, checklist: int = 1, amount: int | None = None) -> OnboardingReading:
    return OnboardingReading.objects.create(
        activity_id=next(_numbers), account=account, checklist=checklist, word=word, at=at(on, account), amount=amount
    )


def all_received(since: date = LONG_AGO) -> None:
    for kind in ("usage", "ticket", "invoice", "answer"):
        FirstReading.objects.update_or_create(kind=kind, defaults={"first_on": since})


def set_weights(**weights: int) -> ScoreModelVersion:
    """Keys with two underscores for a colon: custom__fit."""
    model = ScoreModel.objects.select_related("current").get(segment=None)
    given = {key.replace("__", ":"): weight for key, weight in weights.items()}
    return models.publish_weights(model, given, by=None, based_on=model.current.number)


def set_target(points_per_seat: int) -> None:
    UsageTarget.objects.update_or_create(segment=None, defaults={"points_per_seat": points_per_seat})


def stored_readings(account: Account) -> Readings:
    """What the database knows about an account, for the plain rule."""
    zone = ZoneInfo(str(account.time_zone))
    target = UsageTarget.objects.filter(segment=None).first()
    plan_actions = account.plan.actions.values_list("key", flat=True) if account.plan else ()
    return Readings(
        seats=account.seats,
        target_per_seat=target.points_per_seat if target else None,
        impacts=dict(Action.objects.values_list("key", "impact")),
        included=frozenset(plan_actions),
        usage=sorted(account.usage_days.values_list("day", "action__key", "count")),
        tickets=[
            TicketFact(t.opened_at.astimezone(zone).date(), t.severity, t.strategic)
            for t in account.tickets.order_by("opened_at")
        ],
        invoices=[InvoiceFact(i.issued_on, i.due_on, i.paid_on) for i in account.invoices.exclude(status="void")],
        answers=[
            AnswerFact(a.answered_at.astimezone(zone).date(), a.score, a.contact_id)
            for a in account.answers.order_by("answered_at", "id")
        ],
        onboarding=[
            OnboardingFact(o.at.astimezone(zone).date(), o.checklist, o.word, o.amount)
            for o in account.onboarding_readings.order_by("activity_id")
        ],
        last_contact_on=account.last_contact_at.astimezone(zone).date() if account.last_contact_at else None,
        pulses=[(p.at.astimezone(zone).date(), p.value) for p in account.pulses.order_by("at")],
        custom=_custom(account, zone),
        first=dict(FirstReading.objects.values_list("kind", "first_on")),
    )


def _custom(account: Account, zone: ZoneInfo) -> dict[str, list[tuple[date, int]]]:
    found: dict[str, list[tuple[date, int]]] = {}
    for reading in CustomReading.objects.filter(account=account).order_by("at"):
        found.setdefault(reading.key, []).append((reading.at.astimezone(zone).date(), int(reading.value * 1000)))
    return found


def make_pulse(account: Account, value: int, *, on: date) -> Pulse:
    return Pulse.objects.create(account=account, value=value, reason="Because", at=at(on, account))


def noted() -> None:
    marks.note_first_readings()
