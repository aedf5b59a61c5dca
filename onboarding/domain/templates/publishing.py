"""From a draft to what new checklists get, and back to an earlier state."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.domain.activity import Actor, Who
from accounts.domain.text import one_line
from accounts.exceptions import Conflict, DomainError
from onboarding.domain.templates.checks import check_ready
from onboarding.domain.templates.drafts import copy_steps, held_draft
from onboarding.enums import VersionStatus
from onboarding.models import ChecklistTemplate, TemplateVersion


@transaction.atomic
def publish(
    version: TemplateVersion, *, by: Who = None, note: str = "", seen: datetime | None = None
) -> TemplateVersion:
    """What starts from now on gets it. Running checklists stay on theirs until it is applied to them (O8)."""
    held = held_draft(version, seen)
    check_ready(list(held.steps.all()))
    return _published(held, by, note)


def _published(version: TemplateVersion, by: Who, note: str) -> TemplateVersion:
    version.note = one_line(note, 400, field="note")
    version.status, version.published_at = VersionStatus.PUBLISHED, timezone.now()
    version.published_by, version.changed_at = Actor.of(by).user, version.published_at
    version.save(update_fields=["note", "status", "published_at", "published_by", "changed_at"])
    return version


@transaction.atomic
def roll_back(version: TemplateVersion, *, by: Who = None, note: str = "") -> TemplateVersion:
    """An older version published once more, as the newest: history only ever grows."""
    ChecklistTemplate.objects.select_for_update().get(pk=version.template_id)
    version = TemplateVersion.objects.select_related("template").get(pk=version.pk)
    if version.published_at is None:
        raise DomainError(_("This is a draft: publish it."), code="not_published")
    others = list(version.template.versions.order_by("-number"))
    if any(other.status == VersionStatus.DRAFT for other in others):
        raise Conflict(_("There is a draft of this checklist: publish or drop it first."), code="draft_open")
    if others[0].pk == version.pk:
        raise Conflict(_("This is the newest version already."), code="newest_already")
    again = TemplateVersion.objects.create(
        template=version.template, number=others[0].number + 1, created_by=Actor.of(by).user
    )
    copy_steps(version, again)
    return _published(again, by, note or _("As version %(number)s") % {"number": version.number})
