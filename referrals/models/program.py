import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import Band
from accounts.models.audit import Audited
from referrals.enums import (
    Attribution,
    Channel,
    CommissionKind,
    IncentiveKind,
    MaterialKind,
    ProgramKind,
    ProgramStatus,
    TierMode,
)

PERCENT = [MinValueValidator(0), MaxValueValidator(100)]


class Program(models.Model):
    """Who earns what for bringing customers. Money is in minor units of the program's currency."""

    slug = models.SlugField(_("address"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=10, choices=ProgramKind, default=ProgramKind.CUSTOMER)
    status = models.CharField(_("status"), max_length=8, choices=ProgramStatus, default=ProgramStatus.DRAFT)
    # By language: {"en": {"headline", "about"}, …}.
    texts = models.JSONField(_("texts"), default=dict, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    starts_on = models.DateField(_("from"), null=True, blank=True)
    ends_on = models.DateField(_("until"), null=True, blank=True)  # the first day without it

    # Who may join. Promoters whose account is in this band or a better one are invited.
    invites_promoters = models.BooleanField(_("promoters are invited"), default=True)
    min_band = models.CharField(_("band, at least"), max_length=10, choices=Band, default=Band.GREEN)
    open_to_apply = models.BooleanField(_("anybody may apply"), default=False)
    approves_itself = models.BooleanField(_("who applies is approved at once"), default=False)
    # [{"key", "text": {"en": …}, "kind": "text"|"choice"|"number", "choices": […], "required": bool}]
    questions = models.JSONField(_("questions"), default=list, blank=True)

    # What a partner earns.
    commission = models.CharField(_("commission"), max_length=8, choices=CommissionKind, default=CommissionKind.PERCENT)
    rate = models.DecimalField(_("rate, %"), max_digits=7, decimal_places=4, default=20, validators=PERCENT)
    amount = models.BigIntegerField(_("fixed sum"), default=0, validators=[MinValueValidator(0)])
    # Months from a customer's first commission; None: for as long as they pay; 0: their first payment alone.
    months = models.PositiveSmallIntegerField(_("months"), null=True, blank=True, default=12)
    # [{"up_to": 10, "rate": "10"}, {"up_to": None, "rate": "20"}]: by how many customers the partner has brought.
    tiers = models.JSONField(_("tiers"), default=list, blank=True)
    tier_mode = models.CharField(_("a tier's rate counts"), max_length=12, choices=TierMode, default=TierMode.MARGINAL)
    cap_customer = models.BigIntegerField(_("at most for one customer"), null=True, blank=True)
    cap_month = models.BigIntegerField(_("at most for a partner and month"), null=True, blank=True)

    # What both sides get besides, with the referred customer's first payment (the discount: from the sign-up).
    referrer_gets = models.CharField(
        _("who refers gets"), max_length=8, choices=IncentiveKind, default=IncentiveKind.NONE
    )
    referrer_amount = models.BigIntegerField(_("how much"), default=0, validators=[MinValueValidator(0)])
    referrer_percent = models.DecimalField(
        _("per cent off"), max_digits=7, decimal_places=4, default=0, validators=PERCENT
    )
    referrer_months = models.PositiveSmallIntegerField(_("for months"), default=0)
    friend_gets = models.CharField(
        _("who is referred gets"), max_length=8, choices=IncentiveKind, default=IncentiveKind.NONE
    )
    friend_amount = models.BigIntegerField(_("how much"), default=0, validators=[MinValueValidator(0)])
    friend_percent = models.DecimalField(
        _("per cent off"), max_digits=7, decimal_places=4, default=0, validators=PERCENT
    )
    friend_months = models.PositiveSmallIntegerField(_("for months"), default=0)

    # The rules of time and money (RULES 6).
    attribution = models.CharField(_("who counts"), max_length=5, choices=Attribution, default=Attribution.LAST)
    window_days = models.PositiveSmallIntegerField(_("a click counts for, days"), default=60)
    hold_days = models.PositiveSmallIntegerField(_("hold, days"), default=30)
    clawback_days = models.PositiveSmallIntegerField(_("taken back when they leave within, days"), default=60)
    min_payout = models.BigIntegerField(_("smallest payout"), default=5000, validators=[MinValueValidator(0)])
    # Nothing is paid out before the referred customer has finished onboarding and paid.
    needs_onboarding = models.BooleanField(_("held until they have finished onboarding and paid"), default=True)
    dedupe_hours = models.PositiveSmallIntegerField(_("clicks of one visitor count once in, hours"), default=1)
    leak_sales = models.PositiveSmallIntegerField(_("a coupon is looked at from, sales"), default=10)
    leak_percent = models.PositiveSmallIntegerField(_("of which without a click, %"), default=80, validators=PERCENT)

    # Where its links may lead: the first is where they lead by themselves.
    landing_urls = ArrayField(models.CharField(max_length=400), default=list, blank=True, verbose_name=_("addresses"))
    channels = ArrayField(
        models.CharField(max_length=10, choices=Channel), default=list, blank=True, verbose_name=_("channels")
    )
    created_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("program")
        verbose_name_plural = _("programs")
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(rate__gte=0, rate__lte=100), name="program_rate_is_percent"),
            models.CheckConstraint(
                condition=Q(amount__gte=0, referrer_amount__gte=0, friend_amount__gte=0, min_payout__gte=0),
                name="program_amounts_positive",
            ),
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True) | Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")),
                name="program_ends_after_start",
            ),
        ]
        triggers = [
            Audited(
                *("slug", "name", "kind", "status", "texts", "currency", "starts_on", "ends_on", "invites_promoters"),
                *(
                    "min_band",
                    "open_to_apply",
                    "approves_itself",
                    "questions",
                    "commission",
                    "rate",
                    "amount",
                    "months",
                ),
                *("tiers", "tier_mode", "cap_customer", "cap_month", "referrer_gets", "referrer_amount"),
                *("referrer_percent", "referrer_months", "friend_gets", "friend_amount", "friend_percent"),
                *("friend_months", "attribution", "window_days", "hold_days", "clawback_days", "min_payout"),
                *("needs_onboarding", "dedupe_hours", "leak_sales", "leak_percent", "landing_urls", "channels"),
            )
        ]

    def __str__(self) -> str:
        return self.name


