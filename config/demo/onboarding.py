"""How the demo's customers got started: most are through, some gave up, the new ones are on their way, a few are stuck."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from django.db import connection

from accounts.domain.activity import Fact, record_facts
from accounts.domain.bulk import chunks
from accounts.models import Account, Contact, User
from config.demo.book import contacts_of
from config.demo.story import Customer
from onboarding.domain.checklists import facts, mails, rows
from onboarding.domain.checklists.course import Course
from onboarding.domain.checklists.settling import look_later, rest, settle
from onboarding.domain.checklists.soon import theirs
from onboarding.domain.templates.best import best_templates
from onboarding.enums import ChecklistStatus, StepOwner, StepState
from onboarding.models import Checklist, ChecklistStep, Invitation, Session, TemplateStep, TemplateVersion

AT_ONCE = 2000
OLD_STYLE = 0.12  # of customers came before there were checklists
OPTIONAL = 0.55  # of optional steps were done
# mood: how long they took against the plan, how many got through
PACE = {
    "thriving": (0.7, 0.97),
    "steady": (1.0, 0.9),
    "noisy": (1.1, 0.85),
    "slipping": (1.7, 0.6),
    "failing": (2.2, 0.35),
    "gone": (1.8, 0.45),
    "trial": (0.9, 1.0),
}
STALLED = 0.2  # of those who are new stopped somewhere
WEEKS_TO_GIVE_UP = 10
GAVE_UP = (
    "They went live without the rest of it.",
    "The project lead left, the successor has other plans.",
    "They use it for one team only, and that works.",
)
TAG = """
update accounts_account a set custom = a.custom || jsonb_build_object('onboarding', c.status)
from onboarding_checklist c where c.account_id = a.id and c.status <> 'running'
"""
DAY = timedelta(days=1)


def bring_along(customers: Sequence[Customer], csms: Sequence[User], rng: np.random.Generator, now: datetime) -> None:
    """Before the nights are replayed: what is late or stuck opens follow-ups as it would have."""
    people = contacts_of()
    for chunk in chunks(customers, AT_ONCE):
        begun = [customer for customer in chunk if customer.is_new or rng.random() > OLD_STYLE]
        _bring(begun, people, csms, rng, now)
    with connection.cursor() as cursor:
        cursor.execute(TAG)


def _bring(
    customers: Sequence[Customer], people: dict[int, list[int]], csms: Sequence[User], rng: np.random.Generator,
    now: datetime,
) -> None:  # fmt: skip
    accounts = {a.pk: a for a in Account.objects.filter(pk__in=[c.pk for c in customers]).select_related("segment")}
    versions = best_templates(accounts.values())
    pairs = [(customer, version) for customer in customers if (version := versions[customer.pk])]
    steps = _steps({version.pk for _customer, version in pairs})
    lists = [_begun(accounts[customer.pk], version, customer) for customer, version in pairs]
    Checklist.objects.bulk_create(lists, batch_size=AT_ONCE)
    own: list[list[ChecklistStep]] = [
        [ChecklistStep(checklist=checklist, step=step) for step in steps[checklist.version_id]] for checklist in lists
    ]
    ChecklistStep.objects.bulk_create((row for group in own for row in group), batch_size=AT_ONCE)
    courses = [Course(checklist, group, now) for checklist, group in zip(lists, own, strict=True)]
    coming = _sessions_to_come(accounts, now)
    told: list[Fact] = []
    for course, (customer, _version) in zip(courses, pairs, strict=True):
        told += _lived(course, customer, people[customer.pk], csms[customer.csm], coming, rng)
    mails.remind(course for course in courses if course.running)
    for course in courses:
        look_later(course)
    rows.write(((c.checklist, c.steps) for c in courses), {k: v for c in courses for k, v in c.before.items()})
    record_facts(told, by="Demo")
    record_facts(_invited(courses, people, rng), by="Demo")


def _steps(version_ids: Iterable[int]) -> dict[int, list[TemplateStep]]:
    found: dict[int, list[TemplateStep]] = {}
    for step in TemplateStep.objects.filter(version__in=version_ids).order_by("version_id", "position", "pk"):
        found.setdefault(step.version_id, []).append(step)
    return found


def _sessions_to_come(accounts: Iterable[int], now: datetime) -> set[tuple[int, int]]:
    """Account and kind of session: a step that is such a session is not done before it."""
    rows = Session.objects.filter(account__in=accounts, starts_at__gt=now, status="confirmed")
    return set(rows.values_list("account_id", "session_type_id"))


def _begun(account: Account, version: TemplateVersion, customer: Customer) -> Checklist:
    at = datetime.combine(customer.started_on, time(9, 30), ZoneInfo(str(account.time_zone))).astimezone(UTC)
    checklist = Checklist(account=account, version=version, started_at=at, anchor=customer.started_on)
    checklist.last_progress_at = checklist.mailed_at = at
    return checklist


# One way ------------------------------------------------------------------------------------------------


def _lived(
    course: Course, customer: Customer, people: Sequence[int], csm: User, coming: set[tuple[int, int]],
    rng: np.random.Generator,
) -> Iterator[Fact]:  # fmt: skip
    now, checklist = course.now, course.checklist
    pace, through = PACE[customer.mood]
    gets_through = rng.random() > STALLED if customer.is_new else rng.random() < through
    until = len(course.steps) if gets_through else int(rng.integers(1, max(2, len(course.steps) - 1)))
    done = _walk(course, until, pace * float(rng.uniform(0.7, 1.3)), people, csm, coming, rng)
    checklist.last_progress_at = max([checklist.started_at, *(step.closed_at for step in done if step.closed_at)])
    yield replace(facts.started(course), occurred_at=checklist.started_at)
    if gets_through or customer.is_new:
        course.now = now if customer.is_new else checklist.last_progress_at + timedelta(minutes=1)
        yield from (_on_its_day(course, fact) for fact in settle(course))
        course.closed = done if course.running else []
        yield from facts.of_steps(course)
    else:
        left = datetime.combine(customer.ended_on, time(12), UTC) if customer.ended_on else now
        given_up = checklist.last_progress_at + timedelta(weeks=WEEKS_TO_GIVE_UP)
        course.now = max(min(now - DAY, left, given_up), checklist.last_progress_at)
        settle(course)
        list(rest(course))
        checklist.status = ChecklistStatus.CANCELED
        reason = "The customer has left." if customer.ended_on else GAVE_UP[customer.number % len(GAVE_UP)]
        yield facts.canceled(course, reason)
    course.now = now
    for step in theirs(course) if course.running else ():
        if step.due_on and step.due_on < now.date():
            step.reminded_at = min(now, datetime.combine(step.due_on - 2 * DAY, time(7), UTC))


def _walk(
    course: Course, until: int, pace: float, people: Sequence[int], csm: User, coming: set[tuple[int, int]],
    rng: np.random.Generator,
) -> list[ChecklistStep]:  # fmt: skip
    """Step after step, each some time around its day, none before what it waits for."""
    ends: dict[str, datetime] = {}
    done = []
    for step in course.steps[:until]:
        template = step.step
        if not template.required and rng.random() > OPTIONAL:
            continue
        if any(key not in ends for key in template.after):
            continue
        if (course.checklist.account_id, template.session_type_id) in coming:
            continue
        planned = course.checklist.started_at + template.offset * pace * DAY + float(rng.gamma(1.3, 0.8)) * pace * DAY
        at = max([planned, *(ends[key] + float(rng.uniform(0.1, 1.5)) * DAY for key in template.after)])
        if at >= course.now - timedelta(minutes=5):
            continue
        ends[template.key] = at
        step.state, step.closed_at, step.opened_at = StepState.DONE, at, course.checklist.started_at
        if template.owner == StepOwner.CSM:
            step.closed_by = csm
        elif not template.auto_action:
            step.closed_by_contact_id = people[int(rng.integers(len(people)))]
        done.append(step)
    return done


def _on_its_day(course: Course, fact: Fact) -> Fact:
    """Late since the day after it was due, stuck since a fortnight after the last step, finished with the last one."""
    checklist = course.checklist
    if fact.kind == "checklist.behind" and (late := course.late()) and (due := late[0].due_on):
        checklist.behind_since = min(course.now, datetime.combine(due + DAY, time(), course.zone).astimezone(UTC))
        return replace(fact, occurred_at=checklist.behind_since)
    if fact.kind == "checklist.stuck":
        checklist.stuck_since = min(course.now, checklist.last_progress_at + 14 * DAY)
        return replace(fact, data={**fact.data, "days": 14}, occurred_at=checklist.stuck_since)
    return fact


# Colleagues ---------------------------------------------------------------------------------------------


def _invited(courses: Iterable[Course], people: dict[int, list[int]], rng: np.random.Generator) -> list[Fact]:
    """A third of the champions brought colleagues along, and most of those came."""
    made = []
    for course in courses:
        own = people[course.checklist.account_id]
        if len(own) < 3 or rng.random() > 0.33:
            continue
        at = min(course.checklist.started_at + float(rng.uniform(0.5, 6)) * DAY, course.now)
        came = min(at + float(rng.gamma(1.2, 1.0)) * DAY, course.now) if rng.random() < 0.7 else None
        made.append(
            Invitation(
                inviter_id=own[1], contact_id=own[2], account_id=course.checklist.account_id, invited_at=at,
                accepted_at=came,
            )
        )  # fmt: skip
    Invitation.objects.bulk_create(made, batch_size=AT_ONCE)
    names = Contact.objects.in_bulk({pk for row in made for pk in (row.inviter_id, row.contact_id) if pk})
    told = []
    for row in made:
        one, asked_by = names[row.contact_id], names[row.inviter_id or row.contact_id]
        data = {"contact": str(one), "email": one.email, "inviter": str(asked_by)}
        told.append(Fact(row.account_id, "colleague.invited", data, row.invited_at))
        if row.accepted_at:
            told.append(Fact(row.account_id, "colleague.joined", data, row.accepted_at))
    return told
