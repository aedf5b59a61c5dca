import uuid
from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import ChurnReason, IntentFactor, RenewalStage
from accounts.models.account import Account, Contact
from accounts.models.subscription import MONEY, Subscription

PROBABILITY: dict[str, Any] = {"max_digits": 4, "decimal_places": 3, "null": True, "blank": True}


class DateRange(Func):
    function = "daterange"
    output_field = DateRangeField()


class RenewalQuerySet(models.QuerySet["Renewal"]):
    def undecided(self) -> "RenewalQuerySet":
        return self.filter(decided_at__isnull=True)

    def decided(self) -> "RenewalQuerySet":
        return self.filter(decided_at__isnull=False)


class Renewal(models.Model):
    """One term of a subscription, and what becomes of it at its end. Terms are half-open: [starts_on, ends_on).

    While undecided, its days and its worth follow the subscription; what was decided stays as it was.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="renewals")
    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="renewals")
    starts_on = models.DateField(_("term begins"))
    ends_on = models.DateField(_("term ends"))
    notice_days = models.PositiveSmallIntegerField(_("notice, days"), default=0)
    auto_renew = models.BooleanField(_("renews by itself"), default=True)
    # Term end less notice where it renews by itself, else the term's end (RULES 3).
    decision_date = models.DateField(_("decision date"))
    # Monthly terms (up to 31 days) are announced 7 days ahead instead of 90, 60 and 30.
    monthly = models.BooleanField(default=False)
    stage = models.CharField(_("stage"), max_length=10, choices=RenewalStage, default=RenewalStage.UPCOMING)
    # What was at stake, in the reporting currency, frozen by the decision; until then the subscription's own MRR.
    mrr = models.DecimalField(_("MRR"), **MONEY, null=True, blank=True)

    # The decision, exactly once.
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey("accounts.User", models.SET_NULL, null=True, blank=True, related_name="+")
    outcome_mrr = models.DecimalField(_("MRR after"), **MONEY, null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=20, choices=ChurnReason, blank=True)
    comment = models.TextField(_("comment"), blank=True)
    # What the next term costs where that was agreed on: the subscription gets it when this term ends.
    next_unit_amount = models.DecimalField(_("next price"), **MONEY, null=True, blank=True)
    next_quantity = models.PositiveIntegerField(_("next seats"), null=True, blank=True)
    changed_at = models.DateTimeField(null=True, blank=True, editable=False)

    # How likely it is: by band (read from the account's until decided, then frozen), by the CSM, by the customer.
    model_probability = models.DecimalField(_("by health"), **PROBABILITY)
    call_probability = models.DecimalField(_("CSM's call"), **PROBABILITY)
    call_reason = models.CharField(_("why"), max_length=400, blank=True)
    call_by = models.ForeignKey("accounts.User", models.SET_NULL, null=True, blank=True, related_name="+")
    call_at = models.DateTimeField(null=True, blank=True)
    intent_probability = models.DecimalField(_("customer's intent"), **PROBABILITY)
    intent_at = models.DateTimeField(null=True, blank=True)
    # The three are far apart: to be settled by then.
    disagreement_since = models.DateTimeField(null=True, blank=True)
    settle_by = models.DateField(_("settle by"), null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_note = models.CharField(_("what was found"), max_length=400, blank=True)

    # What the clock has done: the nearest announcement made (90, 60, 30 or 7 days) and for which decision date.
    told_days = models.PositiveSmallIntegerField(null=True, blank=True)
    told_for = models.DateField(null=True, blank=True)
    intent_asked_at = models.DateTimeField(null=True, blank=True)
    lapsed_at = models.DateTimeField(_("lapsed"), null=True, blank=True)
    # When the clock alone will do something here: one indexed sweep.
    attention_on = models.DateField(null=True, blank=True, editable=False)

    # In calendars: one UID for life, and a number that rises with every change.
    uid = models.UUIDField(default=uuid.uuid4, editable=False)
    sequence = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = RenewalQuerySet.as_manager()

    class Meta:
        verbose_name = _("renewal")
        verbose_name_plural = _("renewals")
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="renewal_ends_after_start"),
            models.UniqueConstraint(
                fields=["subscription"], condition=Q(decided_at__isnull=True), name="renewal_one_undecided"
            ),
            ExclusionConstraint(
                name="renewal_terms_apart",
                expressions=[
                    ("subscription", RangeOperators.EQUAL),
                    (DateRange("starts_on", "ends_on", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, stage__in=RenewalStage.open())
                | Q(
                    decided_at__isnull=False,
                    stage__in=RenewalStage.decided(),
                    outcome_mrr__isnull=False,
                    mrr__isnull=False,
                ),
                name="renewal_decided_has_outcome",
            ),
        ]
        indexes = [
            # Calendar, lists and the forecast, by day.
            models.Index(fields=["decision_date", "id"], name="renewal_by_decision"),
            models.Index(fields=["ends_on", "id"], name="renewal_by_end"),
            models.Index(fields=["account", "-ends_on"], name="renewal_by_account"),
            models.Index(fields=["stage", "decision_date"], name="renewal_board", condition=Q(decided_at__isnull=True)),
            # The board's decided ones.
            models.Index(fields=["-decided_at"], name="renewal_lately", condition=Q(decided_at__isnull=False)),
            # The sweep.
            models.Index(fields=["attention_on"], name="renewal_attention", condition=Q(attention_on__isnull=False)),
            # Bands change by the thousand: whose renewals somebody has an opinion about.
            models.Index(
                fields=["account"],
                name="renewal_opinions",
                condition=Q(decided_at__isnull=True)
                & (Q(call_probability__isnull=False) | Q(intent_probability__isnull=False)),
            ),
            models.Index(
                fields=["settle_by"],
                name="renewal_disagreement",
                condition=Q(disagreement_since__isnull=False, settled_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subscription_id}: {self.ends_on}"


class Intent(models.Model):
    """What a contact who decides says about the next term: how likely, and what it depends on."""

    renewal = models.ForeignKey(Renewal, models.CASCADE, related_name="intents")
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, related_name="intents")
    score = models.PositiveSmallIntegerField(_("how likely"))
    factors = ArrayField(models.CharField(max_length=20, choices=IntentFactor), default=list, blank=True)
    comment = models.TextField(_("comment"), blank=True)
    answered_at = models.DateTimeField(_("answered"), default=timezone.now)
    revised_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("renewal intent")
        verbose_name_plural = _("renewal intents")
        constraints = [
            models.UniqueConstraint(fields=["renewal", "contact"], name="intent_once"),
            models.CheckConstraint(condition=Q(score__lte=10), name="intent_0_to_10"),
        ]

    @property
    def factor_labels(self) -> list[Any]:
        """What it depends on, in the reader's language."""
        labels = dict(IntentFactor.choices)
        return [labels[factor] for factor in self.factors if factor in labels]
