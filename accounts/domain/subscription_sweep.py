"""Time passes: trials end or are about to, dunning is over, an end has come. One indexed look, then in sets."""

import logging
from copy import copy

from django.db import connection, transaction
from django.utils import timezone

from accounts.domain import steps
from accounts.domain.activity import SYSTEM, Fact, record_many
from accounts.domain.lifecycle import Before, attention_on, trial_ends_soon
from accounts.domain.rates import Rates
from accounts.domain.setting_rates import apply_due_rates
from accounts.domain.standing import today_of
from accounts.domain.subscription_rows import Entry, advance, lock_accounts, write
from accounts.exceptions import DomainError
from accounts.models import Subscription

logger = logging.getLogger(__name__)
BATCH = 2000


def sweep_subscriptions() -> int:
    """How many subscriptions needed attention. Safe at any time, twice, and by several at once."""
    apply_due_rates(by=SYSTEM)
    swept = after = 0
    while ids := _due(after):
        with transaction.atomic():
            swept += _sweep(ids)
        after = ids[-1]
    return swept


# Plain: nothing is due most of the time, and an ORM query would take longer to write down than to run.
DUE = """
select distinct account_id from accounts_subscription where attention_on <= %s and account_id > %s
order by account_id limit %s
"""


def _due(after: int) -> list[int]:
    """The next accounts with something due somewhere on earth; the exact day is each account's own."""
    latest = timezone.now().astimezone(timezone.get_fixed_timezone(14 * 60)).date()
    with connection.cursor() as cursor:
        cursor.execute(DUE, [latest, after, BATCH])
        return [pk for (pk,) in cursor.fetchall()]


def _sweep(account_ids: list[int]) -> int:
    zones = lock_accounts(account_ids)
    days = today_of(zones)
    subs = Subscription.objects.filter(account_id__in=zones, attention_on__isnull=False).order_by("pk")
    due = [sub for sub in subs if sub.attention_on and sub.attention_on <= days[sub.account_id]]
    history, rates = steps.of([sub.pk for sub in due]), Rates({sub.currency for sub in due})
    entries, facts = [], []
    for sub in due:
        entry = Entry(0, copy(sub), sub, history.get(sub.pk, []), Before.of(sub), days[sub.account_id])
        try:
            advance(entry, entry.today, rates)
        except DomainError as error:  # a rate that is missing: this one waits, the others do not
            logger.warning("subscription %s waits: %s", sub.external_id, error)
        else:
            entries.append(entry)
            facts += _announced(entry)
    write(entries, by=SYSTEM)
    record_many(facts, by=SYSTEM)
    return len(entries)


def _announced(entry: Entry) -> list[Fact]:
    sub = entry.sub
    if sub.trial_ends_on is None or not trial_ends_soon(sub, entry.today):
        return []
    sub.trial_told_for = sub.trial_ends_on
    sub.attention_on = attention_on(sub, entry.today)
    entry.result = "updated"
    left = (sub.trial_ends_on - entry.today).days
    data = {"subscription": sub.external_id, "ends_on": sub.trial_ends_on, "days": left}
    return [Fact(sub.account_id, "trial.ending", data)]
