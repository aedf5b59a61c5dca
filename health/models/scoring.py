from decimal import Decimal

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import Band
from accounts.models import Account, Audited, Segment
from health.enums import VersionStatus


class ScoreModel(models.Model):
    """How health is scored: for one segment, or, without one, for everybody else."""

    segment = models.OneToOneField(
        Segment, models.CASCADE, null=True, blank=True, related_name="score_model", verbose_name=_("segment")
    )
    current = models.ForeignKey(
        "health.ScoreModelVersion", models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("score model")
        verbose_name_plural = _("score models")
        constraints = [models.UniqueConstraint("segment", name="model_once", nulls_distinct=False)]
        triggers = [Audited("segment", "current", related=["segment"], labels={"current": _("version")})]

    def __str__(self) -> str:
        return self.segment.name if self.segment else str(_("Default model"))


class ScoreModelVersion(models.Model):
    """What a model said at a time. Once published nothing about it changes: scores point at it."""

    id = models.AutoField(primary_key=True)
    model = models.ForeignKey(ScoreModel, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    status = models.CharField(_("status"), max_length=10, choices=VersionStatus, default=VersionStatus.DRAFT)
    # The indicators in order: position n of a score's arrays is indicator n of its version.
    indicators = ArrayField(models.CharField(max_length=70), verbose_name=_("indicators"))
    weights = ArrayField(models.PositiveSmallIntegerField(), verbose_name=_("weights"))
    thresholds = models.JSONField(default=dict)  # red, yellow, green, cap: the highest whole score of each
    parameters = models.JSONField(default=dict)  # windows, severities, validities: see domain/parameters.py
    note = models.CharField(_("note"), max_length=400, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    published_by = models.ForeignKey("accounts.User", models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("version of a score model")
        verbose_name_plural = _("versions of score models")
        ordering = ["model", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["model", "number"], name="version_once"),
        ]
        triggers = [
            pgtrigger.Protect(
                name="published_stays",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__status=VersionStatus.PUBLISHED),
            ),
            Audited(
                *("model", "number", "status", "indicators", "weights", "thresholds", "parameters", "note"),
                related=["model__segment"],
                labels={"model": _("score model"), "thresholds": _("thresholds"), "parameters": _("parameters")},
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model} v{self.number}"

    @property
    def weight_of(self) -> dict[str, int]:
        return dict(zip(self.indicators, self.weights, strict=True))


def points(thousandths: int | None) -> Decimal | None:
    return None if thousandths is None else Decimal(thousandths).scaleb(-3)


class Score(models.Model):
    """How an account stood on a day of its own zone, and how that came about.

    Scores and values are whole thousandths of a point: exact, quick, the same in SQL and Python. Arrays follow
    the version's `indicators`. No foreign-key check a row: the insert selects from the accounts themselves.
    """

    pk = models.CompositePrimaryKey("account_id", "day")
    account = models.ForeignKey(Account, models.CASCADE, related_name="scores", db_constraint=False, db_index=False)
    day = models.DateField()
    version = models.ForeignKey(
        ScoreModelVersion, models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    score = models.IntegerField(null=True)
    low = models.IntegerField()  # everything missing at 0
    high = models.IntegerField()  # everything missing at 100
    known_weight = models.PositiveSmallIntegerField()
    band = models.CharField(max_length=8, choices=Band)
    capped_by = models.CharField(max_length=70, blank=True)
    values = ArrayField(models.IntegerField(null=True))  # null: missing or stale
    contributions = ArrayField(models.IntegerField(null=True))
    readings = ArrayField(models.IntegerField(null=True))  # the fact behind: points, tickets, days overdue …
    ages = ArrayField(models.IntegerField(null=True))  # days since the last reading; with no value: stale

    class Meta:
        verbose_name = _("score")
        verbose_name_plural = _("scores")

    @property
    def points(self) -> Decimal | None:
        return points(self.score)


class ScoreMark(models.Model):
    """Accounts with something new to score. A log, a row for each change, not one row an account: whoever brings a
    reading never waits for whoever scores, and a reading that comes meanwhile leaves its own mark."""

    accounts = ArrayField(models.BigIntegerField())
    marked_at = models.DateTimeField(default=timezone.now, db_default=Now())


class Notice(models.Model):
    """Something about an account that was told once and is told again only after it had cleared."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=60)  # the activity's kind
    subject = models.CharField(max_length=200, blank=True)
    noticed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "kind", "subject"], name="notice_once"),
            models.CheckConstraint(condition=~Q(kind=""), name="notice_kind_given"),
        ]
