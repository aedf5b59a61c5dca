"""Subscriptions: what time brings, and MRR month by month."""

from datetime import date, timedelta

from django.utils import timezone

from accounts.domain.metrics.months import mrr_by_month
from accounts.domain.numbers.counting import rebuild
from accounts.domain.numbers.sums import month_sums
from accounts.domain.subscriptions import sweep_subscriptions
from tests.bench.filling import ask
from tests.bench.measuring import Bench, Result, at_most, in_turns, measure

EMPTY = "select account_id from accounts_subscription where attention_on <= %s and account_id > 0 order by account_id limit 2000"


@measure("sweep_nothing_due")
def sweep(bench: Bench) -> Result:
    """Three subscriptions an account, none with anything due."""
    while sweep_subscriptions():
        pass
    today = timezone.now().date()
    series = in_turns({"ours": sweep_subscriptions, "empty select": lambda: ask(EMPTY, [today])}, rounds=25)
    ours = series.milliseconds("ours")
    return at_most(series.ratio("ours", "empty select"), 3, subscriptions=3 * bench.scale, milliseconds=ours)


# Net movements by account and month, from what each subscription was worth from when on.
CHANGE_POINTS = """
with steps as (
    select account_id, effective_on, id, mrr - coalesce(
        lag(mrr) over (partition by subscription_id order by effective_on, id), 0) as delta
    from accounts_subscriptionchange
), running as (
    select account_id, effective_on, id, delta,
        sum(delta) over (partition by account_id order by effective_on, id) as after,
        row_number() over (partition by account_id order by effective_on, id) = 1 as first
    from steps where delta <> 0
), months as (
    select account_id, date_trunc('month', effective_on)::date as month, sum(delta) as moved,
        (array_agg(after - delta order by effective_on, id))[1] as at_start,
        (array_agg(after order by effective_on desc, id desc))[1] as at_end, bool_or(first) as first
    from running where effective_on >= %s group by 1, 2
)
select month, case when at_start = 0 then case when first then 'new' else 'reactivation' end
    when at_end = 0 then 'churn' when moved > 0 then 'expansion' else 'contraction' end as kind, sum(moved)
from months where moved <> 0 group by 1, 2
"""


@measure("monthly_movements")
def monthly_movements(bench: Bench) -> Result:
    """MRR of 24 months with what moved it, per customer."""
    last = timezone.now().date()
    first = (last - timedelta(days=730)).replace(day=1)
    months = mrr_by_month(first, last, net=True)
    assert sum(m.moves["new"] for m in months) == _new(first), months
    series = in_turns(
        {"ours": lambda: mrr_by_month(first, last, net=True), "change points": lambda: ask(CHANGE_POINTS, [first])}
    )
    return at_most(
        series.ratio("ours", "change points"), 1.3, months=len(months), milliseconds=series.milliseconds("ours")
    )


def _new(first: date) -> object:
    return sum(amount for _month, kind, amount in ask(CHANGE_POINTS, [first]) if kind == "new")


@measure("kept_movements")
def kept_movements(bench: Bench) -> Result:
    """The same 24 months and their retention from what is kept with every change."""
    rebuild()
    last = timezone.now().date()
    first = (last - timedelta(days=730)).replace(day=1)
    plain = {month.month: month.moves for month in mrr_by_month(first, last, net=True)}
    assert {s.month: s.moves(net=True) for s in month_sums(first, last)} == plain
    series = in_turns({"ours": lambda: month_sums(first, last), "change points": lambda: ask(CHANGE_POINTS, [first])})
    return at_most(
        series.ratio("ours", "change points"), 0.1, months=len(plain), milliseconds=series.milliseconds("ours")
    )
