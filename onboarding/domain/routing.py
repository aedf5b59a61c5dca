"""Those whom an answer led elsewhere: what they said is kept, and how many were led where."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Count
from django.utils import timezone, translation

from accounts.domain.activity import Fact, Who, record_many
from accounts.domain.plans.changing import customer
from accounts.models import Contact
from onboarding.domain.questions import Question, Route
from onboarding.domain.wording import name_of
from onboarding.models import Routing, Seat, SessionType


@transaction.atomic
def keep_routed(
    kind: SessionType,
    route: Route,
    asked: Iterable[Question],
    answers: Mapping[str, str],
    *,
    contact: Contact | None = None,
    visit: str = "",
    by: Who = None,
) -> None:
    """Once for each contact, or visit of a stranger; on the timeline, where it is known whose it is."""
    key = f"contact {contact.pk}" if contact else visit or secrets.token_urlsafe(16)
    given = {"contact": contact, "target": route.target, "question": route.question, "answer": route.answer}
    row, new = Routing.objects.get_or_create(session_type=kind, key=key, defaults=given)
    same = not new and (row.target, row.answer) == (route.target, route.answer)
    if not new:
        Routing.objects.filter(pk=row.pk).update(**given, at=timezone.now())
    if contact and not same:
        _tell(contact, kind, route.target, said(asked, answers), by)


def said(asked: Iterable[Question], answers: Mapping[str, str]) -> str:
    return "; ".join(f"{one.text} {answers[one.key]}" for one in asked if answers.get(one.key))


def _tell(contact: Contact, kind: SessionType, target: str, summary: str, by: Who) -> None:
    with translation.override(settings.LANGUAGE_CODE):  # as the team reads it, on whoever's page it happened
        led = {"type": name_of(kind), "to": _names().get(target, target)}
    facts = {"contact": str(contact), "contact_id": contact.pk, "summary": summary, **led}
    record_many([Fact(contact.account_id, "session.routed", facts)], by=by or customer(contact))


def _names() -> dict[str, str]:
    return {kind.slug: name_of(kind) for kind in SessionType.objects.all()}


# In numbers ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Led:
    """How many were led there, by which answer."""

    to: str
    answer: str
    count: int


def led_elsewhere(kind: SessionType, since: datetime) -> list[Led]:
    """Most first."""
    rows = Routing.objects.filter(session_type=kind, at__gte=since).values("target", "answer")
    counted = rows.annotate(count=Count("pk")).order_by("-count", "target", "answer")
    names = _names()
    return [Led(names.get(row["target"], row["target"]), row["answer"], row["count"]) for row in counted]


def booked_since(kind: SessionType, since: datetime) -> int:
    return Seat.objects.filter(session__session_type=kind, booked_at__gte=since).count()
