import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.audit import Audited
from accounts.registry import rules

CHANNEL = "tenure_rules"  # all who keep values in memory listen to it


class RuleValue(models.Model):
    """A rule's value where an admin has chosen another than the default (registry.Rule)."""

    key = models.CharField(_("key"), max_length=80, unique=True)
    value = models.JSONField(_("value"))  # a whole number, a decimal as text, or a list of whole numbers

    class Meta:
        verbose_name = _("rule")
        verbose_name_plural = _("rules")
        triggers = [
            Audited("value"),
            pgtrigger.Trigger(
                name="told",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete | pgtrigger.Truncate,
                func=f"NOTIFY {CHANNEL}; RETURN NULL;",
            ),
        ]

    def __str__(self) -> str:
        return self.called(self.key)

    @staticmethod
    def called(key: str) -> str:
        """Its name for people, also of one that the product has no more."""
        return str(rules[key].title) if key in rules else key
