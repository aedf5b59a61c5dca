"""The numbers of an imported company against a plain computation from its files (RULES 7): what was kept, lost and won of
each customer, and what orders come to."""

import csv
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from accounts.domain.imports.commanding import import_path
from accounts.domain.numbers.asking import Asked
from accounts.domain.numbers.averages import orders_of
from accounts.domain.numbers.counting import count_changes
from accounts.domain.numbers.sums import Sum, month_sums
from tests.accounts.imports.files import text_of, written
from tests.accounts.imports.test_months import FIRST, LAST, made_up, month_ends

pytestmark = pytest.mark.django_db
# Customer, day, pieces, dollars.
SALES = [
    ("00004", "1997-01-01", 2, "29.33"), ("00004", "1997-01-18", 2, "29.73"), ("00004", "1997-12-12", 1, "26.48"),
    ("00018", "1997-01-04", 1, "14.96"), ("00021", "1997-01-01", 2, "63.34"), ("00021", "1997-01-01", 2, "63.34"),
    ("00021", "1998-02-13", 5, "11.77"), ("00050", "1997-01-01", 1, "6.79"), ("00071", "1998-06-30", 3, "0"),
]  # fmt: skip


def at_month_ends(path: Path) -> dict[str, list[Decimal]]:
    """What each customer pays at the end of each month; the first is before all."""
    with path.open() as file:
        rows = list(csv.DictReader(file))
    found: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 25)
    for row in rows:
        for place, day in enumerate(map(str, month_ends()), 1):
            if row["start_date"] <= day and (not row["end_date"] or row["end_date"] > day):
                found[row["account_id"]][place] += Decimal(row["mrr_amount"])
    return found


def plainly(customers: dict[str, list[Decimal]], place: int) -> dict[str, object]:
    """Of one month, and of the year that ends with it."""
    months = [(own[place - 1], own[place]) for own in customers.values()]
    years = [(own[max(0, place - 12)], own[place]) for own in customers.values()]
    paid = [(was, now) for was, now in years if was > 0]
    return {
        "start": sum(was for was, _now in months),
        "end": sum(now for _was, now in months),
        "gained": sum(max(now - was, 0) for was, now in months),
        "lost": sum(max(was - now, 0) for was, now in months),
        "customers": (sum(was > 0 for was, _ in months), sum(now > 0 for _, now in months)),
        "gone": sum(was > 0 and now == 0 for was, now in months),
        "nrr": sum(now for _, now in paid) / sum(was for was, _ in paid) if paid else None,
        "grr": sum(map(min, paid)) / sum(was for was, _ in paid) if paid else None,
        "churn": Decimal(sum(now == 0 for _, now in paid)) / len(paid) if paid else None,
    }


def told(s: Sum) -> dict[str, object]:
    w = s.waterfall()
    return {
        "start": s.start, "end": s.end, "gained": w.new + w.reactivation + w.expansion, "lost": w.churn + w.contraction,
        "customers": (s.customers_start, s.customers_end), "gone": s.customers_lost,
        "nrr": s.year_nrr, "grr": s.year_grr, "churn": s.year_churn,
    }  # fmt: skip


def same(found: dict[str, object], wanted: dict[str, object]) -> bool:
    shares = ("nrr", "grr", "churn")
    rates = [(found[name], wanted[name]) for name in shares]
    near = all(a == b if None in (a, b) else abs(a - b) < Decimal("1e-20") for a, b in rates)
    return near and all(found[name] == wanted[name] for name in wanted if name not in shares)


def test_month_by_month_it_is_what_the_files_say(tmp_path) -> None:
    accounts, subscriptions = made_up(tmp_path)
    import_path("accounts", accounts)
    import_path("subscriptions", subscriptions)
    while count_changes():
        pass
    customers = at_month_ends(subscriptions)
    for place, s in enumerate(month_sums(FIRST, LAST), 1):
        assert same(told(s), plainly(customers, place)), (s.month, told(s), plainly(customers, place))


def test_a_list_of_sales_gives_the_averages_that_its_rows_have(tmp_path) -> None:
    ids = sorted({customer for customer, *_ in SALES})
    import_path("accounts", written(tmp_path, "a.csv", text_of(["external_id"], [[pk] for pk in ids])))
    header = ["master_id", "sample_id", "date", "number_of_cds", "dollar_value"]
    rows = [[customer, "0001", day, pieces, amount] for customer, day, pieces, amount in SALES]
    sales = written(tmp_path, "sales.csv", text_of(header, rows))
    assert (import_path("invoices", sales)[0].created, import_path("invoices", sales)[0].created) == (len(SALES), 0)
    found = orders_of(Asked(date(1997, 1, 1), date(1998, 6, 1)))
    bought = [(customer, date.fromisoformat(day), Decimal(amount)) for customer, day, _n, amount in SALES if amount != "0"]  # fmt: skip
    days = {c: [day for customer, day, _ in bought if customer == c] for c, *_ in bought}
    value, often = sum(amount for *_, amount in bought) / len(bought), Decimal(len(bought)) / len(days) / 18
    lived = Decimal(sum((max(own) - min(own)).days for own in days.values())) / len(days) * 12 / 365
    assert (found.orders, found.customers) == (8, 4)
    assert [
        round(one or 0, 12)
        for one in (found.order_value, found.frequency, found.customer_value, found.orders_per_customer, found.lifetime, found.lifetime_value)
    ] == [round(one, 12) for one in (value, often, value * often, Decimal(2), lived, value * often * lived)]  # fmt: skip
