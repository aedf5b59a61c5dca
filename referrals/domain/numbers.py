"""Referrals for the numbers (accounts.registry): who was referred beside who was not, who refers others."""

from collections.abc import Collection, Mapping, Sequence

from django.utils.translation import gettext as _

from referrals.enums import Review
from referrals.models import Partner, Referral


def referred(account_ids: Sequence[int]) -> tuple[Collection[int], Collection[int]]:
    genuine = Referral.objects.filter(account__in=account_ids).exclude(review=Review.DENIED)
    came = set(genuine.values_list("account_id", flat=True))
    return came, set(account_ids) - came


def promoters(account_ids: Sequence[int]) -> Mapping[str, Collection[int]]:
    rows = Partner.objects.filter(contact__account__in=account_ids).values_list("contact__account", flat=True)
    return {_("Refers others"): set(rows)}