class ProgramTerms(models.Model):
    """A version of a program's terms: once published it stays as it is, and partners accept it by number and date."""

    program = models.ForeignKey(Program, models.CASCADE, related_name="terms")
    number = models.PositiveSmallIntegerField(_("version"))
    texts = models.JSONField(_("texts"), default=dict)  # by language, Markdown
    valid_from = models.DateField(_("valid from"))
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    published_by = models.ForeignKey("accounts.User", models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("terms")
        verbose_name_plural = _("terms")
        ordering = ["program", "-number"]
        constraints = [models.UniqueConstraint(fields=["program", "number"], name="terms_number_once")]
        triggers = [
            pgtrigger.Protect(
                name="published_stays",
                operation=pgtrigger.UpdateOf("program_id", "number", "texts", "valid_from", "published_at")
                | pgtrigger.Delete,
                condition=pgtrigger.Q(old__published_at__isnull=False),
            ),
            Audited("number", "valid_from", "published_at", related=["program"]),
        ]

    def __str__(self) -> str:
        return f"{self.program}: {self.number}"


class Material(models.Model):
    """Something partners pass on, per channel and language: a text, a link, an image."""

    program = models.ForeignKey(Program, models.CASCADE, related_name="materials")
    kind = models.CharField(_("kind"), max_length=5, choices=MaterialKind, default=MaterialKind.TEXT)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel, default=Channel.LINK)
    language = models.CharField(_("language"), max_length=8, default="en")
    title = models.CharField(_("title"), max_length=160)
    body = models.TextField(_("text"), blank=True)  # {link}, {code} and {name} are filled in
    url = models.CharField(_("address"), max_length=400, blank=True)
    image = models.BinaryField(null=True, blank=True)
    image_type = models.CharField(max_length=40, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    active = models.BooleanField(_("offered"), default=True)

    class Meta:
        verbose_name = _("material")
        verbose_name_plural = _("material")
        ordering = ["program", "channel", "position", "id"]
        triggers = [
            Audited(
                *("kind", "channel", "language", "title", "body", "url", "image_type", "active"),
                labels={"image_type": _("image")},
            )
        ]

    def __str__(self) -> str:
        return self.title
