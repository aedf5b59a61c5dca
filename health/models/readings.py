from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import ChurnReason
from accounts.models import Account, Contact
from health.enums import InvoiceStatus, ReadingKind, Severity, SurveyKind, TicketStatus


class FirstReading(models.Model):
    """The earliest day of a kind of reading. Until there is one, its indicator is missing for everybody:
    no tickets are good news only where tickets arrive at all."""

    kind = models.CharField(max_length=8, choices=ReadingKind, primary_key=True)
    first_on = models.DateField()


class Ticket(models.Model):
    account = models.ForeignKey(Account, models.CASCADE, related_name="tickets", db_index=False)
    external_id = models.CharField(_("external id"), max_length=200)
    subject = models.CharField(_("subject"), max_length=400, blank=True)
    theme = models.CharField(_("theme"), max_length=80, blank=True)
    severity = models.CharField(_("severity"), max_length=8, choices=Severity, default=Severity.NORMAL)
    # A question of how to get more out of the product, rather than a basic problem with it.
    strategic = models.BooleanField(_("strategic question"), default=False)
    status = models.CharField(_("status"), max_length=8, choices=TicketStatus, default=TicketStatus.OPEN)
    opened_at = models.DateTimeField(_("opened"))
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    class Meta:
        verbose_name = _("ticket")
        verbose_name_plural = _("tickets")
        constraints = [models.UniqueConstraint(fields=["account", "external_id"], name="ticket_once")]
        indexes = [
            # Scoring reads it alone; the account page lists by it.
            models.Index(fields=["account", "opened_at"], include=["severity", "strategic"], name="ticket_by_account"),
        ]

    def __str__(self) -> str:
        return self.subject or self.external_id


class Invoice(models.Model):
    account = models.ForeignKey(Account, models.CASCADE, related_name="invoices", db_index=False)
    external_id = models.CharField(_("external id"), max_length=200)
    amount = models.DecimalField(_("amount"), max_digits=20, decimal_places=4)
    currency = models.CharField(_("currency"), max_length=3)
    status = models.CharField(_("status"), max_length=8, choices=InvoiceStatus, default=InvoiceStatus.OPEN)
    issued_on = models.DateField(_("issued on"))
    due_on = models.DateField(_("due on"))
    paid_on = models.DateField(_("paid on"), null=True, blank=True)

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        constraints = [
            models.UniqueConstraint(fields=["account", "external_id"], name="invoice_once"),
            models.CheckConstraint(condition=Q(due_on__gte=F("issued_on")), name="invoice_due_after_issue"),
            models.CheckConstraint(
                condition=Q(status=InvoiceStatus.PAID, paid_on__isnull=False)
                | (~Q(status=InvoiceStatus.PAID) & Q(paid_on__isnull=True)),
                name="invoice_paid_has_day",
            ),
        ]
        indexes = [
            # Scoring a past day asks for the oldest one that was open then.
            models.Index(
                fields=["account", "due_on"],
                include=["paid_on"],
                condition=~Q(status=InvoiceStatus.VOID),
                name="invoice_by_account",
            ),
            # Scoring and notices ask for those that are open.
            models.Index(fields=["account", "due_on"], condition=Q(status=InvoiceStatus.OPEN), name="invoice_open"),
            # Averages of orders read all that stand, and nothing but this of each.
            models.Index(
                fields=["account", "issued_on"],
                include=["amount", "currency"],
                condition=~Q(status=InvoiceStatus.VOID) & Q(amount__gt=0),
                name="invoice_orders",
            ),
        ]

    def __str__(self) -> str:
        return self.external_id


