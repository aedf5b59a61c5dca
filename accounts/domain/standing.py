"""How an account stands, by its subscriptions: MRR, seats, plan, stage and the days that matter, kept on its row."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.domain import rules
from accounts.domain.activity import Fact, Who, record_many
from accounts.domain.bulk import in_sets
from accounts.domain.followups import refresh_expected_loss
from accounts.domain.movements import NEWS, remake_movements
from accounts.domain.revaluing import revalue_steps
from accounts.models import Account

# A subscription is worth what its latest step says.
WORTH = """
update accounts_subscription s set mrr = v.mrr
from (
    select s.id, coalesce((
        select c.mrr from accounts_subscriptionchange c where c.subscription_id = s.id
        order by c.effective_on desc, c.revaluation, c.id desc limit 1), 0) as mrr
    from accounts_subscription s where s.account_id = any(%(ids)s)
) v
where v.id = s.id and v.mrr <> s.mrr
"""

# Live: started and not over. A trial is; one that is unpaid beyond dunning has no seats that count.
STANDING = """
with days as (
    select * from unnest(%(ids)s::bigint[], %(days)s::date[]) as t(account_id, today)
), subs as (
    select s.*, d.today,
           s.started_on <= d.today and (s.ended_on is null or s.ended_on > d.today) as live,
           s.status = 'past_due' and s.past_due_since + %(dunning)s <= d.today as lapsed,
           case when s.auto_renew then s.term_end - s.notice_days else s.term_end end as decides_on
    from accounts_subscription s join days d using (account_id)
), facts as (
    select account_id, count(*) as known, sum(mrr) as mrr,
           least(coalesce(sum(quantity) filter (where live and not lapsed), 0), 2147483647) as seats,
           (array_agg(plan_id order by mrr desc, started_on desc, id desc) filter (where live and not lapsed))[1]
               as plan_id,
           min(trial_ends_on) filter (where live and status = 'trialing') as trial_ends_on,
           min(decides_on) filter (where live and term_end > today and (ended_on is null or ended_on > term_end))
               as decision_date,
           min(started_on) as started_on, max(ended_on) as ended_on,
           bool_or(live and status = 'trialing') as trying, bool_or(live or started_on > today) as using_it
    from subs group by account_id
), ever as (
    select distinct on (account_id) account_id, kind, occurred_on
    from accounts_movement where account_id = any(%(ids)s)
    order by account_id, occurred_on desc, kind = 'fx', change_id desc
), standing as (
    select a.id, a.stage as was, coalesce(f.mrr, 0) as mrr, coalesce(f.seats, 0) as seats, f.plan_id, f.trial_ends_on,
           f.decision_date, least(a.started_on, f.started_on) as started_on, e.occurred_on as moved_on,
           case when f.known is null then a.stage
                when f.mrr > 0 then case when a.stage in ('churned', 'trial') then 'active' else a.stage end
                when f.trying then 'trial'
                when e.account_id is not null or not f.using_it then 'churned'
                when a.stage in ('churned', 'trial') then 'active'
                else a.stage end as stage,
           case when e.kind = 'churn' then e.occurred_on else f.ended_on end as over_on
    from accounts_account a
    left join facts f on f.account_id = a.id
    left join ever e on e.account_id = a.id
    where a.id = any(%(ids)s)
), final as (
    select *, case when stage = 'churned' then over_on end as churned_on from standing
)
update accounts_account a
set mrr = f.mrr, seats = f.seats, plan_id = f.plan_id, trial_ends_on = f.trial_ends_on, stage = f.stage,
    decision_date = f.decision_date, started_on = f.started_on, churned_on = f.churned_on
from final f
where f.id = a.id and
    (a.mrr, a.seats, a.plan_id, a.trial_ends_on, a.stage, a.decision_date, a.started_on, a.churned_on)
    is distinct from
    (f.mrr, f.seats, f.plan_id, f.trial_ends_on, f.stage, f.decision_date, f.started_on, f.churned_on)
returning a.id, f.was, f.stage, f.moved_on
"""


def today_of(accounts: Mapping[int, Any]) -> dict[int, date]:
    """The day it is for each account: account id → zone in, account id → day out."""
    now = timezone.now()
    by_zone = {zone: now.astimezone(zone).date() for zone in set(accounts.values())}
    return {pk: by_zone[zone] for pk, zone in accounts.items()}


def settle_accounts(account_ids: Sequence[int], *, by: Who, stepped: bool = True, foreign: bool = False) -> None:
    """After their subscriptions changed: movements, worth and standing follow. The accounts' rows are locked by
    the caller. `stepped`: steps changed; `foreign`: also of other currencies than the reporting one."""
    ids = sorted(account_ids)
    if not ids:
        return
    days = today_of(dict(Account.objects.filter(pk__in=ids).values_list("pk", "time_zone")))
    ids = list(days)
    with connection.cursor() as cursor, in_sets(cursor, len(ids)):
        if stepped:
            if foreign:
                revalue_steps(cursor, ids)
            remake_movements(cursor, ids)
            cursor.execute(WORTH, {"ids": ids})
        cursor.execute(
            STANDING, {"ids": ids, "days": list(days.values()), "dunning": rules.number("subscriptions.dunning_days")}
        )
        changed = cursor.fetchall()
        refresh_expected_loss([pk for pk, *_rest in changed])
    _tell_stages(changed, by)


def _tell_stages(changed: Sequence[Any], by: Who) -> None:
    oldest = timezone.localdate() - NEWS
    record_many(
        [
            Fact(pk, "account.stage_changed", {"before": was, "after": stage})
            for pk, was, stage, moved_on in changed
            if was != stage and (moved_on is None or moved_on >= oldest)
        ],
        by=by,
    )


def foreign(currencies: Sequence[str]) -> bool:
    return any(currency != settings.REPORTING_CURRENCY for currency in currencies)
