"""Referrals among the numbers."""

from django.utils.translation import gettext_lazy as _

from accounts.registry import Effect, Traits, effects, traits
from referrals.domain import numbers

effects.add(
    Effect("referred", _("Referral"), _("Referred"), _("Not referred"), numbers.referred, "referrals:reports", 30),
)  # fmt: skip
traits.add(Traits("promoters", _("Referral program"), numbers.promoters, 30))
