"""Days that come again are counted from the anchor; a period's price is shared by its days."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from accounts.domain.anniversaries import anniversaries, anniversary, notice_deadline
from accounts.domain.proration import local_day, prorate
from accounts.exceptions import DomainError

APRIL = (date(2026, 4, 1), date(2026, 5, 1))


def test_they_are_clipped_to_the_months_end_and_never_chained() -> None:
    days = anniversaries(date(2026, 1, 31), 1, 4)
    assert [day.isoformat() for day in days] == ["2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"]
    assert anniversary(date(2028, 2, 29), 48) == date(2032, 2, 29)
    assert anniversary(date(2026, 3, 31), -1) == date(2026, 2, 28)


def test_notice_is_given_days_before_the_end() -> None:
    assert notice_deadline(date(2028, 3, 1), 30) == date(2028, 1, 31)


@pytest.mark.parametrize(
    ("change_on", "days", "money"),
    [
        (date(2026, 4, 16), 15, "50.00"),
        (date(2026, 4, 30), 1, "3.33"),
        (date(2026, 4, 1), 30, "100.00"),
        (date(2026, 3, 2), 30, "100.00"),
        (date(2026, 5, 1), 0, "0.00"),
        (date(2027, 5, 1), 0, "0.00"),
    ],
)
def test_the_days_left_share_the_price_of_the_period(change_on, days, money) -> None:
    share = prorate(Decimal(100), APRIL, change_on)
    assert (share.days_left, share.days_period, share.money) == (days, 30, Decimal(money))


def test_what_is_given_back_is_rounded_away_from_zero_too() -> None:
    assert prorate(Decimal("-0.10"), APRIL, date(2026, 4, 28)).money == Decimal("-0.01")
    assert prorate(Decimal("0.05"), APRIL, date(2026, 4, 28)).money == Decimal("0.01")


def test_the_day_of_change_is_the_customers() -> None:
    late = datetime(2026, 4, 15, 22, 30, tzinfo=UTC)
    assert local_day(late, ZoneInfo("Europe/Bucharest")) == date(2026, 4, 16)
    assert local_day(late, UTC) == date(2026, 4, 15)


def test_a_period_without_days_is_refused() -> None:
    with pytest.raises(DomainError, match="ends after it begins"):
        prorate(Decimal(1), (date(2026, 4, 1), date(2026, 4, 1)), date(2026, 4, 1))
