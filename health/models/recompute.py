from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from health.enums import RunStatus


class RecomputeRun(models.Model):
    """Every account scored once: first all scores, then, when no indicator has broken, what follows from them."""

    status = models.CharField(_("status"), max_length=10, choices=RunStatus, default=RunStatus.SCORING)
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    user = models.ForeignKey("accounts.User", models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("recompute")
        verbose_name_plural = _("recomputes")
        ordering = ["-id"]
        constraints = [
            # A second one while one is at work joins it.
            models.UniqueConstraint(
                models.Value(1), condition=~Q(status=RunStatus.DONE), name="one_recompute_at_a_time"
            ),
        ]


class RecomputeShard(models.Model):
    """A range of account ids. What is done is written in the transaction that did it."""

    run = models.ForeignKey(RecomputeRun, models.CASCADE, related_name="shards")
    low = models.BigIntegerField()
    high = models.BigIntegerField()  # without it
    accounts = models.PositiveIntegerField(default=0)
    scored_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    written = models.PositiveIntegerField(default=0)
    # {"usage": {"known": 900, "up": 10, "down": 700}}: how many moved by more than the breaker allows
    moves = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "low"], name="shard_once")]


class FrozenIndicator(models.Model):
    """The fleet breaker has tripped: this indicator keeps its earlier values until it is released."""

    indicator = models.CharField(_("indicator"), max_length=70)
    run = models.ForeignKey(RecomputeRun, models.SET_NULL, null=True, blank=True, related_name="+")
    direction = models.CharField(_("direction"), max_length=4, choices=[("up", _("Up")), ("down", _("Down"))])
    moved = models.PositiveIntegerField(_("accounts that moved"))
    known = models.PositiveIntegerField(_("accounts compared"))
    frozen_at = models.DateTimeField(_("frozen"), default=timezone.now)
    released_at = models.DateTimeField(_("released"), null=True, blank=True)
    released_by = models.ForeignKey("accounts.User", models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("frozen indicator")
        verbose_name_plural = _("frozen indicators")
        ordering = ["-frozen_at"]
        constraints = [
            models.UniqueConstraint(fields=["indicator"], condition=Q(released_at__isnull=True), name="frozen_once"),
        ]
