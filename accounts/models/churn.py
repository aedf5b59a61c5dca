from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.enums import ChurnReason
from accounts.models.account import Account


class ChurnEvent(models.Model):
    """That a customer left, on which day and why, as another system or an exit talk tells it. What it cost is told
    by the movements; this is the reason beside them."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="churn_events", db_index=False)
    external_id = models.CharField(_("external id"), max_length=200)
    occurred_on = models.DateField(_("day"))
    reason = models.CharField(_("reason"), max_length=20, choices=ChurnReason, blank=True)
    comment = models.TextField(_("in their words"), blank=True)

    class Meta:
        verbose_name = _("churn event")
        verbose_name_plural = _("churn events")
        ordering = ["-occurred_on", "-id"]
        constraints = [models.UniqueConstraint(fields=["account", "external_id"], name="churn_event_once")]
        indexes = [models.Index(fields=["occurred_on", "reason"], name="churn_event_by_day")]

    def __str__(self) -> str:
        return f"{self.external_id}: {self.occurred_on}"
