"""Counting: what has changed is taken out of the sums as it was and put in as it is, so that they are always those of a
count from scratch, to the cent. Triggers mark who is to be counted (models/marks.py); who counts is alone.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from accounts.domain.numbers.contributions import COLUMNS, DIMENSIONS, FRESH, KEPT, KINDS, contributions, names, sums
from accounts.models import AccountMonth, Counted, CountedUntil, MonthSum, Uncounted

AT_ONCE = 5000
_LOCK = 7_310_442  # of PostgreSQL's advisory locks: nobody else counts meanwhile

MEMBERS_NOW = """
    select id as account_id, coalesce(segment_id::text, '') as segment, coalesce(csm_id::text, '') as csm,
        touch_model as touch, coalesce(plan_id::text, '') as plan, channel, currency
    from accounts_account where id = any(%(ids)s)
"""
_KEYS = names(("account_id", "month", "start", "end", *KINDS, "cohort"))
_MEMBERS = ", ".join(DIMENSIONS)
_GROUPS = ", ".join(["(month)", *(f"(month, {name})" for name in KEPT)])
_DIMENSION = " ".join(f"when grouping({name}) = 0 then '{name}'" for name in KEPT)
_MEMBER = " ".join(f"when grouping({name}) = 0 then {name}::text" for name in KEPT)
ADD = f"""
    insert into accounts_monthsum (month, dimension, member, {names(COLUMNS)})
    select * from (
        select month, case {_DIMENSION} else '' end as dimension, case {_MEMBER} else '' end as member, {sums("sign")}
        from contributions group by grouping sets ({_GROUPS})
    ) s where ({names(COLUMNS)}) is distinct from ({", ".join("0" for _name in COLUMNS)})
    on conflict (dimension, member, month) do update set {names(COLUMNS, '"{0}" = accounts_monthsum."{0}" + excluded."{0}"')}
"""  # noqa: S608, E501 - names of columns
COUNT = f"""
    with fresh as materialized ({FRESH}), members as materialized ({MEMBERS_NOW}), counted as materialized (
        select a.account_id, a.month, a.start, a."end", {names(KINDS, "a.{}")}, a.cohort, {names(DIMENSIONS, "c.{}")}
        from accounts_accountmonth a join accounts_counted c on c.account_id = a.account_id
        where a.account_id = any(%(ids)s)
    ), gone as (
        delete from accounts_accountmonth a where a.account_id = any(%(ids)s) and not exists (
            select from fresh f where f.account_id = a.account_id and f.month = a.month)
    ), stored as (
        insert into accounts_accountmonth ({_KEYS}, paid_before)
        select {_KEYS}, month > cohort from fresh
        on conflict (account_id, month) do update set
            {names(("start", "end", *KINDS, "cohort", "paid_before"), '"{0}" = excluded."{0}"')}
        where ({names(("start", "end", *KINDS, "cohort"), 'accounts_accountmonth."{}"')})
            is distinct from ({names(("start", "end", *KINDS, "cohort"), 'excluded."{}"')})
    ), left_over as (
        delete from accounts_counted where account_id = any(%(ids)s)
            and account_id not in (select account_id from members)
    ), placed as (
        insert into accounts_counted (account_id, {_MEMBERS}) select account_id, {_MEMBERS} from members
        on conflict (account_id) do update set {names(DIMENSIONS, "{0} = excluded.{0}")}
    ), rows as (
        select -1 as sign, {_KEYS}, {_MEMBERS} from counted
        union all
        select 1, {_KEYS}, {_MEMBERS} from fresh join members using (account_id)
    ), {contributions("rows")}
    {ADD}
"""  # noqa: S608 - names of columns
# The months that have begun since the last count, for everybody.
ROLL = f"""
    with rows as (
        select 1 as sign, {_KEYS}, {_MEMBERS} from accounts_accountmonth join accounts_counted using (account_id)
    ), {contributions("rows")}
    {ADD}
"""  # noqa: S608 - names of columns
CLAIM = """
    delete from accounts_uncounted where id in (select id from accounts_uncounted order by id limit %s)
    returning account_id
"""
BEGINNING = date(1900, 1, 1)


@transaction.atomic
def count_changes(limit: int = AT_ONCE) -> int:
    """Takes up to `limit` marks off and counts their accounts; 0 when nothing is left, or somebody else counts."""
    if not _alone():
        return 0
    until = _roll_over()
    return _count_marked(until, limit)


def _count_marked(until: date, limit: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [limit])
        claimed = [row[0] for row in cursor.fetchall()]
        if claimed:
            _count(cursor, sorted(set(claimed)), until)
    return len(claimed)


def _count(cursor: Any, ids: Sequence[int], until: date) -> None:
    cursor.execute(COUNT, {"ids": list(ids), "after": BEGINNING, "until": until})
    zero = " and ".join(f'"{name}" = 0' for name in COLUMNS)
    cursor.execute(f"delete from accounts_monthsum where {zero}")  # noqa: S608 - names of columns


def _alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])


def _roll_over() -> date:
    """A month that begins counts for everybody, changed or not."""
    this_month = timezone.now().date().replace(day=1)
    row, _made = CountedUntil.objects.get_or_create(id=1, defaults={"month": this_month})
    if row.month < this_month:
        with connection.cursor() as cursor:
            cursor.execute(ROLL, {"after": row.month, "until": this_month})
        CountedUntil.objects.update(month=this_month, counted_at=timezone.now())
    return max(row.month, this_month)


@transaction.atomic
def rebuild() -> int:
    """From scratch; pages see the sums of before until it is done. The number of accounts counted."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [_LOCK])
        for model in (AccountMonth, Counted, MonthSum, CountedUntil, Uncounted):
            model.objects.all().delete()
        until = _roll_over()
        cursor.execute("select distinct account_id from accounts_movement order by 1")
        ids = [row[0] for row in cursor.fetchall()]
        for start in range(0, len(ids), AT_ONCE):
            _count(cursor, ids[start : start + AT_ONCE], until)
    return len(ids)
