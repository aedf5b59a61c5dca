"""Currencies without a rate, and which subscriptions wait for one."""

from collections import defaultdict

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.enums import SubscriptionStatus as Status
from accounts.models import ExchangeRate, Subscription


def waiting_for_rates() -> dict[str, list[Subscription]]:
    """By currency: what is priced in it and cannot be counted, since no rate holds on the day it began, or none at
    all. One query."""
    known = ExchangeRate.objects.filter(currency=OuterRef("currency"), valid_from__lte=timezone.localdate())
    rows = Subscription.objects.filter(~Q(status=Status.CANCELED)).exclude(currency=settings.REPORTING_CURRENCY)
    found: dict[str, list[Subscription]] = defaultdict(list)
    rows = rows.filter(~Exists(known)).select_related("account")
    for sub in rows.order_by("currency", "account__name", "pk"):
        found[sub.currency].append(sub)
    return dict(found)
