"""Movements (RULES 3, M3): the steps of an account's MRR, made of the steps of its subscriptions.

They are always made anew from all steps of an account, and only what differs is written: so they add up to the
MRR whatever was corrected, and in whichever order the past became known.
"""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.domain.activity import Who
from accounts.domain.bulk import record_set
from accounts.domain.dropping import Dropped, in_use_of
from accounts.enums import MovementKind

# What happened longer ago than this stands on the timeline, and no playbook answers to it any more.
NEWS = timedelta(days=7)

TOLD_AS = {
    MovementKind.NEW: "mrr.new",
    MovementKind.REACTIVATION: "mrr.reactivated",
    MovementKind.EXPANSION: "mrr.expanded",
    MovementKind.CONTRACTION: "mrr.contracted",
    MovementKind.CHURN: "account.churned",
}

# On one day: the market first, then what the customer did, in the order in which it became known.
IN_ORDER = "effective_on, revaluation desc, id"
MOVES = f"""
    with steps as (
        select c.*, c.mrr - coalesce(
            lag(c.mrr) over (partition by c.subscription_id order by {IN_ORDER}), 0) as delta
        from accounts_subscriptionchange c where c.account_id = any(%(ids)s)
    ), moves as (
        select id, account_id, effective_on, revaluation, delta, reason, comment,
               sum(delta) over running as mrr_after, row_number() over running = 1 as first
        from steps where delta <> 0
        window running as (partition by account_id order by {IN_ORDER} rows unbounded preceding)
    )
    select id, account_id, effective_on, delta, mrr_after, revaluation,
           case when revaluation then 'fx'
                when first then 'new'
                when mrr_after = delta then 'reactivation'
                when mrr_after = 0 then 'churn'
                when delta > 0 then 'expansion'
                else 'contraction' end as kind,
           case when mrr_after = 0 and not revaluation then reason else '' end as reason,
           case when mrr_after = 0 and not revaluation then comment else '' end as comment
    from moves
"""  # noqa: S608 - constants
FORGET = f"""
delete from accounts_movement m
where m.account_id = any(%(ids)s) and not exists (select from ({MOVES}) v where v.id = m.change_id)
"""  # noqa: S608 - constants
REMAKE = f"""
insert into accounts_movement (account_id, change_id, kind, occurred_on, amount, mrr_after, reason, comment)
select account_id, id, kind, effective_on, delta, mrr_after, reason, comment
from ({MOVES}) v order by {IN_ORDER}
on conflict (change_id) do update
    set kind = excluded.kind, occurred_on = excluded.occurred_on, amount = excluded.amount,
        mrr_after = excluded.mrr_after, reason = excluded.reason, comment = excluded.comment
    where (accounts_movement.kind, accounts_movement.occurred_on, accounts_movement.amount,
           accounts_movement.mrr_after, accounts_movement.reason, accounts_movement.comment)
        is distinct from (excluded.kind, excluded.occurred_on, excluded.amount, excluded.mrr_after,
                          excluded.reason, excluded.comment)
"""  # noqa: S608 - constants


def remake_movements(cursor: Any, account_ids: Sequence[int]) -> None:
    params = {"ids": list(account_ids)}
    cursor.execute(FORGET, params)
    cursor.execute(REMAKE, params)


