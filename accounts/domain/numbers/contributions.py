"""What accounts bring to the sums of each month, in SQL: the same text for counting, for recounting and for sums that
nobody keeps (several dimensions at once)."""

from collections.abc import Iterable

from accounts.enums import MovementKind

DIMENSIONS = ("segment", "csm", "touch", "plan", "channel", "currency")
# Cohorts are a dimension like the others: the month of the first payment.
KEPT = (*DIMENSIONS, "cohort")
KINDS = tuple(MovementKind.values)
MOVES = tuple(kind for kind in KINDS if kind != MovementKind.FX)

# How each column of MonthSum comes from an account's month; {s} is the sign with which it counts.
MONEY = {
    "start": "start",
    "end": '"end"',
    **{kind: kind for kind in KINDS},
    **{f"net_{kind}": f"case when net = '{kind}' then \"end\" - start - fx else 0 end" for kind in MOVES},
    "kept": 'case when start > 0 then "end" else 0 end',
    "kept_capped": 'case when start > 0 then least(start, "end") else 0 end',
    "year_start": "year_start",
    "year_kept": 'case when year_start > 0 then "end" else 0 end',
    "year_capped": 'least(year_start, "end")',
}
CUSTOMERS = {
    "customers_start": "start > 0",
    "customers_new": 'start <= 0 and "end" > 0 and cohort = month',
    "customers_back": 'start <= 0 and "end" > 0 and cohort < month',
    "customers_lost": 'start > 0 and "end" <= 0',
    "customers_end": '"end" > 0',
    "year_customers": "year_start > 0",
    "year_lost": 'year_start > 0 and "end" <= 0',
}
COLUMNS = (*MONEY, *CUSTOMERS)

# An account's months as its movements tell them: running sums, so that they add up whatever their order within a day.
FRESH = f"""
    select account_id, month, sum(moved) over running - moved as start, sum(moved) over running as "end",
        {", ".join(KINDS)}, min(month) over (partition by account_id) as cohort
    from (
        select account_id, date_trunc('month', occurred_on)::date as month, sum(amount) as moved,
            {", ".join(f"coalesce(sum(amount) filter (where kind = '{kind}'), 0) as {kind}" for kind in KINDS)}
        from accounts_movement where account_id = any(%(ids)s) group by 1, 2
    ) m window running as (partition by account_id order by month)
"""  # noqa: S608 - names of columns


def contributions(rows: str) -> str:
    """By account and month, after %(after)s up to %(until)s (first days of months): one row where they paid, moved, or
    had paid a year before. `rows`: a table with AccountMonth's columns, `sign` and the members of each dimension; an
    account may be in it twice, once for each sign."""
    members = ", ".join(KEPT)
    return f"""
    spans as (
        select *, coalesce(lead(month) over (partition by sign, account_id order by month),
            (%(until)s::date + interval '13 months')::date) as next
        from {rows} where month <= %(until)s
    ), ends as (
        -- Each month in which they paid, moved, or had paid within the year before it.
        select sign, account_id, {members}, g::date as month,
            case when g = s.month then start else "end" end as start, "end",
            {", ".join(f"case when g = s.month then {kind} else 0 end as {kind}" for kind in KINDS)}
        from spans s cross join lateral generate_series(
            greatest(s.month, %(after)s::date - interval '12 months'),
            least(s.next - interval '1 month', %(until)s::date), interval '1 month') g
        where g = s.month or "end" > 0
    ), years as (
        select sign, account_id, {members}, (month + interval '12 months')::date as month, "end" as year_start
        from ends where "end" > 0 and month + interval '12 months' <= %(until)s
    ), contributions as (
        select coalesce(e.sign, y.sign) as sign, coalesce(e.account_id, y.account_id) as account_id,
            coalesce(e.month, y.month) as month,
            {", ".join(f"coalesce(e.{name}, y.{name}) as {name}" for name in KEPT)},
            coalesce(e.start, 0) as start, coalesce(e."end", 0) as "end",
            {", ".join(f"coalesce(e.{kind}, 0) as {kind}" for kind in KINDS)},
            coalesce(y.year_start, 0) as year_start,
            case when coalesce(e."end", 0) - coalesce(e.start, 0) - coalesce(e.fx, 0) = 0 then ''
                when coalesce(e.start, 0) = 0 then
                    case when e.cohort = e.month then 'new' else 'reactivation' end
                when e."end" = 0 then 'churn'
                when e."end" - e.start - e.fx > 0 then 'expansion' else 'contraction' end as net
        from ends e full join years y
            on y.sign = e.sign and y.account_id = e.account_id and y.month = e.month
        where coalesce(e.month, y.month) > %(after)s
    )"""  # noqa: S608 - names of columns


def sums(sign: str = "1") -> str:
    """The columns of MonthSum over rows of contributions()."""
    money = [f'sum({sign} * ({sql})) as "{name}"' for name, sql in MONEY.items()]
    people = [f"sum({sign} * ({sql})::int) as {name}" for name, sql in CUSTOMERS.items()]
    return ", ".join([*money, *people])


def names(columns: Iterable[str], form: str = '"{}"') -> str:
    return ", ".join(form.format(column) for column in columns)
