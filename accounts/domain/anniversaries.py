"""Days that come again: counted from the anchor, clipped to the month's end, never from one to the next (M11)."""

import calendar
from collections.abc import Iterator
from datetime import date, timedelta


def anniversary(anchor: date, months: int) -> date:
    """`anchor` plus whole months: 31 January + 1 is 28 or 29 February, + 2 is 31 March again."""
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(anchor.day, last))


def anniversaries(anchor: date, months: int, count: int) -> Iterator[date]:
    """The first `count` of them, every `months` months."""
    return (anniversary(anchor, months * number) for number in range(1, count + 1))


def notice_deadline(ends_on: date, notice_days: int) -> date:
    """The last day on which notice can be given for a term that ends on `ends_on`."""
    return ends_on - timedelta(days=notice_days)
