"""A page of the accounts behind a figure, and what all of them come to: with a hundred thousand customers nobody reads
them all."""

from typing import Any

from django.db import connection
from django.db.models import Count, F, QuerySet, Sum

Page = tuple[list[tuple[int, tuple[Any, ...]]], int, tuple[Any, ...]]  # rows, how many there are, sums

PAGE = """
    with found (account_id, {names}) as ({query})
    select account_id, {names}, count(*) over (), {sums} from found
    order by {order}, account_id limit %(size)s offset %(offset)s
"""


def page_of(query: str, names: tuple[str, ...], params: dict[str, Any], size: int, offset: int) -> Page:
    """The largest first, by the first column, then by the next ones. `query`: an account's id, and the columns."""
    statement = PAGE.format(
        query=query,
        names=", ".join(names),
        sums=", ".join(f"coalesce(sum({name}) over (), 0)" for name in names),
        order=", ".join(f"{name} desc nulls last" for name in names),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, {**params, "size": size, "offset": offset})
        rows = cursor.fetchall()
    if not rows:
        return [], 0, (0,) * len(names)
    columns = len(names) + 1
    return [(row[0], row[1:columns]) for row in rows], rows[0][columns], rows[0][columns + 1 :]


def page_of_rows(rows: QuerySet[Any, Any], names: tuple[str, ...], size: int, offset: int) -> Page:
    """The same of rows that are grouped by account."""
    order = (F(name).desc(nulls_last=True) for name in names)
    page = rows.order_by(*order, "account_id").values_list("account_id", *names)[offset : offset + size]
    sums = rows.order_by().aggregate(all=Count("*"), **{f"sum_{name}": Sum(name, default=0) for name in names})
    return [(pk, values) for pk, *values in page], sums["all"], tuple(sums[f"sum_{name}"] for name in names)