# The facts of each movement, as the timeline tells them and playbooks ask for them.
FACTS = f"""
select m.account_id,
       case {" ".join(f"when m.kind = '{kind}' then '{name}'" for kind, name in TOLD_AS.items())} end as kind,
       case when m.occurred_on >= %(today)s then null
            else (m.occurred_on + time '12:00') at time zone 'UTC' end as occurred_at,
       m.occurred_on < %(today)s - %(news)s as old,
       jsonb_build_object('subscription', s.external_id, 'plan', coalesce(p.name, ''),
           'before', trim_scale(m.mrr_after - m.amount)::text, 'after', trim_scale(m.mrr_after)::text,
           'amount', trim_scale(m.amount)::text, 'currency', %(reporting)s::text)
       || case m.kind
            when 'contraction' then jsonb_build_object('dropped', case
                when c.amount = 0 then concat_ws(', ', s.external_id, p.name)
                else coalesce(nullif(concat_ws(', ',
                    case when was.plan_id is distinct from c.plan_id then concat_ws(' → ', was.plan, p.name) end,
                    case when was.quantity > c.quantity then
                        format(%(seats)s::text, was.quantity - c.quantity, was.quantity) end
                ), ''), case when yearly.yes then %(rhythm)s::text else %(price)s::text end) end,
                'gone', case when c.amount <> 0 then jsonb_build_object(
                    'plan', case when was.plan_id is distinct from c.plan_id then
                        concat_ws(' → ', was.plan, p.name) end,
                    'seats', case when was.quantity > c.quantity then
                        jsonb_build_array(was.quantity - c.quantity, was.quantity) end,
                    'yearly', yearly.yes is not null) end)
                || coalesce(%(in_use)s::jsonb -> m.change_id::text, jsonb_build_object('in_use', ''))
            when 'churn' then jsonb_build_object('reason', coalesce(nullif(m.reason, ''), 'other'),
                'comment', m.comment)
            else '{{}}'::jsonb end as data
from accounts_movement m
join accounts_subscriptionchange c on c.id = m.change_id
join accounts_subscription s on s.id = c.subscription_id
left join accounts_plan p on p.id = c.plan_id
left join lateral (
    select b.quantity, b.plan_id, q.name as plan
    from accounts_subscriptionchange b left join accounts_plan q on q.id = b.plan_id
    where b.subscription_id = c.subscription_id and not b.revaluation
        and (b.effective_on, b.id) < (c.effective_on, c.id)
    order by b.effective_on desc, b.id desc limit 1
) was on true
left join lateral (
    select true as yes from accounts_planchange x
    where m.kind = 'contraction' and x.subscription_id = c.subscription_id and x.effective_on = c.effective_on
        and x.applied_at is not null and x.told #>> '{{interval,0}}' <> 'year' and x.told #>> '{{interval,1}}' = 'year'
    limit 1
) yearly on true
where m.change_id = any(%(steps)s) and m.kind <> 'fx'
order by m.occurred_on, m.change_id
"""  # noqa: S608 - constants


# What was let go of lately: whether it was in use is asked before it is told.
LET_GO = """
select m.change_id, m.account_id, coalesce(was.quantity, 0), case when c.amount = 0 then 0 else c.quantity end,
       was.plan_id, case when c.amount = 0 then null else c.plan_id end
from accounts_movement m
join accounts_subscriptionchange c on c.id = m.change_id
left join lateral (
    select b.quantity, b.plan_id from accounts_subscriptionchange b
    where b.subscription_id = c.subscription_id and not b.revaluation
        and (b.effective_on, b.id) < (c.effective_on, c.id)
    order by b.effective_on desc, b.id desc limit 1
) was on true
where m.change_id = any(%(steps)s) and m.kind = 'contraction' and m.occurred_on >= %(today)s - %(news)s
"""


def _in_use(params: dict[str, Any]) -> str:
    """Only news is worth the question: what an import tells of years ago opens no follow-up."""
    if not params["steps"]:
        return "{}"
    with connection.cursor() as cursor:
        cursor.execute(LET_GO, params)
        dropped = [Dropped(row[0], row[1], (row[2], row[3]), (row[4], row[5])) for row in cursor.fetchall()]
    return json.dumps(in_use_of(dropped))


def tell_movements(steps: Sequence[int], *, by: Who) -> int:
    """What the new steps meant for their accounts, on the timeline; older than NEWS, on the timeline only."""
    params = {
        "steps": list(steps),
        "today": timezone.now().date(),
        "now": timezone.now(),
        "news": NEWS.days,
        "reporting": settings.REPORTING_CURRENCY,
        "seats": "%s of %s seats",
        "price": "price",
        "rhythm": "monthly billing",
    }
    params["in_use"] = _in_use(params)
    return record_set(tuple(TOLD_AS.values()), FACTS, params, by=by, quiet="old", count=len(steps))


def total(account_ids: Sequence[int] | None = None) -> Any:
    """The sum of all movements: the MRR, always."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select coalesce(sum(amount), 0) from accounts_movement where %(ids)s::bigint[] is null"
            " or account_id = any(%(ids)s)",
            {"ids": None if account_ids is None else list(account_ids)},
        )
        return cursor.fetchone()[0]
