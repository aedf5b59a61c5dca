"""When a session is reminded of (RULES 5): so many elapsed hours before, never in the past."""

from collections.abc import Iterable
from datetime import datetime, timedelta

OFFSETS = (24, 1)  # hours


def reminders(start: datetime, known_since: datetime, offsets: Iterable[int] = OFFSETS) -> list[datetime]:
    """The instants, in order. One that lies before the booking was made (or moved to this start) is left out."""
    times = sorted(start - timedelta(hours=hours) for hours in offsets)
    return [at for at in times if at >= known_since]
