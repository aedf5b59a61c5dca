"""Templates and their drafts: begun, saved with every check, dropped. What is published is never touched (O8)."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.domain.activity import Actor, Who
from accounts.domain.text import one_line
from accounts.enums import TouchModel
from accounts.exceptions import Conflict, DomainError
from accounts.models import Segment
from onboarding.domain.templates.checks import StepValues, checked
from onboarding.enums import VersionStatus
from onboarding.models import ChecklistTemplate, TemplateStep, TemplateVersion

# The template itself ----------------------------------------------------------------------------------


@transaction.atomic
def create_template(
    name: str,
    *,
    by: Who = None,
    key: str = "",
    segments: Iterable[Segment] = (),
    touch_models: Sequence[str] = (),
    like: TemplateVersion | None = None,
) -> ChecklistTemplate:
    """With a first draft: empty, or the steps of `like`."""
    name = one_line(name, 120, field="name")
    if not name:
        raise _wrong("name", _("This cannot be empty."))
    template = ChecklistTemplate(key=key or _free_key(name), name=name, touch_models=_touch_models(touch_models))
    template.save()
    template.segments.set(segments)
    _begin(template, like, by)
    return template


def _free_key(name: str) -> str:
    stem = slugify(name)[:50] or "checklist"
    taken = set(ChecklistTemplate.objects.filter(key__startswith=stem).values_list("key", flat=True))
    return next(key for n in range(len(taken) + 1) if (key := f"{stem}-{n}" if n else stem) not in taken)


@transaction.atomic
def change_template(
    template: ChecklistTemplate, *, name: str, segments: Iterable[Segment], touch_models: Sequence[str]
) -> None:
    """What it is called and whom it is for: at once, for checklists that start from now on."""
    template.name = one_line(name, 120, field="name")
    if not template.name:
        raise _wrong("name", _("This cannot be empty."))
    template.touch_models = _touch_models(touch_models)
    template.save(update_fields=["name", "touch_models"])
    template.segments.set(segments)


def _touch_models(given: Sequence[str]) -> list[str]:
    if unknown := set(given) - set(TouchModel.values):
        raise _wrong("touch_models", _("There is no touch model %(name)s.") % {"name": min(unknown)[:20]})
    return [model for model in TouchModel.values if model in given]


def retire(template: ChecklistTemplate) -> None:
    """Nobody gets it any more; checklists that run go on."""
    ChecklistTemplate.objects.filter(pk=template.pk, retired_at=None).update(retired_at=timezone.now())


def bring_back(template: ChecklistTemplate) -> None:
    ChecklistTemplate.objects.filter(pk=template.pk).update(retired_at=None)


def _wrong(field: str, sentence: str) -> DomainError:
    return DomainError(sentence, code=f"{field}_wrong", errors={field: [sentence]})


# Its draft --------------------------------------------------------------------------------------------


def draft_of(template: ChecklistTemplate, *, by: Who = None) -> TemplateVersion:
    """The draft there is, or a new one with the steps of the latest version."""
    found = template.versions.filter(status=VersionStatus.DRAFT).first()
    if found:
        return found
    try:
        with transaction.atomic():
            return _begin(template, latest_of(template), by)
    except IntegrityError:  # somebody has begun one this very moment
        return template.versions.get(status=VersionStatus.DRAFT)


def latest_of(template: ChecklistTemplate) -> TemplateVersion | None:
    return template.versions.published().order_by("-number").first()


def _begin(template: ChecklistTemplate, like: TemplateVersion | None, by: Who) -> TemplateVersion:
    number = (template.versions.aggregate(most=Max("number"))["most"] or 0) + 1
    draft = TemplateVersion.objects.create(template=template, number=number, created_by=Actor.of(by).user)
    if like:
        copy_steps(like, draft)
    return draft


def copy_steps(version: TemplateVersion, to: TemplateVersion) -> None:
    steps = list(version.steps.all())
    for step in steps:
        step.pk, step.version = None, to
        step._state.adding = True
    TemplateStep.objects.bulk_create(steps)


@transaction.atomic
def save_draft(
    version: TemplateVersion, steps: Sequence[StepValues], *, by: Who = None, seen: datetime | None = None
) -> TemplateVersion:
    """All of its steps, in this order. Conflict if somebody else has saved, published or dropped the draft after
    `seen` (the changed_at of what the editor showed): nothing is overwritten."""
    kept = checked(steps)
    held = held_draft(version, seen)
    for step in kept:
        step.version = held
    held.steps.all().delete()
    TemplateStep.objects.bulk_create(kept)
    held.changed_at, held.created_by = timezone.now(), Actor.of(by).user or held.created_by
    held.save(update_fields=["changed_at", "created_by"])
    return held


def held_draft(version: TemplateVersion, seen: datetime | None) -> TemplateVersion:
    """The draft, locked, if it is still the one that was seen."""
    held = (
        TemplateVersion.objects.select_for_update(of=("self",))
        .select_related("created_by", "published_by", "template")
        .filter(pk=version.pk)
        .first()
    )
    if held is None:
        raise Conflict(_("Somebody has dropped this draft meanwhile. Begin a new one."), code="draft_gone")
    if held.status != VersionStatus.DRAFT:
        sentence = _("%(who)s has published this version meanwhile: it stays as it is. Begin a new draft.")
        raise Conflict(sentence % {"who": held.published_by or _("Somebody")}, code="published_meanwhile")
    if seen and held.changed_at != seen:
        sentence = _(
            "%(who)s has saved this draft meanwhile. What you typed is below, what is kept is on the page itself: "
            "open it beside this one, then save again."
        )
        raise Conflict(sentence % {"who": held.created_by or _("Somebody")}, code="changed_meanwhile")
    return held


@transaction.atomic
def drop_draft(version: TemplateVersion, *, seen: datetime | None = None) -> None:
    """The template is as if it had never been begun; one that was never published goes with it."""
    held = held_draft(version, seen)
    template = held.template
    held.delete()
    if not template.versions.exists():
        template.delete()
