import pgtrigger
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Lower, Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from timezone_field import TimeZoneField

from accounts.enums import Band, Stage, TouchModel
from accounts.models.audit import Audited
from accounts.models.marks import ACCOUNT as MARK_MOVED


class Segment(models.Model):
    key = models.SlugField(_("key"), unique=True)
    name = models.CharField(_("name"), max_length=80)
    touch_model = models.CharField(_("touch model"), max_length=8, choices=TouchModel, default=TouchModel.MID)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        ordering = ["position", "name"]
        triggers = [Audited("key", "name", "touch_model", "position")]

    def __str__(self) -> str:
        return self.name


class AccountQuerySet(models.QuerySet["Account"]):
    def live(self) -> "AccountQuerySet":
        return self.exclude(stage=Stage.CHURNED)


# Half up, as scores are shown (see ScoreOrder).
KEEP_SCORE_ORDER = """
INSERT INTO accounts_scoreorder (account_id, score) VALUES (NEW.id, floor(NEW.score + 0.5))
ON CONFLICT (account_id) DO UPDATE SET score = excluded.score;
RETURN NULL;
"""
SCORE_MOVED = """
current_setting('tenure.score_order', true) IS DISTINCT FROM 'kept'
    AND floor(OLD.score + 0.5) IS DISTINCT FROM floor(NEW.score + 0.5)
"""


class Account(models.Model):
    """A customer company: the root every other row hangs on."""

    external_id = models.CharField(_("external id"), max_length=200, unique=True)
    name = models.CharField(_("name"), max_length=200)
    domain = models.CharField(_("domain"), max_length=253, blank=True)
    segment = models.ForeignKey(
        Segment, models.PROTECT, null=True, blank=True, related_name="accounts", verbose_name=_("segment")
    )
    csm = models.ForeignKey(
        "accounts.User",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="accounts",
        verbose_name=_("CSM"),
    )
    stage = models.CharField(_("stage"), max_length=16, choices=Stage, default=Stage.ACTIVE)
    currency = models.CharField(_("currency"), max_length=3, default="USD")
    time_zone = TimeZoneField(_("time zone"), default="UTC")
    country = models.CharField(_("country"), max_length=80, blank=True)
    industry = models.CharField(_("industry"), max_length=80, blank=True)
    # Where they came from: what was spent on it is held against what they bring.
    channel = models.CharField(_("channel"), max_length=40, blank=True, default="", db_default="")
    # Recommended or chosen by the onboarding app, empty until then.
    touch_model = models.CharField(
        _("touch model"), max_length=8, choices=TouchModel, blank=True, default="", db_default=""
    )
    custom = models.JSONField(_("custom fields"), default=dict, blank=True)
    started_on = models.DateField(_("customer since"), null=True, blank=True)
    churned_on = models.DateField(_("churned on"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    # Kept from the subscriptions by domain/subscriptions.py, in the reporting currency.
    mrr = models.DecimalField(_("MRR"), max_digits=20, decimal_places=8, default=0, editable=False)
    seats = models.PositiveIntegerField(_("seats"), default=0, editable=False)
    plan = models.ForeignKey(
        "accounts.Plan", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("plan")
    )
    trial_ends_on = models.DateField(_("trial ends on"), null=True, blank=True, editable=False)
    decision_date = models.DateField(_("decision date"), null=True, blank=True, editable=False)

    # Kept by the health app: lists, queue and renewals sort by them. How they came about lives there.
    score = models.DecimalField(_("score"), max_digits=7, decimal_places=3, null=True, blank=True, editable=False)
    band = models.CharField(_("band"), max_length=8, choices=Band, default=Band.UNKNOWN, editable=False)
    # Why a better score does not show a better band: the key of the indicator that caps it.
    capped_by = models.CharField(_("capped by"), max_length=40, blank=True, editable=False)
    known_weight = models.PositiveSmallIntegerField(_("known weight"), default=0, editable=False)
    trend = models.DecimalField(
        _("28-day trend"), max_digits=7, decimal_places=3, null=True, blank=True, editable=False
    )
    scored_at = models.DateTimeField(_("scored"), null=True, blank=True, editable=False)

    # The last time a person of theirs and one of ours really spoke.
    last_contact_at = models.DateTimeField(_("last contact"), null=True, blank=True, editable=False)

    objects = AccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.CheckConstraint(condition=~models.Q(external_id=""), name="account_external_id_given"),
            models.CheckConstraint(condition=~models.Q(name=""), name="account_name_given"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="score_added",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                condition=pgtrigger.Q(new__score__isnull=False),
                func=KEEP_SCORE_ORDER,
            ),
            pgtrigger.Trigger(
                name="score_moved",
                when=pgtrigger.After,
                operation=pgtrigger.UpdateOf("score"),
                condition=pgtrigger.Condition(SCORE_MOVED),
                func=KEEP_SCORE_ORDER,
            ),
            MARK_MOVED,
        ]
        indexes = [
            # The list's sorts; id last makes each a keyset.
            models.Index(fields=["name", "id"], name="account_by_name"),
            models.Index(fields=["mrr", "id"], name="account_by_mrr"),
            models.Index(fields=["decision_date", "id"], name="account_by_decision"),
            # A CSM's own list.
            models.Index(fields=["csm", "name", "id"], name="account_by_csm"),
            # Search by a part of the name, the domain or the caller's id.
            GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="account_name_trgm"),
            GinIndex(OpClass(Upper("domain"), name="gin_trgm_ops"), name="account_domain_trgm"),
            GinIndex(OpClass(Upper("external_id"), name="gin_trgm_ops"), name="account_external_trgm"),
            # Search by how the name or the domain begins: trigrams would find every word that begins so.
            models.Index(OpClass(Upper("name"), name="text_pattern_ops"), name="account_name_start"),
            models.Index(OpClass(Upper("domain"), name="text_pattern_ops"), name="account_domain_start"),
            # The sweep of trials that end.
            models.Index(
                fields=["trial_ends_on"],
                name="account_trial_ends",
                condition=models.Q(trial_ends_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ScoreOrder(models.Model):
    """Accounts by their whole score, for lists sorted by it. A narrow table of its own: an index on the accounts' own
    table would make each new score write to all of its dozen indexes. Kept by two triggers on Account, and as a set
    by who publishes everybody's scores (health/domain/sql/publish.py), which says so in `tenure.score_order`."""

    account = models.OneToOneField(Account, models.CASCADE, primary_key=True, related_name="by_score")
    score = models.SmallIntegerField(null=True)

    class Meta:
        indexes = [models.Index(fields=["score", "account"], name="accounts_by_score")]


class Contact(models.Model):
    """A person at an account."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="contacts")
    email = models.EmailField(_("e-mail address"), max_length=254)
    name = models.CharField(_("name"), max_length=160, blank=True)
    title = models.CharField(_("job title"), max_length=160, blank=True)
    phone = models.CharField(_("phone"), max_length=60, blank=True)
    decides = models.BooleanField(_("decides on renewal"), default=False)
    champion = models.BooleanField(_("champion"), default=False)
    language = models.CharField(_("language"), max_length=8, blank=True)
    time_zone = TimeZoneField(_("time zone"), null=True, blank=True)
    left_on = models.DateField(_("left on"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ["name", "email"]
        constraints = [
            models.UniqueConstraint("account", Lower("email"), name="contact_once_per_account"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def language_name(self) -> str:
        """Of one that is not ours, its code."""
        return str(dict(settings.LANGUAGES).get(self.language, self.language))
