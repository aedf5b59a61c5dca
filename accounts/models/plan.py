from typing import Any

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import Complexity, DecreaseRule, Interval, ValueMetric
from accounts.models.account import Account, Contact
from accounts.models.audit import Audited

MONEY: dict[str, Any] = {"max_digits": 20, "decimal_places": 8}


class Plan(models.Model):
    key = models.CharField(_("key"), max_length=80, unique=True)
    name = models.CharField(_("name"), max_length=120)
    # How much of a hand new customers need: one part of the touch model that is recommended for them.
    complexity = models.CharField(_("complexity"), max_length=8, choices=Complexity, default=Complexity.MID)

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        ordering = ["name"]
        triggers = [Audited("key", "name", "complexity")]

    def __str__(self) -> str:
        return self.name


STAYING = ("plan_id", "number", "metric", "unit_name", "features", "min_seats", "max_seats", "decreases")
USED_CHANGED = "OLD.used_at IS NOT NULL AND ({}) IS DISTINCT FROM ({})".format(
    *(", ".join(f"{row}.{column}" for column in STAYING) for row in ("OLD", "NEW"))
)
PRICE_OF_USED = """
IF EXISTS (SELECT FROM accounts_planversion WHERE id = OLD.version_id AND used_at IS NOT NULL) THEN
    RAISE EXCEPTION 'pgtrigger: Cannot change the price of a plan version that customers have';
END IF;
RETURN COALESCE(NEW, OLD);
"""


class PlanVersionQuerySet(models.QuerySet["PlanVersion"]):
    def on_offer(self) -> "PlanVersionQuerySet":
        """What customers may choose by themselves."""
        return self.filter(offered=True, withdrawn_at__isnull=True)


class PlanVersion(models.Model):
    """What a plan is and costs, from some day on. Once somebody has it, it stays as it is: another price is another
    version, and who is on this one keeps it until they are moved."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="versions", verbose_name=_("plan"))
    number = models.PositiveSmallIntegerField(_("version"))
    metric = models.CharField(_("value metric"), max_length=8, choices=ValueMetric, default=ValueMetric.SEAT)
    # What is counted where use is metered: "API call".
    unit_name = models.CharField(_("metered unit"), max_length=60, blank=True)
    features = ArrayField(models.CharField(max_length=160), verbose_name=_("included"), default=list, blank=True)
    min_seats = models.PositiveIntegerField(_("fewest seats"), default=1)
    max_seats = models.PositiveIntegerField(_("most seats"), null=True, blank=True)
    decreases = models.CharField(_("less takes effect"), max_length=10, choices=DecreaseRule, default=DecreaseRule.NOW)
    offered = models.BooleanField(_("offered in the portal"), default=False)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    # Since when it cannot be changed any more: somebody has it, or had it.
    used_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)

    objects = PlanVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("plan version")
        verbose_name_plural = _("plan versions")
        ordering = ["plan__name", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="plan_version_number"),
            models.UniqueConstraint(fields=["plan"], condition=Q(offered=True), name="plan_version_one_offered"),
            models.CheckConstraint(
                condition=Q(min_seats__gte=1) & (Q(max_seats__isnull=True) | Q(max_seats__gte=F("min_seats"))),
                name="plan_version_seats_sane",
            ),
            models.CheckConstraint(
                condition=Q(offered=False) | Q(withdrawn_at__isnull=True), name="plan_version_offered_or_withdrawn"
            ),
        ]
        triggers = [
            Audited(
                *("plan", "number", "metric", "unit_name", "features", "min_seats", "max_seats", "decreases"),
                *("offered", "withdrawn_at"),
                related=["plan"],
            ),
            pgtrigger.Protect(
                name="used_stays", operation=pgtrigger.Update, condition=pgtrigger.Condition(USED_CHANGED)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan.name} {self.number}"


class PlanPrice(models.Model):
    """What a version costs by the month or the year, in a currency."""

    version = models.ForeignKey(PlanVersion, models.CASCADE, related_name="prices")
    interval = models.CharField(_("billed every"), max_length=8, choices=[(i, i.label) for i in Interval.by_price()])
    currency = models.CharField(_("currency"), max_length=3)
    # Of a seat, of the whole (flat), or the base fee (metered); 0 where `tiers` say it.
    amount = models.DecimalField(_("price"), **MONEY, default=0)
    # [{"up_to": 10, "amount": "12"}, {"up_to": None, "amount": "9"}]: each seat costs what its tier says.
    tiers = models.JSONField(_("tiers"), default=list, blank=True, encoder=DjangoJSONEncoder)
    # Of one metered unit: shown to customers, never a part of MRR.
    unit_amount = models.DecimalField(_("price of a metered unit"), **MONEY, null=True, blank=True)

    class Meta:
        verbose_name = _("price")
        verbose_name_plural = _("prices")
        ordering = ["currency", "interval"]
        constraints = [
            models.UniqueConstraint(fields=["version", "interval", "currency"], name="plan_price_once"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="plan_price_not_negative"),
        ]
        triggers = [
            Audited(
                *("version", "interval", "currency", "amount", "tiers", "unit_amount"),
                related=["version__plan"],
                labels={"version": _("version")},
            ),
            pgtrigger.Trigger(
                name="used_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=PRICE_OF_USED,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version}: {self.get_interval_display()}, {self.currency}"


class PlanChange(models.Model):
    """A change of plan, seats or rhythm that somebody confirmed: the customer in their portal, or we for many at
    once. It is the receipt; what lies ahead waits here until its day, and can be taken back until then."""

    # The quote it confirms: confirmed twice, it is one change.
    key = models.CharField(max_length=64, unique=True)
    account = models.ForeignKey(Account, models.CASCADE, related_name="plan_changes")
    subscription = models.ForeignKey("accounts.Subscription", models.CASCADE, related_name="plan_changes")
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, blank=True, related_name="+")
    actor = models.CharField(_("by"), max_length=200)
    # What the subscription gets, as upsert_subscription() takes it.
    fields = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    what = models.CharField(_("what"), max_length=400)
    # The same for any language: plan, seats and rhythm before and after, the lines of the quote.
    told = models.JSONField(default=dict, blank=True, encoder=DjangoJSONEncoder)
    # To invoice once for the rest of the period (below zero: a credit), in the subscription's currency. Never MRR.
    money = models.DecimalField(_("prorated amount"), **MONEY, default=0)
    currency = models.CharField(_("currency"), max_length=3)
    # A month, in the subscription's currency.
    before = models.DecimalField(_("a month before"), **MONEY)
    after = models.DecimalField(_("a month after"), **MONEY)
    effective_on = models.DateField(_("from"))
    created_at = models.DateTimeField(_("confirmed"), default=timezone.now)
    applied_at = models.DateTimeField(_("done"), null=True, blank=True)
    undone_at = models.DateTimeField(_("taken back"), null=True, blank=True)
    error = models.TextField(_("why it waits"), blank=True)

    class Meta:
        verbose_name = _("plan change")
        verbose_name_plural = _("plan changes")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["subscription"],
                condition=Q(applied_at__isnull=True, undone_at__isnull=True),
                name="plan_change_one_ahead",
            ),
        ]
        indexes = [
            # The sweep, and committed MRR.
            models.Index(
                fields=["effective_on"],
                name="plan_change_ahead",
                condition=Q(applied_at__isnull=True, undone_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subscription_id}: {self.what}"
