import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import FollowUpStatus, Outcome, Priority
from accounts.models.account import Account
from accounts.models.activity import Activity
from accounts.models.playbook import Playbook

OPEN = Q(status__in=[FollowUpStatus.OPEN, FollowUpStatus.SNOOZED])


class FollowUpQuerySet(models.QuerySet["FollowUp"]):
    def open(self) -> "FollowUpQuerySet":
        """Not closed: to do now, or snoozed until later."""
        return self.filter(OPEN)

    def workable(self) -> "FollowUpQuerySet":
        """To do now."""
        return self.filter(status=FollowUpStatus.OPEN)

    def of(self, user) -> "FollowUpQuerySet":
        return self.filter(assignee=user)


class FollowUp(models.Model):
    """One thing for a CSM to do: why it exists, until when, and what came of it."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="follow_ups", db_index=False)
    playbook = models.ForeignKey(  # None: written by hand
        Playbook,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="follow_ups",
        verbose_name=_("playbook"),
        db_index=False,
    )
    # The term, step, session or invoice it is about, or "".
    subject = models.CharField(max_length=200, blank=True)
    kind = models.CharField(_("kind"), max_length=60)  # the playbook's key, or "manual"
    title = models.CharField(_("title"), max_length=240)
    reason = models.CharField(_("why it is here"), max_length=400)
    instructions = models.TextField(_("instructions"), blank=True)
    steps = models.JSONField(default=list, blank=True)  # [{"text", "done"}]
    texts = models.JSONField(default=list, blank=True)  # [{"name", "subject", "body"}] with facts filled in
    activity = models.ForeignKey(Activity, models.SET_NULL, null=True, blank=True, related_name="follow_ups")
    priority = models.PositiveSmallIntegerField(_("priority"), choices=Priority, default=Priority.NORMAL)
    promise = models.BooleanField(_("is a promise"), default=False)
    assignee = models.ForeignKey(
        "accounts.User",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="follow_ups",
        verbose_name=_("assignee"),
    )
    status = models.CharField(_("status"), max_length=8, choices=FollowUpStatus, default=FollowUpStatus.OPEN)
    opened_at = models.DateTimeField(_("opened"), default=timezone.now)
    due_at = models.DateTimeField(_("due"))
    occurrences = models.PositiveIntegerField(_("occurrences"), default=1)
    last_occurrence_at = models.DateTimeField(null=True, blank=True)
    snoozed_until = models.DateTimeField(_("snoozed until"), null=True, blank=True)
    snooze_reason = models.CharField(_("why later"), max_length=400, blank=True)
    escalated_at = models.DateTimeField(_("escalated"), null=True, blank=True)
    contacted_at = models.DateTimeField(_("first contact"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    closed_by = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    outcome = models.CharField(_("outcome"), max_length=16, choices=Outcome, blank=True)
    outcome_note = models.TextField(_("note"), blank=True)
    # Yearly value × P(loss by band): kept with the account's MRR and band, so that the queue orders by an index.
    expected_loss = models.DecimalField(max_digits=20, decimal_places=4, default=0, editable=False)
    # The time in which the same (account, playbook, subject) may not open again: [opened, ∞) while open,
    # [opened, closed + cool-down) afterwards. Null for what is written by hand.
    holds = DateTimeRangeField(null=True, blank=True, editable=False)

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        verbose_name = _("follow-up")
        verbose_name_plural = _("follow-ups")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "playbook", "subject"],
                condition=OPEN & Q(playbook__isnull=False),
                name="followup_one_open",
            ),
            # The cool-down, held by the database under any number of workers and retries.
            ExclusionConstraint(
                name="followup_cool_down",
                expressions=[
                    ("account", RangeOperators.EQUAL),
                    ("playbook", RangeOperators.EQUAL),
                    ("subject", RangeOperators.EQUAL),
                    ("holds", RangeOperators.OVERLAPS),
                ],
                condition=Q(holds__isnull=False),
            ),
            models.CheckConstraint(
                condition=(OPEN & Q(closed_at__isnull=True)) | (~OPEN & Q(closed_at__isnull=False)),
                name="followup_closed_has_time",
            ),
        ]
        indexes = [
            # Counts of queue pages, and their stretches that few rows are in: one person's, the team's.
            models.Index(fields=["assignee", "due_at", "id"], name="followup_mine", condition=Q(status="open")),
            models.Index(fields=["due_at", "id"], name="followup_team", condition=Q(status="open")),
            # The order of queue pages; due time and assignee are there to be judged without the row.
            models.Index(
                fields=["-expected_loss", "id", "due_at", "assignee"],
                name="followup_at_stake",
                condition=Q(status="open"),
            ),
            models.Index(
                fields=["-expected_loss", "id", "due_at", "assignee"],
                name="followup_promised",
                condition=Q(status="open", promise=True),
            ),
            models.Index(
                fields=["-closed_at", "id"], name="followup_lately", condition=Q(status__in=["done", "canceled"])
            ),
            # Search by a part of the title.
            GinIndex(
                OpClass(Upper("title"), name="gin_trgm_ops"),
                name="followup_title_trgm",
                condition=Q(status="open"),
            ),
            # The account's page, and closing by account.
            models.Index(fields=["account", "-opened_at"], name="followup_by_account"),
            # Snoozes that end; escalations that are due.
            models.Index(fields=["snoozed_until"], name="followup_snoozed", condition=Q(status="snoozed")),
            models.Index(
                fields=["due_at"],
                name="followup_escalation",
                condition=OPEN & Q(escalated_at__isnull=True),
            ),
            models.Index(fields=["closed_by"], name="followup_closed_by", condition=Q(closed_by__isnull=False)),
            # A playbook's precision.
            models.Index(fields=["playbook", "-closed_at"], name="followup_by_playbook"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="deliveries_forget",
                when=pgtrigger.After,
                operation=pgtrigger.Delete,
                level=pgtrigger.Statement,
                referencing=pgtrigger.Referencing(old="gone"),
                func="""
                UPDATE accounts_delivery d SET follow_up_id = NULL FROM gone WHERE d.follow_up_id = gone.id;
                RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Occurrence(models.Model):
    """A repeat while the follow-up was open. Unique by activity: a doubled delivery counts once."""

    follow_up = models.ForeignKey(FollowUp, models.CASCADE, related_name="repeats")
    activity = models.ForeignKey(Activity, models.CASCADE, related_name="+")
    occurred_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["follow_up", "activity"], name="occurrence_once"),
        ]


class SavedView(models.Model):
    """A named set of filters on a list page. Shared ones everybody sees."""

    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="saved_views")
    page = models.CharField(max_length=40)  # "queue", "accounts"
    name = models.CharField(_("name"), max_length=60)
    query = models.TextField(blank=True)  # the query string, validated by the page's filter form
    shared = models.BooleanField(_("shared with the team"), default=False)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint("user", "page", "name", name="view_name_once")]

    def __str__(self) -> str:
        return self.name
