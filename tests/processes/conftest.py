import time

import pytest

HALF_AN_HOUR, LONG = 1800, 90


@pytest.fixture
def one_day() -> None:
    """It is midnight for some account every half an hour at the most: not while the test looks at days, then."""
    left = HALF_AN_HOUR - time.time() % HALF_AN_HOUR
    if left < LONG:
        time.sleep(left)
