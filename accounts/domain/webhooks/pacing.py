"""When it is tried again, and how long an address that keeps failing is left in peace."""

import random
from datetime import timedelta

FIRST, LONGEST = timedelta(seconds=30), timedelta(hours=4)
RESTS_FROM = 5  # failures in a row
SHORTEST_REST, LONGEST_REST = timedelta(minutes=1), timedelta(minutes=15)
LONGEST_ASKED = timedelta(hours=1)  # by Retry-After


def wait_after(attempts: int) -> timedelta:
    """Each wait three times the last, with jitter: what failed together does not come back together."""
    wait = min(LONGEST, FIRST * 3 ** min(attempts - 1, 10))
    return wait * random.uniform(0.8, 1.2)  # noqa: S311 - no secret


def rest_after(failures: int) -> timedelta | None:
    """A dead address costs its time-out once in a while, not once for everything that waits for it."""
    if failures < RESTS_FROM:
        return None
    return min(LONGEST_REST, SHORTEST_REST * 2 ** min(failures - RESTS_FROM, 10))


def asked_for(retry_after: str) -> timedelta | None:
    """Seconds that the other side wants to be left alone; dates are not understood."""
    if not (retry_after.isascii() and retry_after.isdigit()):
        return None
    return min(LONGEST_ASKED, timedelta(seconds=int(retry_after[:9])))
