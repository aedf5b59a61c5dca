"""When what failed is tried again, and when nobody tries any more."""

import random
from datetime import timedelta

ATTEMPTS = 5
FIRST, LONGEST = timedelta(seconds=20), timedelta(hours=1)


def wait_after(attempts: int) -> timedelta:
    """Each wait four times the last, with jitter: what failed together does not come back together."""
    wait = min(LONGEST, FIRST * 4 ** (attempts - 1))
    return wait * random.uniform(0.75, 1.25)  # noqa: S311 - no secret
