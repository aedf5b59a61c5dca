"""Checklists and sessions as the board and the reports find them: rows, without the verbs that make them."""

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from model_bakery import baker

from accounts.models import Account, Contact, User
from onboarding.models import (
    Checklist,
    ChecklistStep,
    ChecklistTemplate,
    Schedule,
    Seat,
    Session,
    SessionType,
    TemplateStep,
    TemplateVersion,
)

STEPS = ("kick-off", "import", "first-report", "invite")


def make_version(
    key: str = "starter", steps: tuple[str, ...] = STEPS, *, activation: str = "first-report"
) -> TemplateVersion:
    """Published, with a step for each key; their titles are the keys as words."""
    template = ChecklistTemplate.objects.create(key=key, name=key.title())
    version = TemplateVersion.objects.create(template=template, number=1, status="draft")
    for position, step in enumerate(steps):
        title = step.replace("-", " ").capitalize()
        TemplateStep.objects.create(
            version=version, key=step, position=position, texts={"en": {"title": title}}, activation=step == activation
        )
    TemplateVersion.objects.filter(pk=version.pk).update(status="published", published_at=timezone.now())
    version.refresh_from_db()
    return version


def make_account(name: str = "Acme", **fields: Any) -> Account:
    return baker.make(Account, **({"name": name, "external_id": name.lower(), "stage": "onboarding"} | fields))


def start(
    account: Account, version: TemplateVersion, *, done: int = 0, started: datetime | None = None, **fields: Any
) -> Checklist:
    """A checklist with its first `done` steps done, the next open, the rest blocked."""
    started = started or timezone.now() - timedelta(days=3)
    steps = list(version.steps.order_by("position"))
    given = {
        "started_at": started, "anchor": started.date(), "last_progress_at": started, "required_steps": len(steps),
        "required_done": done, "engagement": 100 * done // max(len(steps), 1), "next_due_on": started.date() + timedelta(days=7),
    } | fields  # fmt: skip
    checklist = Checklist.objects.create(account=account, version=version, **given)
    finished = given.get("status") == "finished"
    ChecklistStep.objects.bulk_create(
        ChecklistStep(
            checklist=checklist,
            step=step,
            state="done" if n < done or finished else "open" if n == done else "blocked",
            due_on=given["next_due_on"],
            opened_at=started if n <= done else None,
            closed_at=started + timedelta(hours=12 * (n + 1)) if n < done or finished else None,
        )
        for n, step in enumerate(steps)
    )
    return checklist


def make_kind(**fields: Any) -> SessionType:
    given = {"slug": "kickoff", "texts": {"en": {"name": "Kick-off"}}} | fields
    return SessionType.objects.filter(slug=given["slug"]).first() or baker.make(SessionType, **given)


def make_session(host: User, starts_at: datetime, *people: Contact, minutes: int = 30, **fields: Any) -> Session:
    """With a seat for each of these people; it is their account's unless it has several seats."""
    seats = fields.get("seats", 1)
    given = {
        "session_type": fields.pop("kind", None) or make_kind(),
        "account": people[0].account if people and seats == 1 else None,
        "seats_taken": len(people),
    } | fields
    seat_status = given.pop("seat", "booked")
    session = Session.objects.create(
        host=host, starts_at=starts_at, ends_at=starts_at + timedelta(minutes=minutes), **given
    )
    for person in people:
        take_seat(session, person, status=seat_status)
    return session


def take_seat(session: Session, person: Contact | None, **fields: Any) -> Seat:
    given = {"name": str(person or "Pat"), "email": person.email if person else "pat@else.example"} | fields
    return Seat.objects.create(
        session=session, contact=person, key=f"k{session.pk}-{session.attendees.count()}", **given
    )


def make_person(account: Account, name: str = "Kim Doe", **fields: Any) -> Contact:
    email = f"{name.split(maxsplit=1)[0].lower()}@{account.external_id}.example"
    return baker.make(Contact, account=account, name=name, email=email, **fields)


def free_all_day(user: User) -> None:
    Schedule.objects.create(user=user, time_zone="UTC", weekly={str(n): [[480, 1080]] for n in range(7)})


def text_of(response: HttpResponse) -> str:
    return " ".join(response.content.decode().split())


def url(session: Session, what: str = "") -> str:
    return f"/onboarding/sessions/{session.pk}/{what}"
