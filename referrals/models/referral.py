from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from referrals.enums import (
    Channel,
    FlagReason,
    IncentiveKind,
    IncentiveStatus,
    ReferralStatus,
    RefundStatus,
    Review,
    Side,
    WhyNothing,
)
from referrals.models.partner import Code, Partner
from referrals.models.program import Program


class DaySalt(models.Model):
    """What a day's visitors are hashed with. Deleted soon after: nobody can tell then who a click was."""

    day = models.DateField(primary_key=True)
    salt = models.BinaryField(max_length=32)


class Click(models.Model):
    """Somebody followed a partner's link. Nothing personal: a hash that changes every day."""

    code = models.ForeignKey(Code, models.CASCADE, related_name="clicks", db_index=False)
    partner = models.ForeignKey(Partner, models.CASCADE, related_name="clicks", db_index=False)
    # What the landing page gets along, and gives back with the sign-up.
    key = models.CharField(max_length=32, unique=True)
    visitor = models.CharField(max_length=32)
    # Ties a visitor's clicks together across days where they let us keep a cookie; else "".
    browser = models.CharField(max_length=32, blank=True)
    occurred_at = models.DateTimeField(_("when"), default=timezone.now)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel, default=Channel.LINK)
    referrer = models.CharField(_("from"), max_length=253, blank=True)  # the host alone
    # The same visitor again within the program's hours is kept for attribution, and not counted a second time.
    counted = models.BooleanField(_("counted"), default=True)

    class Meta:
        verbose_name = _("click")
        verbose_name_plural = _("clicks")
        indexes = [
            models.Index(fields=["code", "visitor", "-occurred_at"], name="click_by_visitor"),
            models.Index(fields=["partner", "-occurred_at"], name="click_by_partner"),
            models.Index(fields=["browser", "occurred_at"], name="click_by_browser", condition=~Q(browser="")),
            models.Index(fields=["occurred_at"], name="click_by_age"),
        ]


class ReferralQuerySet(models.QuerySet["Referral"]):
    def to_review(self) -> "ReferralQuerySet":
        return self.filter(review__in=Review.open())


class Referral(models.Model):
    """One customer, bound to the partner who brought them: once, at sign-up, for good."""

    program = models.ForeignKey(Program, models.PROTECT, related_name="referrals", db_index=False)
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="referrals", db_index=False)
    code = models.ForeignKey(Code, models.SET_NULL, null=True, blank=True, related_name="referrals")
    click = models.ForeignKey(Click, models.SET_NULL, null=True, blank=True, related_name="referrals")
    # How the caller names the customer: an account's external id, or an id of their own.
    customer = models.CharField(_("customer"), max_length=200)
    account = models.ForeignKey(
        Account, models.SET_NULL, null=True, blank=True, related_name="referrals", verbose_name=_("account")
    )
    name = models.CharField(_("name"), max_length=200, blank=True)
    email = models.EmailField(_("e-mail address"), max_length=254, blank=True)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel, default=Channel.LINK)
    coupon = models.BooleanField(_("by coupon"), default=False)
    # A coupon without a click of the days before: what leaks of codes are told by.
    clicked_before = models.BooleanField(default=True)
    source = models.CharField(_("source"), max_length=40, blank=True)
    signed_up_at = models.DateTimeField(_("signed up"))
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    status = models.CharField(_("status"), max_length=8, choices=ReferralStatus, default=ReferralStatus.LEAD)
    paid_at = models.DateTimeField(_("first paid"), null=True, blank=True)
    onboarded_at = models.DateTimeField(_("onboarding finished"), null=True, blank=True)
    churned_on = models.DateField(_("churned on"), null=True, blank=True)
    clawed_back_at = models.DateTimeField(_("clawed back"), null=True, blank=True)
    # What the rules against fraud found, what was decided, and why.
    review = models.CharField(_("review"), max_length=8, choices=Review, default=Review.CLEAR)
    flags = ArrayField(
        models.CharField(max_length=12, choices=FlagReason), default=list, blank=True, verbose_name=_("flags")
    )
    reviewed_at = models.DateTimeField(_("reviewed"), null=True, blank=True)
    reviewed_by = models.ForeignKey("accounts.User", models.SET_NULL, null=True, blank=True, related_name="+")
    review_note = models.CharField(_("why"), max_length=400, blank=True)
    # Its money enters no payout: under review, refused, or not yet onboarded and paid. Kept by domain/holding.py.
    held = models.BooleanField(_("held"), default=False)
    # The month's end from which payments earn no more (R7); None: no end, or nothing earned yet.
    first_commission_on = models.DateField(_("first commission"), null=True, blank=True)

    objects = ReferralQuerySet.as_manager()

    class Meta:
        verbose_name = _("referral")
        verbose_name_plural = _("referrals")
        constraints = [
            models.UniqueConstraint(fields=["program", "customer"], name="referral_bound_once"),
            models.UniqueConstraint(
                fields=["program", "account"], condition=Q(account__isnull=False), name="referral_account_once"
            ),
        ]
        indexes = [
            models.Index(fields=["partner", "-signed_up_at", "-id"], name="referral_by_partner"),
            models.Index(fields=["program", "-signed_up_at", "-id"], name="referral_by_program"),
            models.Index(fields=["signed_up_at", "id"], name="referral_by_day"),
            models.Index(
                fields=["signed_up_at", "id"], name="referral_to_review", condition=Q(review__in=["review", "held"])
            ),
            models.Index(fields=["id"], name="referral_held", condition=Q(held=True)),
            models.Index(fields=["code"], name="referral_coupon_sales", condition=Q(coupon=True)),
        ]

    def __str__(self) -> str:
        return self.name or self.customer


