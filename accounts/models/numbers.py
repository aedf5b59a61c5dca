"""What is kept for the numbers: each account's MRR by month, their sums by dimension, and what was spent."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import CostKind
from accounts.models.account import Account
from accounts.models.audit import Audited
from accounts.models.plan import MONEY

SUM = {**MONEY, "default": 0}


class AccountMonth(models.Model):
    """A month in which the MRR of an account moved, as it was added to the sums. `account` is no foreign key: what is
    gone must still be taken out of them."""

    account = models.ForeignKey(Account, models.DO_NOTHING, db_constraint=False, related_name="+", db_index=False)
    month = models.DateField()  # its first day
    start = models.DecimalField(**SUM)
    end = models.DecimalField(**SUM)
    # As it happened, signed: contraction and churn are below 0.
    new = models.DecimalField(**SUM)
    reactivation = models.DecimalField(**SUM)
    expansion = models.DecimalField(**SUM)
    contraction = models.DecimalField(**SUM)
    churn = models.DecimalField(**SUM)
    fx = models.DecimalField(**SUM)
    # Paid before this month; and the month of its first payment.
    paid_before = models.BooleanField(default=False)
    cohort = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "month"], name="account_month_once")]


class Counted(models.Model):
    """Under which members of each dimension an account stands in the sums."""

    account = models.OneToOneField(
        Account, models.DO_NOTHING, db_constraint=False, primary_key=True, related_name="+", db_index=False
    )
    segment = models.CharField(max_length=40, blank=True)
    csm = models.CharField(max_length=40, blank=True)
    touch = models.CharField(max_length=40, blank=True)
    plan = models.CharField(max_length=40, blank=True)
    channel = models.CharField(max_length=40, blank=True)
    currency = models.CharField(max_length=40, blank=True)


class Uncounted(models.Model):
    """Accounts that have changed since they were counted; a row for every change, none of them unique: who counts
    takes only those it sees, so that what is written meanwhile is counted next time."""

    account_id = models.BigIntegerField()


class MonthSum(models.Model):
    """The sums of a month by dimension ("" is everybody) and member. All in the reporting currency."""

    month = models.DateField()
    dimension = models.CharField(max_length=12, blank=True)
    member = models.CharField(max_length=40, blank=True)
    start = models.DecimalField(**SUM)
    end = models.DecimalField(**SUM)
    fx = models.DecimalField(**SUM)
    # As it happened, signed.
    new = models.DecimalField(**SUM)
    reactivation = models.DecimalField(**SUM)
    expansion = models.DecimalField(**SUM)
    contraction = models.DecimalField(**SUM)
    churn = models.DecimalField(**SUM)
    # What the month as a whole was for each customer, signed.
    net_new = models.DecimalField(**SUM)
    net_reactivation = models.DecimalField(**SUM)
    net_expansion = models.DecimalField(**SUM)
    net_contraction = models.DecimalField(**SUM)
    net_churn = models.DecimalField(**SUM)
    # Customers: at the start, won, back, lost, at the end.
    customers_start = models.IntegerField(default=0)
    customers_new = models.IntegerField(default=0)
    customers_back = models.IntegerField(default=0)
    customers_lost = models.IntegerField(default=0)
    customers_end = models.IntegerField(default=0)
    # Of those that paid at the month's start: their MRR at its end, and that capped at what it was.
    kept = models.DecimalField(**SUM)
    kept_capped = models.DecimalField(**SUM)
    # The same over the twelve months that end with this one.
    year_start = models.DecimalField(**SUM)
    year_kept = models.DecimalField(**SUM)
    year_capped = models.DecimalField(**SUM)
    year_customers = models.IntegerField(default=0)
    year_lost = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dimension", "member", "month"], name="month_sum_once")]


class CountedUntil(models.Model):
    """The last month that is in the sums. One row."""

    month = models.DateField()
    counted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="counted_until_one_row")]


class Cost(models.Model):
    """What was spent in a month, on winning customers or on keeping them, in the reporting currency."""

    month = models.DateField(_("month"))
    kind = models.CharField(_("kind"), max_length=12, choices=CostKind)
    # Empty: for all of them, shared out by customers won (or kept).
    channel = models.CharField(_("channel"), max_length=40, blank=True)
    amount = models.DecimalField(_("amount"), **MONEY)
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("cost")
        verbose_name_plural = _("costs")
        ordering = ["-month", "kind", "channel"]
        constraints = [
            models.UniqueConstraint(fields=["month", "kind", "channel", "note"], name="cost_once"),
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="cost_not_negative"),
        ]
        triggers = [Audited("month", "kind", "channel", "amount", "note")]
