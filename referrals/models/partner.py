import secrets

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Contact
from accounts.models.audit import Audited
from referrals.enums import Channel, CodeKind, PartnerStatus, PayoutMethod, TraceKind
from referrals.models.program import Program, ProgramTerms


def new_key() -> str:
    return secrets.token_urlsafe(16)  # as long as accounts.domain.links wants it


class PartnerQuerySet(models.QuerySet["Partner"]):
    def approved(self) -> "PartnerQuerySet":
        return self.filter(status=PartnerStatus.APPROVED)


class Partner(models.Model):
    """Who refers, in one program: a customer's contact, or an affiliate."""

    program = models.ForeignKey(Program, models.PROTECT, related_name="partners", db_index=False)
    # Random: the signed address of an affiliate's portal is made of it (accounts.domain.links).
    key = models.CharField(max_length=32, unique=True, default=new_key, editable=False)
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, blank=True, related_name="partners")
    account = models.ForeignKey(Account, models.SET_NULL, null=True, blank=True, related_name="partners")
    name = models.CharField(_("name"), max_length=160)
    email = models.EmailField(_("e-mail address"), max_length=254)
    # As the rules against fraud see it (domain/fraud.py), lower-cased and without tags.
    email_key = models.CharField(max_length=254, editable=False)
    company = models.CharField(_("company"), max_length=160, blank=True)
    website = models.CharField(_("website"), max_length=400, blank=True)
    language = models.CharField(_("language"), max_length=8, blank=True)
    answers = models.JSONField(_("answers"), default=dict, blank=True)
    status = models.CharField(_("status"), max_length=8, choices=PartnerStatus, default=PartnerStatus.APPLIED)
    invited_at = models.DateTimeField(_("invited"), null=True, blank=True)
    applied_at = models.DateTimeField(_("applied"), null=True, blank=True)
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)
    refused_at = models.DateTimeField(_("refused"), null=True, blank=True)
    refusal = models.CharField(_("why refused"), max_length=400, blank=True)
    decided_by = models.ForeignKey("accounts.User", models.SET_NULL, null=True, blank=True, related_name="+")
    payout_method = models.CharField(_("payout method"), max_length=8, choices=PayoutMethod, blank=True)
    payout_details = models.JSONField(_("payout details"), default=dict, blank=True)
    # The link is revoked by a new key.
    last_seen_at = models.DateTimeField(_("last seen"), null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = PartnerQuerySet.as_manager()

    class Meta:
        verbose_name = _("partner")
        verbose_name_plural = _("partners")
        constraints = [
            models.UniqueConstraint(fields=["program", "email_key"], name="partner_once"),
            models.UniqueConstraint(
                fields=["program", "contact"], condition=Q(contact__isnull=False), name="partner_contact_once"
            ),
        ]
        indexes = [
            models.Index(fields=["program", "status", "name", "id"], name="partner_by_program"),
            models.Index(fields=["name", "id"], name="partner_by_name"),
            # Search: any part, in any case.
            GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="partner_name_trgm"),
            GinIndex(OpClass(Upper("email"), name="gin_trgm_ops"), name="partner_email_trgm"),
            GinIndex(OpClass(Upper("company"), name="gin_trgm_ops"), name="partner_company_trgm"),
        ]
        # Neither answers nor payout details: what is kept for ever is not about people who may ask to be forgotten.
        triggers = [Audited("status", "refusal", "payout_method")]

    def __str__(self) -> str:
        return self.name


class Pause(models.Model):
    """A time in which a partner binds nobody and earns nothing: [since, until)."""

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="pauses")
    since = models.DateTimeField(_("since"))
    until = models.DateTimeField(_("until"), null=True, blank=True)
    reason = models.CharField(_("why"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("pause")
        verbose_name_plural = _("pauses")
        constraints = [
            models.CheckConstraint(condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="pause_ends_after"),
            models.UniqueConstraint(fields=["partner"], condition=Q(until__isnull=True), name="pause_one_open"),
        ]


class Acceptance(models.Model):
    """A partner said yes to a version of the terms, on that day."""

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="acceptances")
    terms = models.ForeignKey(ProgramTerms, models.PROTECT, related_name="acceptances")
    accepted_at = models.DateTimeField(_("accepted"), default=timezone.now)
    language = models.CharField(_("language"), max_length=8, blank=True)

    class Meta:
        verbose_name = _("acceptance")
        verbose_name_plural = _("acceptances")
        constraints = [models.UniqueConstraint(fields=["partner", "terms"], name="acceptance_once")]


class Code(models.Model):
    """What is behind /r/<code>, or what is typed at the checkout. No two codes differ by upper and lower case alone."""

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="codes")
    kind = models.CharField(_("kind"), max_length=6, choices=CodeKind, default=CodeKind.LINK)
    code = models.CharField(_("code"), max_length=80)
    key = models.CharField(max_length=160, unique=True, editable=False)  # domain/codes.py: code_key
    channel = models.CharField(_("channel"), max_length=10, choices=Channel, default=Channel.LINK)
    landing_url = models.CharField(_("leads to"), max_length=400, blank=True)  # one of the program's
    active = models.BooleanField(_("works"), default=True)
    created_at = models.DateTimeField(_("made"), default=timezone.now)

    class Meta:
        verbose_name = _("code")
        verbose_name_plural = _("codes")
        ordering = ["partner", "id"]
        constraints = [models.CheckConstraint(condition=~Q(key=""), name="code_given")]
        triggers = [Audited("kind", "code", "channel", "landing_url", "active")]

    def __str__(self) -> str:
        return self.code


class Trace(models.Model):
    """A keyed hash of a device or network address that a partner was seen with, to recognise referrals of oneself.
    Forgotten after a while (domain/fraud)."""

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="traces", db_index=False)
    kind = models.CharField(max_length=6, choices=TraceKind)
    digest = models.CharField(max_length=64)
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["partner", "kind", "digest"], name="trace_once")]
        indexes = [models.Index(fields=["seen_at"], name="trace_by_age")]


class Promoter(models.Model):
    """A contact whose latest answer makes them one who may be invited to refer, once the account's health is good."""

    contact = models.OneToOneField(Contact, models.CASCADE, related_name="promoter")
    account = models.ForeignKey(Account, models.CASCADE, related_name="promoters")
    score = models.PositiveSmallIntegerField()
    answered_at = models.DateTimeField()
    # When the playbooks were told; not again before the next answer.
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("promoter")
        verbose_name_plural = _("promoters")
        indexes = [models.Index(fields=["answered_at"], name="promoter_untold", condition=Q(told_at__isnull=True))]


class Invitation(models.Model):
    """A partner passed the link on, by mail or by copying it. Counts for the k-factor."""

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="invitations", db_index=False)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel, default=Channel.MAIL)
    # A keyed hash of the address: nobody who has not come is known to us by name.
    address_digest = models.CharField(max_length=64, blank=True)
    mail = models.ForeignKey("accounts.Mail", models.SET_NULL, null=True, blank=True, related_name="+")
    sent_at = models.DateTimeField(_("sent"), default=timezone.now)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "address_digest"], condition=~Q(address_digest=""), name="referral_invitation_once"
            ),
        ]
        indexes = [
            models.Index(fields=["partner", "-sent_at"], name="referral_invitation_by_partner"),
            models.Index(fields=["sent_at"], name="referral_invitation_by_day"),
        ]
