"""What the customer is written on the way: that it begins, and which of their steps are due soon."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.domain.languages import first_supported
from accounts.domain.links import addresses_of
from accounts.domain.mails import Letter, write_mails
from accounts.domain.pressure import held_back
from accounts.models import Contact
from onboarding.domain.checklists.course import Course
from onboarding.domain.checklists.soon import due_soon, may_write, theirs
from onboarding.domain.wording import in_language
from onboarding.models import ChecklistStep

WELCOME, REMINDER = "checklist.welcome", "checklist.reminder"
MOST_PEOPLE = 3
WHY = _("You get this because your company is getting started with us.")
# Of the contact pressure: a mail about their own steps asks for no favour, and may follow one that did.
IN_PEACE = {"opted_out", "detractor"}


@dataclass(frozen=True)
class Line:
    title: str
    due_on: date | None


def welcome(courses: Iterable[Course]) -> int:
    """To those who have not been written to yet and have somebody to write to. Returns how many that were."""
    waiting = [c for c in courses if c.running and c.checklist.mailed_at is None and theirs(c)]
    return _write(waiting, WELCOME, {course.checklist.pk: theirs(course) for course in waiting})


def remind(courses: Iterable[Course]) -> int:
    """Of the steps that are theirs, open and due soon: once each, and not of something every day."""
    lines = {}
    waiting = []
    for course in courses:
        soon = due_soon(course)
        if soon and may_write(course):
            waiting.append(course)
            lines[course.checklist.pk] = soon
    sent = _write(waiting, REMINDER, lines)
    for course in waiting:  # nobody to write to is an answer, too
        for step in lines[course.checklist.pk]:
            step.reminded_at = course.now
    return sent


def people_of(account_ids: Iterable[int]) -> dict[int, list[Contact]]:
    """Whom to write to: the champions and those who decide, else whom we know longest."""
    found: dict[int, list[Contact]] = {}
    rows = Contact.objects.filter(account__in=set(account_ids), left_on=None).select_related("account")
    for contact in rows.order_by("account_id", "-champion", "-decides", "pk"):
        people = found.setdefault(contact.account_id, [])
        if not people or (len(people) < MOST_PEOPLE and (contact.champion or contact.decides)):
            people.append(contact)
    held = held_back(person.pk for people in found.values() for person in people)
    quiet = {pk for pk, why in held.items() if why.reason in IN_PEACE}
    return {account: [one for one in people if one.pk not in quiet] for account, people in found.items()}


def checklist_address(portal: str) -> str:
    return f"{portal}checklist/"


def _write(courses: Sequence[Course], kind: str, lines: Mapping[int, Sequence[ChecklistStep]]) -> int:
    """Returns to how many checklists' people something goes."""
    people = people_of(course.checklist.account_id for course in courses) if courses else {}
    pairs = [(course, one) for course in courses for one in people.get(course.checklist.account_id, [])]
    if not pairs:
        return 0
    portals = addresses_of([(contact, "") for _course, contact in pairs], "portal")
    write_mails(
        _letter(kind, course, contact, lines[course.checklist.pk], portal)
        for (course, contact), portal in zip(pairs, portals, strict=True)
    )
    for course, _contact in pairs:
        course.checklist.mailed_at = course.now
    return len({course.checklist.pk for course, _contact in pairs})


def _letter(kind: str, course: Course, contact: Contact, steps: Sequence[ChecklistStep], portal: str) -> Letter:
    with translation.override(first_supported(contact.language)):
        told = [Line(in_language(step.step.texts, "title") or step.step.key, step.due_on) for step in steps]
    context: dict[str, Any] = {
        "contact": contact,
        "account": contact.account,
        "steps": told,
        "done": course.checklist.required_done,
        "of": course.checklist.required_steps,
        "url": checklist_address(portal),
        "why": WHY,
    }
    day = course.now.date().isoformat()
    return Letter(
        kind=kind,
        key=f"{kind} {course.checklist.pk} {contact.pk}" + (f" {day}" if kind == REMINDER else ""),
        contact=contact,
        template=kind.replace(".", "_"),
        context=context,
    )
