"""One account's people: what each said last, what each was asked last, and whether each may be asked now."""

from dataclasses import dataclass

from accounts.domain.pressure import HeldBack, held_back
from accounts.models import Account, Ask, Contact
from health.enums import SurveyKind
from health.models import Answer, Invite

MOST_INVITES = 20


@dataclass(frozen=True)
class Person:
    contact: Contact
    answer: Answer | None  # the latest one to "how likely"
    ask: Ask | None
    held: HeldBack | None  # None: may be asked


def people_of(account: Account) -> list[Person]:
    """Who is still there, those who answered last first."""
    contacts = list(account.contacts.filter(left_on=None))
    answers = account.answers.filter(kind=SurveyKind.NPS, contact__isnull=False)
    said = {one.contact_id: one for one in answers.order_by("contact_id", "-answered_at", "-pk").distinct("contact_id")}
    asked = {one.contact_id: one for one in account.asks.order_by("contact_id", "-at", "-pk").distinct("contact_id")}
    held = held_back([contact.pk for contact in contacts])
    found = [Person(one, said.get(one.pk), asked.get(one.pk), held.get(one.pk)) for one in contacts]
    return sorted(found, key=lambda person: -person.answer.answered_at.timestamp() if person.answer else 0)


def invites_of(account: Account) -> list[Invite]:
    """What was sent, and what was not and why; newest first."""
    rows = account.invites.select_related("survey", "contact", "answer").order_by("-queued_at", "-pk")
    return list(rows[:MOST_INVITES])
