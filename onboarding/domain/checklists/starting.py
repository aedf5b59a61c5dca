"""Checklists begin: one for an account at a time, which the database holds, and thousands in one go."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.domain.account_values import day
from accounts.domain.activity import Who
from accounts.domain.bulk import chunks
from accounts.enums import Stage
from accounts.exceptions import Conflict, DomainError
from accounts.models import Account
from onboarding.domain.checklists import events, facts, mails
from onboarding.domain.checklists.course import Course
from onboarding.domain.checklists.loading import AT_ONCE, courses_of, running_of, write
from onboarding.domain.checklists.settling import settle
from onboarding.domain.templates.best import best_templates
from onboarding.domain.touch import recommend_missing
from onboarding.enums import VersionStatus
from onboarding.models import Checklist, ChecklistStep, TemplateStep, TemplateVersion

# Long-standing customers need no onboarding because their row was touched.
NEW = [Stage.TRIAL, Stage.ONBOARDING]
NEW_AMONG = """
select a.id from unnest(%s::bigint[]) given (id) join accounts_account a on a.id = given.id
where a.stage = any(%s) and not exists (select from onboarding_checklist c where c.account_id = a.id) order by a.id
"""
Choose = Callable[[Sequence[Account]], dict[int, TemplateVersion | None]]


@transaction.atomic
def start(
    account: Account, version: TemplateVersion | None = None, *, by: Who, anchor: date | None = None
) -> Checklist:
    """The account's checklist: of that version, else of the template that fits it best."""
    anchor = _in_reach(anchor)
    row = Account.objects.select_for_update(no_key=True, of=("self",)).select_related("segment").get(pk=account.pk)
    if row.stage == Stage.CHURNED:
        raise Conflict(_("A customer who has left is not onboarded."), code="churned")
    if running_of([row.pk]):
        raise Conflict(_("An onboarding of this account is running already."), code="one_running")
    if version is None and (version := best_templates([row])[row.pk]) is None:
        raise DomainError(_("No checklist template fits this account. Publish one first."), code="no_template")
    if version.status != VersionStatus.PUBLISHED:
        raise DomainError(_("A checklist starts from a published version."), code="not_published")
    courses = _begin([(row, version)], timezone.now(), anchor=anchor)
    _settle(courses, by)
    return courses[0].checklist


def _in_reach(anchor: date | None) -> date | None:
    try:
        return day(anchor)
    except DomainError as error:
        raise DomainError(str(error), errors={"anchor": [str(error)]}) from None


def start_new(account_ids: Iterable[int], *, greet: bool = True) -> int:
    """Of these accounts, those that are new here and never had a checklist get theirs. Returns how many. Without
    `greet` nobody is written to about it."""
    total = 0
    for chunk in chunks(_new_among(account_ids), AT_ONCE):
        with transaction.atomic():
            total += len(_start_new(chunk, greet=greet))
    return total


def _new_among(account_ids: Iterable[int]) -> list[int]:
    """Few of those that a file brings: asked once, in text, whatever their number."""
    with connection.cursor() as cursor:
        cursor.execute(NEW_AMONG, [f"{{{','.join(map(str, account_ids))}}}", NEW])
        return [pk for (pk,) in cursor.fetchall()]


def _start_new(ids: Sequence[int], *, greet: bool) -> list[Course]:
    waiting = (
        Account.objects.filter(pk__in=ids, stage__in=NEW, checklists=None).order_by("pk").select_related("segment")
    )
    # Whose turn it is, held; then looked at again: somebody may have been faster while we waited.
    held = list(
        Account.objects.filter(pk__in=waiting.values("pk"))
        .order_by("pk")
        .select_for_update(no_key=True)
        .values_list("pk", flat=True)
    )
    accounts = list(waiting.filter(pk__in=held))
    recommend_missing(accounts)  # the touch model decides which template it is
    versions = best_templates(accounts)
    pairs = [(account, version) for account in accounts if (version := versions[account.pk])]
    courses = _begin(pairs, timezone.now())
    _settle(courses, None, greet=greet)
    return courses


def _begin(
    pairs: Sequence[tuple[Account, TemplateVersion]], now: datetime, *, anchor: date | None = None
) -> list[Course]:
    checklists = [
        Checklist(
            account=account, version=version, started_at=now, last_progress_at=now,
            anchor=anchor or now.astimezone(account.time_zone).date(),
        )
        for account, version in pairs
    ]  # fmt: skip
    try:
        with transaction.atomic():
            Checklist.objects.bulk_create(checklists)
    except IntegrityError:
        raise Conflict(_("An onboarding of this account is running already."), code="one_running") from None
    steps = _steps_of({version.pk for _account, version in pairs})
    ChecklistStep.objects.bulk_create(
        ChecklistStep(checklist=checklist, step=step)
        for checklist in checklists
        for step in steps.get(checklist.version_id, [])
    )
    return courses_of(checklists, now)


def _steps_of(version_ids: set[int]) -> dict[int, list[TemplateStep]]:
    found: dict[int, list[TemplateStep]] = {}
    for step in TemplateStep.objects.filter(version__in=version_ids).order_by("version_id", "position", "pk"):
        found.setdefault(step.version_id, []).append(step)
    return found


def _settle(courses: Sequence[Course], by: Who, *, greet: bool = True) -> None:
    """What was done before the checklist began counts, unless a step says otherwise (O4)."""
    events.look_back(courses)
    events.tick_all(courses)
    told = []
    for course in courses:
        told += [facts.started(course), *settle(course)]
        if not greet:
            course.checklist.mailed_at = course.now
    mails.welcome(courses)
    write(courses, told, by)
