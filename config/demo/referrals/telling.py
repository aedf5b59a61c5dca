"""What of it stands on timelines."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from accounts.domain.activity import Fact, record_facts
from accounts.models import Activity
from config.demo.referrals.common import Bound
from config.demo.referrals.paying import left_early_at
from referrals.domain.telling import told

TOLD = timedelta(days=21)


def tell_all(bound: Sequence[Bound], now: datetime) -> None:
    record_facts(_facts(bound), by="Demo")
    news = Activity.objects.filter(dispatched_at=None, occurred_at__lt=now - TOLD)
    news.filter(kind__startswith="referral.").update(dispatched_at=now)


def _facts(bound: Sequence[Bound]) -> Iterator[Fact]:
    for row in bound:
        referral, facts = row.referral, told(row.referral)
        yield Fact(row.customer.pk, "referral.bound", facts, referral.signed_up_at)
        if referral.partner.account_id:
            yield Fact(referral.partner.account_id, "referral.signed_up", facts, referral.signed_up_at)
            if referral.paid_at:
                yield Fact(referral.partner.account_id, "referral.converted", facts, referral.paid_at)
        if at := left_early_at(row):
            stayed = facts | {"days": (at.date() - referral.signed_up_at.date()).days}
            for account in filter(None, (row.customer.pk, referral.partner.account_id)):
                yield Fact(account, "referral.clawed_back", stayed, at)
