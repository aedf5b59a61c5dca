from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import TouchModel
from accounts.models import Account, Contact
from onboarding.enums import ChecklistStatus, StepState
from onboarding.models.template import TemplateStep, TemplateVersion


class Checklist(models.Model):
    """An account on its way through a template's steps."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="checklists", db_index=False)
    version = models.ForeignKey(TemplateVersion, models.PROTECT, related_name="checklists")
    status = models.CharField(_("status"), max_length=8, choices=ChecklistStatus, default=ChecklistStatus.RUNNING)
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    # Due dates count from here, in the account's zone.
    anchor = models.DateField(_("counted from"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    activated_at = models.DateTimeField(_("activated"), null=True, blank=True)
    last_progress_at = models.DateTimeField(_("last progress"), default=timezone.now)
    # Kept with every tick: lists sort and filter by them.
    required_steps = models.PositiveSmallIntegerField(default=0)
    required_done = models.PositiveSmallIntegerField(default=0)
    engagement = models.DecimalField(_("engagement score"), max_digits=5, decimal_places=2, null=True, blank=True)
    next_due_on = models.DateField(_("next due"), null=True, blank=True)
    # Told once each, until there is progress again. Behind is told of one step at a time: the key of that step.
    behind_since = models.DateTimeField(_("behind since"), null=True, blank=True)
    behind_key = models.CharField(max_length=60, blank=True, editable=False)
    stuck_since = models.DateTimeField(_("stuck since"), null=True, blank=True)
    # The last mail to the customer about steps that wait for them.
    mailed_at = models.DateTimeField(null=True, blank=True, editable=False)
    # When the clock alone will say something: one indexed sweep.
    attention_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("checklist")
        verbose_name_plural = _("checklists")
        ordering = ["-started_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=Q(status=ChecklistStatus.RUNNING), name="checklist_one_running"
            ),
        ]
        indexes = [
            models.Index(fields=["account", "-started_at"], name="checklist_by_account"),
            models.Index(fields=["started_at", "id"], name="checklist_by_start"),
            models.Index(fields=["attention_at"], name="checklist_attention", condition=Q(attention_at__isnull=False)),
            # What usage is waited for: a version that nobody is on any more is passed over.
            models.Index(
                fields=["version"], name="checklist_running_version", condition=Q(status=ChecklistStatus.RUNNING)
            ),
            # The columns of the board (domain/board.py), each in its order.
            models.Index(
                fields=["stuck_since", "id"],
                name="checklist_lane_stuck",
                condition=Q(status=ChecklistStatus.RUNNING, stuck_since__isnull=False),
            ),
            models.Index(
                fields=["behind_since", "id"],
                name="checklist_lane_behind",
                condition=Q(status=ChecklistStatus.RUNNING, stuck_since__isnull=True, behind_since__isnull=False),
            ),
            models.Index(
                fields=["next_due_on", "id"],
                name="checklist_lane_track",
                condition=Q(status=ChecklistStatus.RUNNING, stuck_since__isnull=True, behind_since__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account}: {self.version}"


class ChecklistStep(models.Model):
    """A step of one account: where it stands. What it says is in the version's step, which never changes."""

    checklist = models.ForeignKey(Checklist, models.CASCADE, related_name="steps")
    step = models.ForeignKey(TemplateStep, models.PROTECT, related_name="+")
    state = models.CharField(_("state"), max_length=8, choices=StepState, default=StepState.BLOCKED)
    due_on = models.DateField(_("due"), null=True, blank=True)
    opened_at = models.DateTimeField(_("opened"), null=True, blank=True)
    closed_at = models.DateTimeField(_("done"), null=True, blank=True)
    # Who ticked it: one of the team, a contact, or (neither) the product itself.
    closed_by = models.ForeignKey("accounts.User", models.SET_NULL, null=True, blank=True, related_name="+")
    closed_by_contact = models.ForeignKey(Contact, models.SET_NULL, null=True, blank=True, related_name="+")
    note = models.CharField(_("note"), max_length=400, blank=True)
    # O4: opened again by hand; only what happens after this ticks it again.
    reopened_at = models.DateTimeField(null=True, blank=True)
    # The customer was told that it is due soon.
    reminded_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("step of a checklist")
        verbose_name_plural = _("steps of a checklist")
        ordering = ["checklist", "step__position", "id"]
        constraints = [models.UniqueConstraint(fields=["checklist", "step"], name="checklist_step_once")]
        indexes = [models.Index(fields=["step", "state"], name="checklist_step_by_state")]

    def __str__(self) -> str:
        return str(self.step)


class ProductEvent(models.Model):
    """What an account's people did in the product, where a step may be ticked by it; kept once per event id."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    action = models.CharField(max_length=80)
    event_id = models.CharField(max_length=200)
    occurred_at = models.DateTimeField()
    user = models.CharField(max_length=200, blank=True)
    properties = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "action", "event_id"], name="product_event_once")]
        indexes = [models.Index(fields=["account", "action", "occurred_at"], name="product_event_in_order")]


class TouchDecision(models.Model):
    """Which touch model an account gets: recommended with its reason, or decided by a person with theirs."""

    account = models.OneToOneField(Account, models.CASCADE, related_name="touch")
    recommended = models.CharField(_("recommended"), max_length=8, choices=TouchModel)
    # Facts of the recommendation: {"complexity", "yearly_value", "wanted", "free_hours", "needed_hours"}.
    facts = models.JSONField(default=dict)
    recommended_at = models.DateTimeField(default=timezone.now)
    chosen = models.CharField(_("chosen"), max_length=8, choices=TouchModel, blank=True)
    reason = models.CharField(_("why"), max_length=400, blank=True)
    chosen_by = models.ForeignKey("accounts.User", models.SET_NULL, null=True, blank=True, related_name="+")
    chosen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("touch model of an account")
        verbose_name_plural = _("touch models of accounts")

    @property
    def model(self) -> str:
        return self.chosen or self.recommended
