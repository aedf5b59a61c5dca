"""The next term begins where the one that was decided ends."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.db import connection
from django.utils import timezone

from accounts.domain.activity import Who
from accounts.domain.lifecycle import attention_on
from accounts.domain.renewals import lengths
from accounts.domain.renewals.terms import Kept, keep
from accounts.domain.standing import settle_accounts, today_of
from accounts.models import Account, Renewal, Subscription

EXTEND = """
update accounts_subscription s
set term_end = g.term_end, term_anchor = g.anchor, attention_on = g.attention_on, updated_at = %(now)s
from unnest(%(ids)s::bigint[], %(ends)s::date[], %(anchors)s::date[], %(attention)s::date[])
    as g (id, term_end, anchor, attention_on)
where s.id = g.id
"""


def extend(subs: Sequence[Subscription], *, by: Who) -> None:
    """Their terms up to `term_end` have been won. A subscription that is to leave in the middle of the next term
    loses that one at once. The caller holds the accounts' rows."""
    days = today_of(dict(Account.objects.filter(subscriptions__in=subs).values_list("pk", "time_zone")))
    last = _last_terms([sub.pk for sub in subs])
    for sub in subs:
        assert sub.term_end
        today, anchor = days[sub.account_id], lengths.anchor_of(sub)
        sub.term_anchor, sub.term_end = anchor, lengths.running(sub, *last[sub.pk], today)
        sub.attention_on = attention_on(sub, today)
    _write(subs)
    settle_accounts(sorted({sub.account_id for sub in subs}), by=by, stepped=False)
    kept = [Kept(sub, days[sub.account_id], sub.mrr, days[sub.account_id]) for sub in subs]
    keep([replace(one, staying=True) for one in kept], by=by)
    keep([one for one in kept if one.leaves], by=by)


def _last_terms(subscription_ids: Sequence[int]) -> dict[int, tuple[date, date]]:
    """The last that was decided, of each."""
    rows = Renewal.objects.decided().filter(subscription_id__in=subscription_ids)
    rows = rows.order_by("subscription_id", "-ends_on").distinct("subscription_id")
    return {sub: (start, end) for sub, start, end in rows.values_list("subscription_id", "starts_on", "ends_on")}


def _write(subs: Sequence[Subscription]) -> None:
    params: dict[str, Any] = {
        "ids": [sub.pk for sub in subs],
        "ends": [sub.term_end for sub in subs],
        "anchors": [sub.term_anchor for sub in subs],
        "attention": [sub.attention_on for sub in subs],
        "now": timezone.now(),
    }
    with connection.cursor() as cursor:
        cursor.execute(EXTEND, params)