class Answer(models.Model):
    """What a customer says when asked: how likely to recommend us (NPS, the one that health is made of), how satisfied
    (CSAT), why they left. Given by a personal link, or elsewhere (CSV, API)."""

    kind = models.CharField(
        _("kind"), max_length=8, choices=SurveyKind, default=SurveyKind.NPS, db_default=SurveyKind.NPS
    )
    survey = models.ForeignKey(
        "health.Survey", models.SET_NULL, null=True, blank=True, related_name="answers", verbose_name=_("survey")
    )
    # N6: one answer per invite.
    invite = models.OneToOneField("health.Invite", models.SET_NULL, null=True, blank=True, related_name="answer")
    account = models.ForeignKey(Account, models.CASCADE, related_name="answers", db_index=False)
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, blank=True, related_name="answers")
    external_id = models.CharField(_("external id"), max_length=200)
    source = models.CharField(_("source"), max_length=40, blank=True)
    # NPS 0 to 10, CSAT 1 to 5; who left gives a reason instead.
    score = models.PositiveSmallIntegerField(_("score"), null=True, blank=True, validators=[MaxValueValidator(10)])
    reason = models.CharField(_("reason"), max_length=20, choices=ChurnReason, blank=True, default="", db_default="")
    comment = models.TextField(_("comment"), blank=True)
    answered_at = models.DateTimeField(_("answered"))
    revised_at = models.DateTimeField(_("changed"), null=True, blank=True)
    # N4: recorded by a page that only stood open. Until then nobody is told of it, unless the person confirms.
    provisional_until = models.DateTimeField(null=True, blank=True)
    # When it was told (an activity): what is provisional waits.
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        constraints = [
            models.UniqueConstraint(fields=["account", "external_id"], name="answer_once"),
            models.CheckConstraint(
                condition=Q(kind=SurveyKind.NPS, score__gte=0, score__lte=10, score__isnull=False)
                | Q(kind=SurveyKind.CSAT, score__gte=1, score__lte=5, score__isnull=False)
                | (Q(kind=SurveyKind.CHURN, score__isnull=True) & ~Q(reason="")),
                name="answer_in_its_range",
            ),
        ]
        indexes = [
            # Scoring reads it alone.
            models.Index(
                fields=["account", "answered_at"],
                include=["contact", "score", "id"],
                condition=Q(kind=SurveyKind.NPS),
                name="answer_by_account",
            ),
            # The voice page, newest first.
            models.Index(fields=["kind", "-answered_at", "-id"], name="answer_newest"),
            # Search in comments.
            GinIndex(OpClass(Upper("comment"), name="gin_trgm_ops"), name="answer_comment_trgm"),
            models.Index(
                fields=["provisional_until"], name="answer_provisional", condition=Q(provisional_until__isnull=False)
            ),
        ]


class AnswerRevision(models.Model):
    """An answer as it was before it was changed."""

    answer = models.ForeignKey(Answer, models.CASCADE, related_name="revisions")
    score = models.PositiveSmallIntegerField(null=True, blank=True)
    reason = models.CharField(max_length=20, blank=True)
    comment = models.TextField(blank=True)
    provisional = models.BooleanField(default=False)
    # When the answer read so, and until when.
    given_at = models.DateTimeField()
    replaced_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        ordering = ["replaced_at", "id"]


class Pulse(models.Model):
    """The CSM's own feeling about an account, with its reason."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="pulses", db_index=False)
    value = models.PositiveSmallIntegerField(_("pulse"), validators=[MinValueValidator(1), MaxValueValidator(5)])
    reason = models.TextField(_("reason"))
    user = models.ForeignKey("accounts.User", models.SET_NULL, null=True, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("on"), default=timezone.now)

    class Meta:
        verbose_name = _("pulse")
        verbose_name_plural = _("pulses")
        constraints = [
            models.CheckConstraint(condition=Q(value__gte=1, value__lte=5), name="pulse_1_to_5"),
            models.CheckConstraint(condition=~Q(reason=""), name="pulse_reason_given"),
        ]
        indexes = [
            # Scoring takes the latest one.
            models.Index(fields=["account", "at"], include=["value"], name="pulse_by_account"),
        ]


class CustomReading(models.Model):
    """A value from 0 to 100 that somebody else worked out, under a key of theirs."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="custom_readings", db_index=False)
    key = models.CharField(_("key"), max_length=60)
    value = models.DecimalField(_("value"), max_digits=6, decimal_places=3)
    at = models.DateTimeField(_("on"), default=timezone.now)

    class Meta:
        verbose_name = _("custom reading")
        verbose_name_plural = _("custom readings")
        constraints = [
            models.UniqueConstraint(fields=["account", "key", "at"], name="custom_reading_once", include=["value"]),
            models.CheckConstraint(condition=Q(value__gte=0, value__lte=100), name="custom_reading_0_to_100"),
        ]
