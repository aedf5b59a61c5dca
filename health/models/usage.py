from django.contrib.postgres.indexes import BrinIndex
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Audited, Plan, Segment


class Action(models.Model):
    """Something customers do in the product. What it is worth is the admin's to say."""

    # Four bytes: the key of daily totals carries it millions of times.
    id = models.AutoField(primary_key=True)
    key = models.CharField(_("key"), max_length=120, unique=True)
    name = models.CharField(_("name"), max_length=120)
    impact = models.PositiveSmallIntegerField(
        _("impact"), default=1, validators=[MaxValueValidator(1000)], help_text=_("Points for each time it is done.")
    )
    plans = models.ManyToManyField(Plan, blank=True, related_name="actions", verbose_name=_("plans that include it"))

    class Meta:
        verbose_name = _("action")
        verbose_name_plural = _("actions")
        ordering = ["name", "key"]
        constraints = [models.CheckConstraint(condition=~Q(key=""), name="action_key_given")]
        triggers = [Audited("key", "name", "impact")]

    def __str__(self) -> str:
        return self.name


class ActionPlan(Action.plans.through):  # type: ignore[name-defined,misc]
    """Which plans include an action: so that it is audited."""

    class Meta:
        proxy = True
        verbose_name = _("plan of an action")
        verbose_name_plural = _("plans of actions")
        triggers = [
            Audited(
                *("action", "plan"),
                related=("action",),
                labels={"action": _("Action"), "plan": _("Plan")},
                owner="action",
            )
        ]

    def __str__(self) -> str:
        return str(self.action)


class UsageTarget(models.Model):
    """How much use is right: points per seat in 28 days. The row without a segment is for all others."""

    segment = models.OneToOneField(
        Segment, models.CASCADE, null=True, blank=True, related_name="usage_target", verbose_name=_("segment")
    )
    points_per_seat = models.PositiveIntegerField(
        _("points per seat"), validators=[MinValueValidator(1), MaxValueValidator(1_000_000)]
    )

    class Meta:
        verbose_name = _("usage target")
        verbose_name_plural = _("usage targets")
        constraints = [
            models.UniqueConstraint("segment", name="target_once", nulls_distinct=False),
            models.CheckConstraint(condition=Q(points_per_seat__gte=1), name="target_positive"),
        ]
        triggers = [Audited("segment", "points_per_seat", related=["segment"])]

    def __str__(self) -> str:
        return f"{self.segment or '*'}: {self.points_per_seat}"


class UsageEvent(models.Model):
    """One thing somebody did. Sources repeat their ids across customers, so an id counts once per account.

    No foreign-key check a row: domain/ingest.py locks the accounts of a batch against deletion once.
    """

    pk = models.CompositePrimaryKey("account_id", "event_id")
    account = models.ForeignKey(
        Account, models.CASCADE, related_name="usage_events", db_constraint=False, db_index=False
    )
    event_id = models.CharField(max_length=200)
    action = models.ForeignKey(Action, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    count = models.PositiveIntegerField(default=1)
    occurred_at = models.DateTimeField()
    user = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("usage event")
        verbose_name_plural = _("usage events")
        # Events come about as they happen: which blocks have those of some weeks is told by next to nothing.
        indexes = [BrinIndex(fields=["occurred_at"], name="usage_by_time")]


class UsageDay(models.Model):
    """What an account did on a day of its own zone, kept by the statement that stores the events.

    The key carries the count (migration 0002), so that scoring reads the index alone.
    """

    pk = models.CompositePrimaryKey("account_id", "day", "action_id")
    account = models.ForeignKey(Account, models.CASCADE, related_name="usage_days", db_constraint=False, db_index=False)
    day = models.DateField()
    action = models.ForeignKey(Action, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    count = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("daily usage")
        verbose_name_plural = _("daily usage")
