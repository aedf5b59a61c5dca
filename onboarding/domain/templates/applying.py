"""A version applied to checklists that run (O8): never by itself, and only after it was seen what it would do.

The preview works on the same rows as the deed, with the same code, and simply does not keep them.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _, ngettext

from accounts.domain.activity import Fact, Who, record_facts
from accounts.domain.text import shortened
from accounts.exceptions import Conflict, DomainError
from accounts.models import Account
from onboarding.domain.checklists.course import Course
from onboarding.domain.checklists.loading import NEEDED, courses_of, held, keep
from onboarding.domain.checklists.settling import settle
from onboarding.domain.templates.texts import text_of
from onboarding.enums import ChecklistStatus, StepState
from onboarding.models import Checklist, ChecklistStep, TemplateStep, TemplateVersion

AT_ONCE = 500
# A step is the same in every version by its key.
SAME_STEPS = """
update onboarding_checkliststep c set step_id = n.id
from onboarding_templatestep o, onboarding_templatestep n
where o.id = c.step_id and n.key = o.key and n.version_id = %s and c.checklist_id = any(%s)
"""
MOST_NAMED = 3
MOST_LOOKED_AT = 1000  # while somebody waits for the page

Told = Callable[[int], object]


@dataclass(frozen=True)
class Moved:
    """A due date that would be another."""

    title: str
    before: date | None
    after: date | None


@dataclass(frozen=True)
class Standing:
    required: int
    done: int
    engagement: Decimal | None


@dataclass(frozen=True)
class Change:
    """What becomes of one running checklist."""

    checklist: Checklist
    account: Account
    number: int  # of the version it is on
    added: list[str]
    removed: list[str]
    removed_done: int  # of these, how many were done already
    moved: list[Moved]
    before: Standing
    after: Standing
    finishes: bool
    late: str  # the step it would be behind with, and is not now


@dataclass
class Preview:
    version: TemplateVersion
    of: int = 0  # how many there are; only so many are looked at
    changes: list[Change] = field(default_factory=list)

    def count(self, what: str) -> int:
        return sum(bool(getattr(change, what)) for change in self.changes)

    @property
    def totals(self) -> dict[str, int]:
        return {name: self.count(name) for name in ("added", "removed", "removed_done", "moved", "finishes", "late")}


def candidates(version: TemplateVersion) -> list[int]:
    """Running checklists of the template that stand on another version."""
    running = Checklist.objects.filter(status=ChecklistStatus.RUNNING, version__template=version.template_id)
    return list(running.exclude(version=version.pk).order_by("pk").values_list("pk", flat=True))


def preview_applying(version: TemplateVersion, checklist_ids: Collection[int] | None = None) -> Preview:
    """What would become of those that run, or of these among them. Nothing is written. Of very many, the first."""
    _check(version)
    ids = candidates(version) if checklist_ids is None else sorted(set(checklist_ids) & set(candidates(version)))
    steps, preview = list(version.steps.all()), Preview(version, len(ids))
    for at in range(0, min(len(ids), MOST_LOOKED_AT), AT_ONCE):
        preview.changes += [_previewed(course, version, steps) for course in _loaded(ids[at : at + AT_ONCE])]
    preview.changes.sort(key=lambda change: (change.account.name.casefold(), change.checklist.pk))
    return preview


def _check(version: TemplateVersion) -> None:
    if version.published_at is None:
        raise DomainError(_("Publish this version first: only then can it be applied."), code="not_published")


def _loaded(ids: Sequence[int]) -> list[Course]:
    found = Checklist.objects.filter(pk__in=ids).select_related("account", "version__template")
    checklists = found.only(*NEEDED, "account__name", "version__number").order_by("pk")
    return courses_of(list(checklists), timezone.now())


def _previewed(course: Course, version: TemplateVersion, steps: Sequence[TemplateStep]) -> Change:
    checklist, number = course.checklist, course.checklist.version.number
    before, dues = _standing(checklist), {key: step.due_on for key, step in course.by_key.items()}
    late_already = bool(course.late())
    plan = Plan.of(course, steps)
    after = plan.carried_out(course, version)
    settle(after)
    late = after.late() if after.running and not late_already else []
    return Change(
        checklist=checklist,
        account=checklist.account,
        number=number,
        added=[_title(step) for step in plan.added],
        removed=[_title(step) for step in plan.removed],
        removed_done=sum(step.state == StepState.DONE for step in plan.removed),
        moved=[_moved(step, dues) for step in after.steps if _is_moved(step, dues)],
        before=before,
        after=_standing(checklist),
        finishes=not after.running,
        late=_title(late[0]) if late else "",
    )


def _standing(checklist: Checklist) -> Standing:
    return Standing(checklist.required_steps, checklist.required_done, checklist.engagement)


def _title(step: ChecklistStep) -> str:
    return text_of(step.step, translation.get_language() or "").title


def _is_moved(step: ChecklistStep, dues: dict[str, date | None]) -> bool:
    open_still = step.state not in StepState.closed()
    return open_still and step.step.key in dues and dues[step.step.key] != step.due_on


def _moved(step: ChecklistStep, dues: dict[str, date | None]) -> Moved:
    return Moved(_title(step), dues[step.step.key], step.due_on)


# One checklist ----------------------------------------------------------------------------------------


@dataclass
class Plan:
    """Which steps stay, told by their keys, which come and which go."""

    steps: list[ChecklistStep]  # in the version's order
    added: list[ChecklistStep]
    removed: list[ChecklistStep]
    waiting: set[str]  # open ones that now wait for other steps than before

    @classmethod
    def of(cls, course: Course, steps: Sequence[TemplateStep]) -> "Plan":
        plan = cls([], [], [], set())
        keys = {step.key for step in steps}
        plan.removed = [step for step in course.steps if step.step.key not in keys]
        for step in steps:
            own = course.by_key.get(step.key)
            if own is None:
                own = ChecklistStep(checklist=course.checklist, step=step)
                plan.added.append(own)
            else:
                if own.state == StepState.OPEN and own.step.after != step.after:
                    plan.waiting.add(step.key)
                own.step = step
            plan.steps.append(own)
        return plan

    def carried_out(self, course: Course, version: TemplateVersion) -> Course:
        """The same way with these steps, not settled yet. What is done stays done."""
        course.checklist.version = version
        after = Course(course.checklist, self.steps, course.now)
        for step in self.steps:
            if step.step.key in self.waiting:
                step.state = StepState.BLOCKED  # settled, it opens if what it waits for is done
        return after


# All of them, or none ---------------------------------------------------------------------------------


@transaction.atomic
def apply_version(version: TemplateVersion, checklist_ids: Iterable[int], *, by: Who, told: Told | None = None) -> int:
    """Put these running checklists on the version; returns how many. Conflict, and nothing is done, if one of them
    does not run any more. `told` hears how many are through."""
    _check(version)
    ids = sorted(set(checklist_ids))
    version = TemplateVersion.objects.select_related("template").get(pk=version.pk)
    steps = list(version.steps.all())
    for at in range(0, len(ids), AT_ONCE):
        chunk = ids[at : at + AT_ONCE]
        courses = held(chunk)
        _check_running(courses, chunk, version)
        _carry_over(courses, version, steps, by)
        if told:
            told(at + len(chunk))
    return len(ids)


def _check_running(courses: Sequence[Course], ids: Sequence[int], version: TemplateVersion) -> None:
    fit = [c for c in courses if c.running and c.checklist.version.template_id == version.template_id]
    if gone := len(ids) - len(fit):
        sentence = ngettext(
            "%(n)s of these checklists does not run any more: nothing was changed. Look again.",
            "%(n)s of these checklists do not run any more: nothing was changed. Look again.",
            gone,
        )
        raise Conflict(sentence % {"n": gone}, code="no_longer_running")


def _carry_over(courses: Sequence[Course], version: TemplateVersion, steps: Sequence[TemplateStep], by: Who) -> None:
    plans = [(course, Plan.of(course, steps)) for course in courses if course.checklist.version_id != version.pk]
    ChecklistStep.objects.filter(pk__in=[step.pk for _c, plan in plans for step in plan.removed]).delete()
    ChecklistStep.objects.bulk_create([step for _c, plan in plans for step in plan.added])
    ids = [course.checklist.pk for course, _plan in plans]
    with connection.cursor() as cursor:
        cursor.execute(SAME_STEPS, [version.pk, ids])
    Checklist.objects.filter(pk__in=ids).update(version=version)
    record_facts([_fact(course, version, plan) for course, plan in plans], by=by)
    keep([plan.carried_out(course, version) for course, plan in plans], by)
    # What people did before counts for steps that are new, too: the next sweep asks for it.
    Checklist.objects.filter(pk__in=ids, status=ChecklistStatus.RUNNING).update(attention_at=timezone.now())


def _fact(course: Course, version: TemplateVersion, plan: Plan) -> Fact:
    with translation.override(settings.LANGUAGE_CODE):
        steps = {"added": _named(plan.added), "removed": _named(plan.removed)}
        what = change_in_words({"steps": steps})
    data = {
        "checklist": course.checklist.pk,
        "template": version.template.name,
        "version": version.number,
        "what": what,
        "steps": steps,
    }
    return Fact(course.checklist.account_id, "checklist.changed", data)


def _named(steps: Sequence[ChecklistStep]) -> dict[str, Any]:
    names = [shortened(text_of(step.step).title, 60) for step in steps[:MOST_NAMED]]
    return {"first": names, "more": len(steps) - len(names)}


def change_in_words(data: Mapping[str, Any]) -> str:
    """Of a checklist.changed, in the reader's language; the steps are called as the team calls them."""
    if not (steps := data.get("steps")):
        return ""
    parts = []
    if steps["added"]["first"]:
        parts.append(_("added %(steps)s") % {"steps": _listed(**steps["added"])})
    if steps["removed"]["first"]:
        parts.append(_("removed %(steps)s") % {"steps": _listed(**steps["removed"])})
    return "; ".join(parts) or _("texts, dates or weights")


def _listed(first: Sequence[str], more: int) -> str:
    names = ", ".join(first)
    if not more:
        return names
    return ngettext("%(names)s and %(n)s more", "%(names)s and %(n)s more", more) % {"names": names, "n": more}
