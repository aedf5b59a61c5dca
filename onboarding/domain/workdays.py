"""Working days: Monday to Friday without the holiday list (RULES 5, O1)."""

from collections.abc import Container
from datetime import date, timedelta

WORKDAYS = 5
LONGEST = 3660  # days, of holidays without end

Holidays = Container[date]


def is_working(day: date, holidays: Holidays = ()) -> bool:
    return day.weekday() < WORKDAYS and day not in holidays


def rolled(day: date, holidays: Holidays = ()) -> date:
    """That day, or the next working one."""
    for ahead in range(LONGEST):
        if is_working(candidate := day + timedelta(days=ahead), holidays):
            return candidate
    raise ValueError("no working day within ten years")


def plus(day: date, count: int, holidays: Holidays = ()) -> date:
    """`count` working days after `day`; `day` itself is rolled forward first."""
    at = rolled(day, holidays)
    for _number in range(count):
        at = rolled(at + timedelta(days=1), holidays)
    return at


def due(anchor: date, offset: int, *, business: bool, holidays: Holidays = ()) -> date:
    """O1: anchor + offset, in calendar or in business days."""
    return plus(anchor, offset, holidays) if business else anchor + timedelta(days=offset)
