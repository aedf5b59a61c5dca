from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import ChurnReason, Interval, MovementKind, SubscriptionStatus
from accounts.models.account import Account
from accounts.models.audit import Audited
from accounts.models.marks import MOVEMENTS
from accounts.models.plan import MONEY, Plan, PlanVersion


class Subscription(models.Model):
    """What an account pays for, as it stands now. Days are days of the account's zone; windows are half-open:
    it counts from `started_on` up to and without `ended_on`."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="subscriptions")
    # Usage files name the subscription alone, so it is unique by itself.
    external_id = models.CharField(_("external id"), max_length=200, unique=True)
    plan = models.ForeignKey(
        Plan, models.PROTECT, null=True, blank=True, related_name="subscriptions", verbose_name=_("plan")
    )
    # None: as imported. Who is on an older version keeps what it costs.
    plan_version = models.ForeignKey(
        PlanVersion,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="subscriptions",
        verbose_name=_("version of the plan"),
    )
    status = models.CharField(_("status"), max_length=12, choices=SubscriptionStatus, default=SubscriptionStatus.ACTIVE)
    currency = models.CharField(_("currency"), max_length=3)
    unit_amount = models.DecimalField(_("price per seat and interval"), **MONEY, default=0)
    quantity = models.PositiveIntegerField(_("seats"), default=1)
    # False: `unit_amount` is the price of the whole, whatever the seats.
    per_seat = models.BooleanField(_("price is per seat"), default=True)
    interval = models.CharField(_("billed every"), max_length=8, choices=Interval, default=Interval.MONTH)
    interval_count = models.PositiveSmallIntegerField(_("intervals"), default=1)
    # Only discounts that last as long as the subscription; finite ones never touch MRR (M1).
    discount_percent = models.DecimalField(_("lasting discount, %"), max_digits=7, decimal_places=4, default=0)
    discount_amount = models.DecimalField(_("lasting discount, amount"), **MONEY, default=0)
    started_on = models.DateField(_("started on"))
    ended_on = models.DateField(_("first day without it"), null=True, blank=True)
    trial_ends_on = models.DateField(_("trial ends on"), null=True, blank=True)
    past_due_since = models.DateField(_("past due since"), null=True, blank=True)
    cancel_scheduled_on = models.DateField(_("cancellation scheduled on"), null=True, blank=True)
    term_end = models.DateField(_("term ends on"), null=True, blank=True)
    notice_days = models.PositiveSmallIntegerField(_("notice, days"), default=0)
    auto_renew = models.BooleanField(_("renews by itself"), default=True)
    # None: worked out from the term itself (domain/renewals/lengths.py).
    term_months = models.PositiveSmallIntegerField(_("length of a term, months"), null=True, blank=True)
    # Ends of terms are anniversaries of this day, so that 31 January comes back after February (M11).
    term_anchor = models.DateField(null=True, blank=True, editable=False)
    churn_reason = models.CharField(_("reason for leaving"), max_length=20, choices=ChurnReason, blank=True)
    churn_comment = models.TextField(_("in their words"), blank=True)
    # In the reporting currency at the rate of its last change; 0 while it does not count.
    mrr = models.DecimalField(_("MRR"), **MONEY, default=0, editable=False)
    # The end of the trial that has been announced: it is announced once, and again when it is put off.
    trial_told_for = models.DateField(null=True, blank=True, editable=False)
    # When the clock alone will change something here (trial or dunning over, end reached): one indexed sweep.
    attention_on = models.DateField(null=True, blank=True, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        ordering = ["started_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ended_on__isnull=True) | models.Q(ended_on__gte=models.F("started_on")),
                name="subscription_ends_after_start",
            ),
            models.CheckConstraint(
                condition=models.Q(unit_amount__gte=0) & models.Q(interval_count__gte=1),
                name="subscription_price_sane",
            ),
        ]
        indexes = [
            models.Index(
                fields=["attention_on"],
                name="subscription_attention",
                condition=models.Q(attention_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.external_id


class SubscriptionChange(models.Model):
    """One step of a subscription: from `effective_on` it is worth `mrr`. Movements are made of these."""

    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="changes")
    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    effective_on = models.DateField()
    mrr = models.DecimalField(**MONEY)  # reporting currency
    amount = models.DecimalField(**MONEY)  # the same in its own currency
    currency = models.CharField(max_length=3)
    quantity = models.PositiveIntegerField(default=1)
    plan = models.ForeignKey(Plan, models.PROTECT, null=True, blank=True, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)
    # Not the customer's doing: the same amount at another exchange rate. Comes before all else on its day.
    revaluation = models.BooleanField(default=False)
    # Why it ended, where this step is its end.
    reason = models.CharField(max_length=20, choices=ChurnReason, blank=True)
    comment = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["account", "effective_on", "id"], name="change_by_account")]
        constraints = [
            models.UniqueConstraint(
                fields=["subscription", "effective_on"],
                condition=models.Q(revaluation=True),
                name="change_one_revaluation_a_day",
            ),
        ]


class Movement(models.Model):
    """A step of an account's MRR, in the reporting currency. Sums of movements are the MRR, always."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="movements")
    change = models.OneToOneField(SubscriptionChange, models.CASCADE, null=True, blank=True, related_name="movement")
    kind = models.CharField(_("kind"), max_length=12, choices=MovementKind)
    occurred_on = models.DateField(_("day"))
    amount = models.DecimalField(_("amount"), **MONEY)  # signed
    mrr_after = models.DecimalField(_("MRR after"), **MONEY)
    reason = models.CharField(_("reason"), max_length=20, choices=ChurnReason, blank=True)
    comment = models.TextField(_("in their words"), blank=True)

    class Meta:
        verbose_name = _("movement")
        verbose_name_plural = _("movements")
        indexes = [
            models.Index(fields=["account", "occurred_on", "id"], name="movement_by_account"),
            models.Index(fields=["occurred_on", "kind"], name="movement_by_day"),
        ]
        triggers = MOVEMENTS


class ExchangeRate(models.Model):
    """One unit of `currency` in the reporting currency, from `valid_from` until the next row."""

    currency = models.CharField(_("currency"), max_length=3)
    valid_from = models.DateField(_("from"))
    rate = models.DecimalField(_("rate"), max_digits=18, decimal_places=9)
    # False until its day has come and what is priced in this currency has been revalued.
    applied = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        ordering = ["currency", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["currency", "valid_from"], name="rate_once_a_day"),
            models.CheckConstraint(condition=models.Q(rate__gt=0), name="rate_positive"),
        ]
        triggers = [Audited("currency", "valid_from", "rate")]

    def __str__(self) -> str:
        return f"{self.currency} {self.valid_from}: {self.rate}"
