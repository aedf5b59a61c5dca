from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import WebhookStatus
from accounts.models.activity import Activity
from accounts.models.audit import Audited


class Webhook(models.Model):
    """An address that is told, signed, of the kinds of activity it listens to."""

    name = models.CharField(_("name"), max_length=80)
    url = models.CharField(_("address"), max_length=1000)
    events = ArrayField(models.CharField(max_length=60), verbose_name=_("events"))
    # What makes the secret, together with the installation's own key (domain/webhooks/signing.py); and, for a day
    # after a change, what made the one before.
    seal = models.CharField(max_length=120)
    seal_before = models.CharField(max_length=120, blank=True)
    seal_before_until = models.DateTimeField(null=True, blank=True)
    rotated_at = models.DateTimeField(_("secret changed"), null=True, blank=True)
    active = models.BooleanField(_("on"), default=True)
    gone_at = models.DateTimeField(_("switched off by the other side"), null=True, blank=True)  # it answered 410
    created_at = models.DateTimeField(_("made"), default=timezone.now)
    created_by = models.ForeignKey("accounts.User", models.SET_NULL, null=True, blank=True, related_name="+")
    # One sender at a time; a worker that is lost lets go of it by the clock.
    busy_until = models.DateTimeField(null=True, blank=True)
    # How it has gone lately: while it keeps failing it is asked less often, and admins are told once.
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True)
    rest_until = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(_("last delivered"), null=True, blank=True)

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering = ["name", "pk"]
        triggers = [Audited("name", "url", "events", "active", "gone_at", "rotated_at")]

    def __str__(self) -> str:
        return self.name


class WebhookDelivery(models.Model):
    """One activity on its way to one address: sent at least once, under the same id however often."""

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries")
    # Without one it is a test event.
    activity = models.ForeignKey(Activity, models.CASCADE, null=True, blank=True, related_name="webhook_deliveries")
    message = models.UUIDField()
    status = models.CharField(_("status"), max_length=9, choices=WebhookStatus, default=WebhookStatus.WAITING)
    created_at = models.DateTimeField(_("made"), default=timezone.now)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    until = models.DateTimeField()  # then it is given up
    claimed_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    # Of the last attempt. Without a status code: why there was no answer, a key of outgoing.PROBLEMS.
    tried_at = models.DateTimeField(_("tried"), null=True, blank=True)
    code = models.PositiveSmallIntegerField(_("status code"), null=True, blank=True)
    took = models.PositiveIntegerField(_("milliseconds"), null=True, blank=True)
    problem = models.CharField(max_length=20, blank=True)
    response = models.TextField(_("response"), blank=True)  # its beginning
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        constraints = [
            # Twice equals once.
            models.UniqueConstraint(fields=["webhook", "activity"], name="webhook_delivery_once"),
        ]
        indexes = [
            models.Index(fields=["webhook", "next_attempt_at"], name="webhook_due", condition=Q(status="waiting")),
            models.Index(fields=["claimed_at"], name="webhook_claimed", condition=Q(status="sending")),
            # The webhook's page, newest first.
            models.Index(fields=["webhook", "-id"], name="webhook_newest"),
            # Those that are old enough to be deleted.
            models.Index(fields=["ended_at"], name="webhook_ended", condition=Q(ended_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.webhook_id} ← {self.activity_id or 'test'}: {self.status}"

    @property
    def event(self) -> str:
        return self.activity.kind if self.activity else "webhook.test"
