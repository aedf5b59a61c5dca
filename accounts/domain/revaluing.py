"""What is priced in another currency, at the rates there are.

What the customers did counts at the rate of its day; what the market did since stands in steps of its own."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.utils import timezone

from accounts.domain.rates import RATE_ON

# What the customers did, at the rate of its day.
RESTATE = f"""
update accounts_subscriptionchange c set mrr = v.mrr
from (
    select c.id, round(c.amount * ({RATE_ON.format(currency="c.currency", day="c.effective_on")}), 8) as mrr
    from accounts_subscriptionchange c
    where c.account_id = any(%(ids)s) and c.currency <> %(reporting)s and not c.revaluation
) v
where v.id = c.id and v.mrr is not null and v.mrr <> c.mrr
"""  # noqa: S608 - constants

# What the market did meanwhile: a step on the day of each rate that came while the subscription counted.
REVALUED = """
    select c.subscription_id, c.account_id, r.valid_from as effective_on, round(c.amount * r.rate, 8) as mrr, c.amount,
           c.currency, c.quantity, c.plan_id
    from (
        select c.*, lead(c.effective_on) over (partition by c.subscription_id order by c.effective_on, c.id) as until
        from accounts_subscriptionchange c where c.account_id = any(%(ids)s) and not c.revaluation
    ) c
    join accounts_exchangerate r on r.currency = c.currency and r.valid_from > c.effective_on
        and r.valid_from <= coalesce(c.until, %(today)s)
    where c.amount > 0 and c.currency <> %(reporting)s
"""
FORGET = f"""
with stale as (
    select c.id from accounts_subscriptionchange c
    where c.account_id = any(%(ids)s) and c.revaluation and not exists (
        select from ({REVALUED}) v where v.subscription_id = c.subscription_id and v.effective_on = c.effective_on)
), movements as (
    delete from accounts_movement where change_id in (select id from stale)
)
delete from accounts_subscriptionchange where id in (select id from stale)
"""  # noqa: S608 - constants
REVALUE = f"""
insert into accounts_subscriptionchange (subscription_id, account_id, effective_on, mrr, amount, currency, quantity,
    plan_id, recorded_at, revaluation, reason, comment)
select subscription_id, account_id, effective_on, mrr, amount, currency, quantity, plan_id, %(now)s, true, '', ''
from ({REVALUED}) v order by effective_on, subscription_id
on conflict (subscription_id, effective_on) where revaluation do update
    set mrr = excluded.mrr, amount = excluded.amount, currency = excluded.currency, quantity = excluded.quantity,
        plan_id = excluded.plan_id
    where (accounts_subscriptionchange.mrr, accounts_subscriptionchange.amount, accounts_subscriptionchange.currency)
        is distinct from (excluded.mrr, excluded.amount, excluded.currency)
"""  # noqa: S608 - constants


def revalue_steps(cursor: Any, account_ids: Sequence[int]) -> None:
    """Bring the steps of these accounts in line with the rates."""
    params = {
        "ids": list(account_ids),
        "reporting": settings.REPORTING_CURRENCY,
        "today": timezone.localdate(),
        "now": timezone.now(),
    }
    for statement in (RESTATE, FORGET, REVALUE):
        cursor.execute(statement, params)