class Conversion(models.Model):
    """A payment of a referred customer. Amounts in minor units of `currency`, the commission in the program's."""

    program = models.ForeignKey(Program, models.PROTECT, related_name="+", db_index=False)
    source = models.CharField(_("source"), max_length=40)
    external_id = models.CharField(_("external id"), max_length=200)
    referral = models.ForeignKey(Referral, models.PROTECT, related_name="conversions", db_index=False)
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="conversions", db_index=False)
    occurred_at = models.DateTimeField(_("paid"))
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    currency = models.CharField(_("currency"), max_length=3)
    gross = models.BigIntegerField(_("paid"))
    tax = models.BigIntegerField(_("tax"), default=0)
    discount = models.BigIntegerField(_("discount"), default=0)
    # R1: net of tax, discount and earlier refunds, in `currency` and in the program's.
    net = models.BigIntegerField(_("base"))
    base = models.BigIntegerField(_("base in the program's currency"))
    # R9: one unit of `currency` in the program's, on that day; refunds use the same.
    rate = models.DecimalField(_("exchange rate"), max_digits=24, decimal_places=12, default=1)
    commission = models.BigIntegerField(_("commission"), default=0)
    why = models.CharField(_("why not more"), max_length=14, choices=WhyNothing, blank=True)
    # Kept with each refund, in `currency`.
    refunded = models.BigIntegerField(_("refunded"), default=0)

    class Meta:
        verbose_name = _("conversion")
        verbose_name_plural = _("conversions")
        constraints = [
            # R6: a replay gives the first result.
            models.UniqueConstraint(fields=["program", "source", "external_id"], name="conversion_once"),
            models.CheckConstraint(
                condition=Q(gross__gte=0, tax__gte=0, discount__gte=0, net__gte=0, base__gte=0, commission__gte=0),
                name="conversion_amounts_positive",
            ),
            models.CheckConstraint(
                condition=Q(refunded__gte=0) & Q(refunded__lte=models.F("net")), name="conversion_refund_within"
            ),
        ]
        indexes = [
            models.Index(fields=["referral", "occurred_at", "id"], name="conversion_by_referral"),
            models.Index(fields=["partner", "-occurred_at", "-id"], name="conversion_by_partner"),
            models.Index(fields=["occurred_at", "id"], name="conversion_by_day"),
        ]

    def __str__(self) -> str:
        return self.external_id


