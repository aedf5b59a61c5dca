"""Sums read back: kept or added up on the spot, they are the same; and behind each figure stand its accounts."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine

from accounts.domain.numbers.behind import FIGURES, behind
from accounts.domain.numbers.counting import count_changes
from accounts.domain.numbers.sums import Filters, Sum, month_sums, over, sums_by
from accounts.enums import Role
from accounts.models import Segment
from tests.accounts.revenue import make_account, subscribe
from tests.conftest import person

TODAY = datetime(2026, 3, 4, 12, tzinfo=UTC)
FIRST, LAST = date(2025, 3, 1), date(2026, 3, 1)


@pytest.fixture(scope="module")
def written(shared) -> dict[str, Any]:
    """Four accounts under all kinds of members, with every kind of movement."""
    with time_machine.travel(TODAY, tick=False):
        chloe = person("Chloe", Role.CSM)
        small = Segment.objects.create(key="small", name="Small")
        a = make_account("A", segment=small, csm=chloe, channel="ads")
        b = make_account("B", segment=small, channel="ads", currency="EUR")
        c = make_account("C", csm=chloe)
        d = make_account("D", segment=small, channel="web")
        subscribe(a, "A-1", unit_amount=100, started_on="2025-01-10")
        subscribe(a, "A-1", unit_amount=160, effective_on=date(2026, 2, 2))
        subscribe(b, "B-1", unit_amount=50, started_on="2025-11-05", ended_on="2026-02-20")
        subscribe(c, "C-1", unit_amount=80, started_on="2025-02-01")
        subscribe(c, "C-1", unit_amount=30, effective_on=date(2025, 12, 2))
        subscribe(d, "D-1", unit_amount=70, started_on="2024-12-01", ended_on="2025-06-15")
        subscribe(d, "D-2", unit_amount=90, started_on="2026-01-02")
        while count_changes():
            pass
        return {"small": str(small.pk), "chloe": str(chloe.pk), "a": a.pk, "b": b.pk, "c": c.pk, "d": d.pk}


@pytest.fixture
def book(db, written):
    with time_machine.travel(TODAY, tick=False):
        yield written


def test_several_dimensions_add_up_to_what_is_kept(book) -> None:
    """By one dimension from the shelf, by the same and another one on the spot: over all its members they agree."""
    kept = sums_by("channel", FIRST, LAST)
    assert set(kept) == {"ads", "web", ""}
    for channel, months in kept.items():
        with_and_without = [
            month_sums(FIRST, LAST, Filters(channel=channel, segment=segment)) for segment in (book["small"], "")
        ]
        for month, *parts in zip(months, *with_and_without, strict=True):
            assert month.end == sum(part.end for part in parts)
            assert month.year_kept == sum(part.year_kept for part in parts)
            assert month.customers_start == sum(part.customers_start for part in parts)
    assert sums_by("channel", FIRST, LAST, Filters(segment=book["small"]))["ads"] == month_sums(
        FIRST, LAST, Filters(channel="ads", segment=book["small"])
    )


def test_months_without_anything_are_there_too(book) -> None:
    months = month_sums(date(2024, 10, 1), date(2024, 12, 1), Filters(csm="0"))
    assert months == [Sum(date(2024, 10, 1)), Sum(date(2024, 11, 1)), Sum(date(2024, 12, 1))]


def test_several_months_as_one(book) -> None:
    whole = over(month_sums(FIRST, LAST))
    assert (whole.month, whole.start, whole.end) == (FIRST, 250, 280)
    assert whole.moves() == {
        "new": 50, "reactivation": 90, "expansion": 60, "contraction": -50, "churn": -120, "fx": 0,
    }  # fmt: skip
    assert whole.start + sum(whole.moves().values()) == whole.end
    assert (whole.customers_new, whole.customers_back, whole.customers_lost) == (1, 1, 2)


TOGETHER = {
    "net_lost": ["net_churn", "net_contraction"],
    "net_kept": ["net_expansion", "net_churn", "net_contraction"],
    "net_moved": ["net_new", "net_reactivation", "net_expansion", "net_churn", "net_contraction"],
}


@pytest.mark.parametrize("filters", [Filters(), Filters(channel="ads"), Filters(channel="ads", currency="USD")])
def test_behind_every_figure_stands_what_it_is_made_of(book, filters) -> None:
    whole = over(month_sums(FIRST, LAST, filters))
    for key in FIGURES:
        found = behind(key, FIRST, LAST, filters)
        if key.startswith("customers") or key == "year_lost":
            assert found.count == getattr(whole, key), key
        elif key == "year":
            assert (found.before, found.after, found.count) == (whole.year_start, whole.year_kept, whole.year_customers)
        elif key in {"life", "payback", "ltv_cac"}:
            assert found.amount == whole.end, key
        elif key == "bought":
            assert found.count == 0, "there are no costs"
        else:
            kinds = TOGETHER.get(key, [key])
            assert found.amount == sum(getattr(whole, kind) for kind in kinds), key


def test_the_largest_comes_first_and_pages_follow(book) -> None:
    first = behind("end", FIRST, LAST, Filters(), size=2)
    assert [(line.account_id, line.after) for line in first.lines] == [(book["a"], 160), (book["d"], 90)]
    assert (first.count, first.amount) == (3, 280)
    second = behind("end", FIRST, LAST, Filters(), size=2, offset=2)
    assert [line.account_id for line in second.lines] == [book["c"]]


def test_of_one_cohort(book) -> None:
    found = behind("end", LAST, LAST, Filters(), cohort=date(2024, 12, 1))
    assert [line.account_id for line in found.lines] == [book["d"]]
