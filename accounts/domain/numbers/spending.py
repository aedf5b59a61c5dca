"""What winning and keeping customers costs: costs by month as admins enter them, and the minutes that calls took.

What was spent on a channel is shared out among the customers who came by it; what was spent on no channel in
particular, among all. So segments, plans and CSMs have costs too, of the customers they won.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, localcontext
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from accounts.domain.metrics.months import following
from accounts.domain.mrr import ARITHMETIC, ZERO
from accounts.domain.numbers.contributions import CUSTOMERS
from accounts.domain.numbers.sums import Filters, params_of, rows_where, sums_by
from accounts.enums import CostKind
from accounts.models import Account, Cost

MINUTES = """
    select {by}, sum((t.data ->> 'minutes')::int)
    from accounts_activity t join accounts_account a on a.id = t.account_id
    where t.kind = 'call.logged' and t.occurred_at >= %(since)s and t.occurred_at < %(before)s
        and (%(everybody)s or t.account_id = any(%(ids)s))
    group by 1
"""
MONTH = "date_trunc('month', t.occurred_at at time zone 'UTC')::date"
# Under which members accounts stand now.
MEMBERS = {
    "": "''",
    "segment": "coalesce(a.segment_id::text, '')",
    "csm": "coalesce(a.csm_id::text, '')",
    "plan": "coalesce(a.plan_id::text, '')",
    "channel": "a.channel",
    "touch": "a.touch_model",
    "currency": "a.currency",
    "account": "a.id",
}


Won = Mapping[date, Mapping[str, int]]


@dataclass(frozen=True)
class Costs:
    """By month: of winning by channel ("" is none in particular), of keeping as a whole."""

    winning: Mapping[date, Mapping[str, Decimal]] = field(default_factory=dict)
    keeping: Mapping[date, Decimal] = field(default_factory=dict)

    def on_winning(self, months: Iterable[date], won: Won, won_of_all: Won) -> tuple[Decimal, int, int]:
        """In those of the months that have costs: what those won cost, how many they are, and how many months."""
        told = [month for month in months if month in self.winning]
        spent = _together(self.winning[month] for month in told)
        ours, everybody = (_together(of.get(month, {}) for month in told) for of in (won, won_of_all))
        return shared(spent, ours, everybody), int(sum(ours.values())), len(told)


def _together(parts: Iterable[Mapping[str, Decimal | int]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for part in parts:
        for name, amount in part.items():
            found[name] = found.get(name, 0) + amount
    return found


def shared(spent: Mapping[str, Decimal], won: Mapping[str, int], of_all: Mapping[str, int]) -> Decimal:
    """What those `won` by channel bear of it. Where nobody came by a channel, everybody who was won bears it."""
    total, everybody, ours = ZERO, sum(of_all.values()), sum(won.values())
    with localcontext(ARITHMETIC):
        for channel, amount in spent.items():
            of, count = (of_all.get(channel, 0), won.get(channel, 0)) if channel else (everybody, ours)
            of, count = (of, count) if of else (everybody, ours)
            total += amount * count / of if of else amount
    return total


def costs_between(first: date, last: date) -> Costs:
    winning: dict[date, dict[str, Decimal]] = defaultdict(lambda: defaultdict(lambda: ZERO))
    keeping: dict[date, Decimal] = defaultdict(lambda: ZERO)
    rows = Cost.objects.filter(month__gte=first, month__lte=last).values_list("month", "kind", "channel", "amount")
    for month, kind, channel, amount in rows:
        if kind == CostKind.WINNING:
            winning[month][channel] += amount
        else:
            keeping[month] += amount
    return Costs({month: dict(found) for month, found in winning.items()}, dict(keeping))


def minutes_between(first: date, last: date, accounts: QuerySet[Account] | None) -> dict[date, int]:
    """Logged minutes by month."""
    return _minutes(MONTH, first, last, accounts)


def minutes_by(dimension: str, first: date, last: date, accounts: QuerySet[Account] | None) -> dict[Any, int]:
    """Logged minutes by member of a dimension, or by account."""
    return _minutes(MEMBERS[dimension], first, last, accounts)


def _minutes(by: str, first: date, last: date, accounts: QuerySet[Account] | None) -> dict[Any, int]:
    with connection.cursor() as cursor:
        cursor.execute(MINUTES.format(by=by), minutes_params(first, last, accounts))
        return {key: int(minutes or 0) for key, minutes in cursor.fetchall()}


def minutes_params(first: date, last: date, accounts: QuerySet[Account] | None) -> dict[str, Any]:
    ids = None if accounts is None else list(accounts.values_list("pk", flat=True))
    return {"since": first, "before": following(last), "everybody": ids is None, "ids": ids or []}


def won_by_channel(first: date, last: date, filters: Filters) -> dict[date, dict[str, int]]:
    """New customers by month and channel."""
    found: dict[date, dict[str, int]] = defaultdict(dict)
    for channel, months in sums_by("channel", first, last, filters).items():
        for month in months:
            if month.customers_new:
                found[month.month][channel] = month.customers_new
    return found


def won_by_member(dimension: str, first: date, last: date, filters: Filters) -> list[tuple[str, str, date, int]]:
    """New customers by channel, member of a dimension and month: told by the first of their months alone."""
    chosen = filters.chosen()
    query = f"""
        select channel, {dimension}::text, month, count(*) from ({rows_where(chosen)}) firsts
        where {CUSTOMERS["customers_new"]} and month > %(after)s and month <= %(until)s
        group by 1, 2, 3
    """  # noqa: S608 - names of columns
    with connection.cursor() as cursor:
        cursor.execute(query, params_of(first, last, chosen))
        return list(cursor.fetchall())