class Refund(models.Model):
    """Money a referred customer got back. One that comes before its payment waits for it."""

    program = models.ForeignKey(Program, models.PROTECT, related_name="+", db_index=False)
    source = models.CharField(_("source"), max_length=40)
    external_id = models.CharField(_("external id"), max_length=200)
    # The payment's own external id, of the same source.
    conversion_external_id = models.CharField(_("payment"), max_length=200)
    conversion = models.ForeignKey(Conversion, models.PROTECT, null=True, blank=True, related_name="refunds")
    occurred_at = models.DateTimeField(_("refunded"))
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    # Without tax, in minor units of the payment's currency; None: all that is left of it.
    amount = models.BigIntegerField(_("amount"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=8, choices=RefundStatus, default=RefundStatus.APPLIED)
    note = models.CharField(_("why refused"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        constraints = [
            models.UniqueConstraint(fields=["program", "source", "external_id"], name="refund_once"),
            models.CheckConstraint(condition=Q(amount__isnull=True) | Q(amount__gt=0), name="refund_positive"),
            models.CheckConstraint(
                condition=~Q(status=RefundStatus.APPLIED) | Q(conversion__isnull=False), name="refund_applied_to"
            ),
        ]
        indexes = [
            models.Index(
                fields=["program", "source", "conversion_external_id"],
                name="refund_waiting",
                condition=Q(status=RefundStatus.WAITING),
            ),
        ]

    def __str__(self) -> str:
        return self.external_id


class IncentiveQuerySet(models.QuerySet["Incentive"]):
    def by_hand(self) -> "IncentiveQuerySet":
        """Those that billing honours: money for who refers is paid with the ledger's payouts."""
        return self.exclude(side=Side.REFERRER, kind=IncentiveKind.CASH)

    def to_honour(self) -> "IncentiveQuerySet":
        return self.by_hand().filter(status=IncentiveStatus.GRANTED)

    def with_whose(self) -> "IncentiveQuerySet":
        return self.select_related("account", "referral__program", "referral__partner", "referral__account")


class Incentive(models.Model):
    """What one side of a referral gets besides commission: a credit or discount for their billing to honour.
    Money (CASH) for who refers is in the ledger; this row says so."""

    referral = models.ForeignKey(Referral, models.PROTECT, related_name="incentives")
    side = models.CharField(_("for"), max_length=8, choices=Side)
    kind = models.CharField(_("what"), max_length=8, choices=IncentiveKind)
    account = models.ForeignKey(Account, models.SET_NULL, null=True, blank=True, related_name="incentives")
    amount = models.BigIntegerField(_("amount"), default=0)  # minor units
    currency = models.CharField(_("currency"), max_length=3)
    percent = models.DecimalField(_("per cent off"), max_digits=7, decimal_places=4, default=0)
    months = models.PositiveSmallIntegerField(_("for months"), default=0)
    status = models.CharField(_("status"), max_length=8, choices=IncentiveStatus, default=IncentiveStatus.GRANTED)
    granted_at = models.DateTimeField(_("granted"), default=timezone.now)
    used_at = models.DateTimeField(_("honoured"), null=True, blank=True)
    used_by = models.CharField(_("honoured by"), max_length=120, blank=True)  # who is gone stays who it was
    revoked_at = models.DateTimeField(_("taken back"), null=True, blank=True)

    objects = IncentiveQuerySet.as_manager()

    class Meta:
        verbose_name = _("incentive")
        verbose_name_plural = _("incentives")
        constraints = [
            models.UniqueConstraint(fields=["referral", "side"], name="incentive_once"),
            models.CheckConstraint(condition=Q(amount__gte=0, percent__gte=0), name="incentive_positive"),
            models.CheckConstraint(
                condition=Q(status=IncentiveStatus.USED, used_at__isnull=False)
                | (~Q(status=IncentiveStatus.USED) & Q(used_at__isnull=True)),
                name="incentive_used_when",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "-granted_at"], name="incentive_by_account"),
            # The list of those to honour, the longest waiting first; and how many there are, on each page's tabs.
            models.Index(
                fields=["granted_at", "id"],
                name="incentive_to_honour",
                condition=Q(status=IncentiveStatus.GRANTED) & ~Q(side=Side.REFERRER, kind=IncentiveKind.CASH),
            ),
        ]

    @property
    def in_ledger(self) -> bool:
        return self.side == Side.REFERRER and self.kind == IncentiveKind.CASH

    @property
    def held(self) -> bool:
        """Better not honoured yet. What a friend pays less from the start waits for no onboarding and no payment."""
        if self.side == Side.FRIEND and self.kind == IncentiveKind.PERCENT:
            return self.referral.review == Review.HELD
        return self.referral.held
