"""Customers who were referred beside those who were not, of the same time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from accounts.domain.metrics.groups import Member, Row, side_by_side
from accounts.enums import Stage
from accounts.models import Account
from referrals.domain.figures import Window
from referrals.enums import Review
from referrals.models import Referral


@dataclass(frozen=True)
class Comparison:
    referred: int  # accounts
    others: int
    rows: Sequence[Row]


def began(window: Window) -> QuerySet[Any, Any]:
    """Who became customers in the window: who came later has had less time to leave. `referred` says how they came."""
    genuine = Referral.objects.filter(account=OuterRef("pk")).exclude(review=Review.DENIED)
    rows = Account.objects.filter(started_on__gte=window.first, started_on__lt=window.until)
    return rows.exclude(stage=Stage.TRIAL).annotate(referred=Exists(genuine))


def referred_or_not(window: Window) -> Comparison:
    today = timezone.localdate()
    groups: dict[bool, list[Member]] = {True: [], False: []}
    for pk, started, mrr, left, stage, referred in (
        began(window).order_by().values_list("pk", "started_on", "mrr", "churned_on", "stage", "referred")
    ):
        left_on = (left or today) if stage == Stage.CHURNED else None
        first_day = datetime.combine(started or today, time(), timezone.get_current_timezone())
        groups[referred].append(Member(pk, first_day, mrr, left_on))
    return Comparison(len(groups[True]), len(groups[False]), side_by_side(groups[True], groups[False]))
