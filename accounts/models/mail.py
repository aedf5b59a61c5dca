from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import AskKind, MailStatus
from accounts.models.account import Account, Contact
from accounts.models.audit import Audited


class Mail(models.Model):
    """One message to one person. Written in the transaction of what it tells of (the outbox), sent by a worker, kept
    as it was sent. Addresses are lower-cased."""

    # What makes it one message: "survey invite 17". Asking for it twice gives the same row.
    key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(_("kind"), max_length=60)  # a registry.MailKind's name
    account = models.ForeignKey(Account, models.CASCADE, null=True, blank=True, related_name="mails")
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, blank=True, related_name="mails")
    to = models.EmailField(_("to"), max_length=254)
    language = models.CharField(_("language"), max_length=8)
    subject = models.CharField(_("subject"), max_length=400)
    text = models.TextField(_("text"))
    html = models.TextField(blank=True)
    headers = models.JSONField(default=dict, blank=True)  # List-Unsubscribe and the like
    attachments = models.JSONField(default=list, blank=True)  # [{"name", "type", "content"}], small texts such as ICS
    status = models.CharField(_("status"), max_length=8, choices=MailStatus, default=MailStatus.QUEUED)
    created_at = models.DateTimeField(_("written"), default=timezone.now)
    # Not before; after a failure, the next attempt.
    send_at = models.DateTimeField(default=timezone.now)
    claimed_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    # A worker was lost between sending and saying so: it went out again, and may have come twice.
    repeated = models.BooleanField(_("may have come twice"), default=False)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    message_id = models.CharField(max_length=255, blank=True)
    error = models.TextField(_("error"), blank=True)
    bounced_at = models.DateTimeField(_("bounced"), null=True, blank=True)
    bounce_reason = models.CharField(_("why it bounced"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        indexes = [
            # What is due, and what a lost worker left behind.
            models.Index(fields=["send_at", "id"], name="mail_due", condition=Q(status__in=["queued", "failed"])),
            models.Index(fields=["claimed_at"], name="mail_claimed", condition=Q(status="sending")),
            # Whose text is old enough to be deleted.
            models.Index(fields=["created_at"], name="mail_bodies", condition=~Q(text="")),
            # The outbox page.
            models.Index(fields=["-created_at", "-id"], name="mail_newest"),
            models.Index(fields=["account", "-created_at"], name="mail_by_account"),
            models.Index(fields=["contact", "-created_at"], name="mail_by_contact"),
            # Bounces come with the message's id, or with the address alone.
            models.Index(fields=["message_id"], name="mail_by_message", condition=~Q(message_id="")),
            models.Index(fields=["to", "-sent_at"], name="mail_by_address"),
        ]

    def __str__(self) -> str:
        return f"{self.to}: {self.subject}"


class OptOut(models.Model):
    """An address that wants no more questions from us (surveys, referral asks …). What concerns their contract or a
    booking of theirs they get all the same."""

    address = models.EmailField(_("address"), max_length=254, unique=True)  # lower-cased
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(_("since"), default=timezone.now)
    how = models.CharField(_("how"), max_length=40, blank=True)  # "one-click", "page", "staff"

    class Meta:
        verbose_name = _("opt-out")
        verbose_name_plural = _("opt-outs")
        # Not the address: what is kept for ever is not about people who may ask to be forgotten.
        triggers = [Audited("contact", "how", labels={"contact": _("contact")})]

    def __str__(self) -> str:
        return self.address


class Ask(models.Model):
    """Something we asked of a person that costs goodwill: one cool-down holds over all kinds (contact pressure)."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="asks", db_index=False)
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, blank=True, related_name="asks")
    address = models.EmailField(max_length=254)  # lower-cased: a person may be a contact of two accounts
    kind = models.CharField(_("kind"), max_length=12, choices=AskKind)
    subject = models.CharField(max_length=200, blank=True)  # the survey's slug, the playbook's key
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("ask")
        verbose_name_plural = _("asks")
        indexes = [
            models.Index(fields=["address", "-at"], name="ask_by_address"),
            models.Index(fields=["account", "-at"], name="ask_by_account"),
        ]


class ContactLink(models.Model):
    """A personal address of a contact's: for one purpose, signed, revocable. Without a sign-in it says who comes.

    The address carries `key` and a signature (domain/links.py); the database alone cannot make one.
    """

    purpose = models.CharField(_("purpose"), max_length=20)  # a registry.LinkPurpose's name: "portal", "survey", …
    key = models.CharField(max_length=32, unique=True)  # random
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="links")
    # What it is about: the invite, the term; "" where the contact is enough.
    subject = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(_("made"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)

    class Meta:
        verbose_name = _("personal link")
        verbose_name_plural = _("personal links")
        constraints = [
            models.UniqueConstraint(
                fields=["contact", "purpose", "subject"],
                condition=Q(revoked_at__isnull=True),
                name="link_one_live",
            ),
        ]


class CalendarFeed(models.Model):
    """A private calendar address that a calendar program subscribes to. Only the digest of its secret is kept."""

    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="feeds")
    digest = models.CharField(max_length=64, unique=True)
    prefix = models.CharField(_("begins with"), max_length=12)
    # What is in it: registry.CalendarSource names ("renewals", later "sessions").
    sources = ArrayField(models.CharField(max_length=20), default=list)
    team = models.BooleanField(_("the whole team's"), default=False)
    created_at = models.DateTimeField(_("made"), default=timezone.now)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    last_read_at = models.DateTimeField(_("last read"), null=True, blank=True)

    class Meta:
        verbose_name = _("calendar address")
        verbose_name_plural = _("calendar addresses")
        ordering = ["-created_at"]
