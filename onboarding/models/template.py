import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import TouchModel
from accounts.models import Audited, Segment
from onboarding.enums import OffsetUnit, RolloutStatus, StepOwner, VersionStatus

# What is published stays as it was, whoever asks: checklists stand on it. A session type may go, its step stays.
STEPS_STAY = """
IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - 'session_type_id' = to_jsonb(NEW) - 'session_type_id' THEN
    RETURN NEW;
END IF;
IF EXISTS (
    SELECT FROM onboarding_templateversion
    WHERE id IN (OLD.version_id, NEW.version_id) AND published_at IS NOT NULL
) THEN
    RAISE EXCEPTION 'steps of a published version cannot be changed';
END IF;
RETURN COALESCE(NEW, OLD);
"""


class ChecklistTemplate(models.Model):
    """What new customers of some kind go through; its versions hold the steps."""

    key = models.SlugField(_("key"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120)
    # For whom; empty means all. Of several that fit, the one that says most about whom it is for.
    segments = models.ManyToManyField(Segment, blank=True, related_name="+", verbose_name=_("segments"))
    touch_models = ArrayField(
        models.CharField(max_length=8, choices=TouchModel), default=list, blank=True, verbose_name=_("touch models")
    )
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("checklist template")
        verbose_name_plural = _("checklist templates")
        ordering = ["name", "id"]
        triggers = [Audited("key", "name", "touch_models", "retired_at")]

    def __str__(self) -> str:
        return self.name


class TemplateSegment(ChecklistTemplate.segments.through):  # type: ignore[name-defined,misc]
    """Which segments a template is for: so that it is audited."""

    class Meta:
        proxy = True
        verbose_name = _("segment of a checklist template")
        verbose_name_plural = _("segments of checklist templates")
        triggers = [
            Audited(
                *("checklisttemplate", "segment"),
                related=("checklisttemplate",),
                labels={"checklisttemplate": _("Checklist template"), "segment": _("Segment")},
                owner="checklisttemplate",
            )
        ]

    def __str__(self) -> str:
        return str(self.checklisttemplate)


class TemplateVersionQuerySet(models.QuerySet["TemplateVersion"]):
    def published(self) -> "TemplateVersionQuerySet":
        return self.filter(status=VersionStatus.PUBLISHED)

    def newest(self) -> "TemplateVersionQuerySet":
        """Of each template the version that new checklists get."""
        return self.published().order_by("template_id", "-number").distinct("template_id")


class TemplateVersion(models.Model):
    """The steps of a template. A published version never changes: running checklists stand on it (O8)."""

    template = models.ForeignKey(ChecklistTemplate, models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField(_("number"))
    status = models.CharField(_("status"), max_length=10, choices=VersionStatus, default=VersionStatus.DRAFT)
    note = models.CharField(_("what has changed"), max_length=400, blank=True)
    created_by = models.ForeignKey("accounts.User", models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # Who saves a draft says which state of it they have seen.
    changed_at = models.DateTimeField(default=timezone.now, editable=False)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    published_by = models.ForeignKey("accounts.User", models.SET_NULL, null=True, blank=True, related_name="+")

    objects = TemplateVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of a checklist template")
        verbose_name_plural = _("versions of checklist templates")
        ordering = ["template", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["template", "number"], name="template_version_once"),
            models.UniqueConstraint(fields=["template"], condition=Q(status="draft"), name="template_one_draft"),
        ]
        triggers = [
            pgtrigger.Protect(
                name="published_stays",
                operation=pgtrigger.Delete
                | pgtrigger.UpdateOf("template_id", "number", "status", "note", "published_at"),
                condition=pgtrigger.Q(old__published_at__isnull=False),
            ),
            Audited("template", "number", "status", "note", related=["template"]),
        ]

    def __str__(self) -> str:
        return f"{self.template} {self.number}"


class TemplateStep(models.Model):
    """One thing to do, by whom, until when, and what ticks it by itself."""

    version = models.ForeignKey(TemplateVersion, models.CASCADE, related_name="steps")
    # The same step in every version: what a change of the template is told by.
    key = models.SlugField(_("key"), max_length=60)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    # By language: {"en": {"title", "text"}, …}; texts are Markdown.
    texts = models.JSONField(_("texts"), default=dict)
    video_url = models.URLField(_("video"), max_length=400, blank=True)
    owner = models.CharField(_("whose step"), max_length=8, choices=StepOwner, default=StepOwner.CUSTOMER)
    offset = models.PositiveSmallIntegerField(_("due after, days"), default=0)
    offset_unit = models.CharField(_("counted in"), max_length=8, choices=OffsetUnit, default=OffsetUnit.CALENDAR)
    duration = models.PositiveSmallIntegerField(_("takes, working days"), default=1, validators=[MinValueValidator(1)])
    weight = models.PositiveSmallIntegerField(_("weight"), default=1)
    required = models.BooleanField(_("required"), default=True)
    # The "aha": time to first value is measured to here.
    activation = models.BooleanField(_("is the activation"), default=False)
    after = ArrayField(
        models.SlugField(max_length=60), default=list, blank=True, verbose_name=_("comes after")
    )  # keys of steps
    # O4: ticks itself after `auto_count` distinct events of this action (or distinct values of that property).
    auto_action = models.CharField(_("ticked by"), max_length=80, blank=True)
    auto_distinct = models.CharField(_("distinct"), max_length=60, blank=True)
    auto_count = models.PositiveIntegerField(_("how many"), default=1, validators=[MinValueValidator(1)])
    auto_since_start = models.BooleanField(_("only from the checklist's start"), default=False)
    # A session that is booked from here; attended, it ticks the step.
    session_type = models.ForeignKey(
        "onboarding.SessionType", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("session")
    )

    class Meta:
        verbose_name = _("step of a template")
        verbose_name_plural = _("steps of a template")
        ordering = ["version", "position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["version", "key"], name="template_step_once"),
            models.UniqueConstraint(fields=["version"], condition=Q(activation=True), name="template_one_activation"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="published_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                func=STEPS_STAY,
            )
        ]

    def __str__(self) -> str:
        return self.key


class Rollout(models.Model):
    """A version that is applied to many running checklists by a worker: all of them, or none."""

    version = models.ForeignKey(TemplateVersion, models.PROTECT, related_name="rollouts")
    checklist_ids = ArrayField(models.BigIntegerField(), default=list)
    status = models.CharField(_("status"), max_length=8, choices=RolloutStatus, default=RolloutStatus.WAITING)
    error = models.CharField(max_length=400, blank=True)
    created_by = models.ForeignKey("accounts.User", models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("template applied to checklists")
        verbose_name_plural = _("templates applied to checklists")
        constraints = [
            models.UniqueConstraint(fields=["version"], condition=Q(finished_at=None), name="rollout_one_at_a_time")
        ]
