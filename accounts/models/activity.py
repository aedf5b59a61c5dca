from datetime import datetime
from typing import Any

import pgtrigger
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy as _

from accounts import formats
from accounts.enums import DeliveryStatus
from accounts.models.account import Account


class Activity(models.Model):
    """Something of meaning that happened to an account. Append-only: timeline, playbooks, webhooks and
    audit all read this one table. Written by domain.activity.record() and nobody else."""

    # No index for a foreign key alone where another begins with it, or where most rows leave it empty.
    account = models.ForeignKey(Account, models.CASCADE, related_name="activities", db_index=False)
    kind = models.CharField(max_length=60)
    occurred_at = models.DateTimeField(default=timezone.now)
    recorded_at = models.DateTimeField(default=timezone.now)
    # Who did it: a user, or, without one, what `actor_label` says ("API: billing", "System").
    actor = models.ForeignKey("accounts.User", models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    actor_label = models.CharField(max_length=120, blank=True)
    cause = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="effects", db_index=False)
    # The facts and labels of that day: a timeline row never has to look anything up.
    data = models.JSONField(default=dict)
    # Set by the one dispatcher that won the claim.
    dispatched_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        indexes = [
            models.Index(fields=["account", "-occurred_at", "-id"], name="activity_timeline"),
            # The sweep for activities that nobody dispatched.
            models.Index(
                fields=["recorded_at"],
                name="activity_undispatched",
                condition=models.Q(dispatched_at__isnull=True),
            ),
            models.Index(fields=["actor"], name="activity_by_actor", condition=models.Q(actor__isnull=False)),
            models.Index(fields=["cause"], name="activity_effects", condition=models.Q(cause__isnull=False)),
        ]
        triggers = [
            pgtrigger.ReadOnly(name="facts_stay", exclude=["dispatched_at", "actor"]),
            pgtrigger.Trigger(
                name="deliveries_go",
                when=pgtrigger.After,
                operation=pgtrigger.Delete,
                level=pgtrigger.Statement,
                referencing=pgtrigger.Referencing(old="gone"),
                func="DELETE FROM accounts_delivery d USING gone WHERE d.activity_id = gone.id; RETURN NULL;",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"


class Delivery(models.Model):
    """How one activity ended with one subscriber: done, skipped (and why), failed, parked.

    No foreign-key checks a row: who writes deliveries holds the activity (trying again: the delivery) and the follow-up
    locked, see domain/dispatch. Who deletes an activity, by whatever statement, takes its deliveries along; those of a
    deleted follow-up forget it (triggers of both)."""

    activity = models.ForeignKey(
        Activity, models.CASCADE, related_name="deliveries", db_index=False, db_constraint=False
    )
    # "playbook:<id>", "closing:<id>", "reaction:<name>"; webhooks have rows of their own (models/webhook.py).
    subscriber = models.CharField(max_length=120)
    status = models.CharField(max_length=8, choices=DeliveryStatus, default=DeliveryStatus.PENDING)
    # Why it ended so: an English sentence of ours, with its facts apart so that readers get it in their language.
    note = models.TextField(blank=True)
    facts = models.JSONField(default=dict, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    follow_up = models.ForeignKey(
        "accounts.FollowUp",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="deliveries",
        db_index=False,
        db_constraint=False,
    )

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            # Twice equals once.
            models.UniqueConstraint(fields=["activity", "subscriber"], name="delivery_once"),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                name="delivery_due",
                condition=models.Q(status__in=["pending", "failed"]),
            ),
            models.Index(fields=["-created_at"], name="delivery_parked", condition=models.Q(status="parked")),
            models.Index(
                fields=["follow_up"], name="delivery_of_follow_up", condition=models.Q(follow_up__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subscriber} ← {self.activity_id}: {self.status}"

    @property
    def sentence(self) -> str:
        """The note in the reader's language."""
        if not self.note:
            return ""
        try:
            return gettext(self.note) % {name: _read(value) for name, value in self.facts.items()}
        except (KeyError, TypeError, ValueError):  # an error's own text may hold a % of its own
            return self.note


def _read(value: Any) -> Any:
    """A fact as the reader writes it: {"moment": …} is a point in time, {"label": …} a word of ours."""
    if isinstance(value, dict) and "moment" in value:
        return formats.moment(datetime.fromisoformat(value["moment"]))
    if isinstance(value, dict) and value.get("label"):
        return gettext(value["label"])
    return value
