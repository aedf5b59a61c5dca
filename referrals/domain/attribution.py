"""Whose customer it is (RULES 6, R5): the last or the first click inside the window. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from referrals.enums import Attribution


class Touch(NamedTuple):
    """A click on a partner's link."""

    partner: Any
    at: datetime
    click: Any = None


def is_live(at: datetime, signed_up_at: datetime, window_days: int) -> bool:
    """At most so many days of 24 hours before the sign-up, to the second; later clicks are somebody else's matter."""
    return timedelta(0) <= signed_up_at - at <= timedelta(days=window_days)


def credited(
    touches: Iterable[Touch], signed_up_at: datetime, window_days: int, mode: str = Attribution.LAST
) -> Touch | None:
    """Of those inside the window. A first click that has expired gives way to the next live one."""
    live = sorted((t for t in touches if is_live(t.at, signed_up_at, window_days)), key=lambda touch: touch.at)
    if not live:
        return None
    return live[0] if mode == Attribution.FIRST else live[-1]
