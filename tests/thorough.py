"""Random tests look at the same examples every time, however slow the machine is: who changes nothing sees nothing
fail. A few examples each while somebody waits, many times that in `make test-services`.

One draw in twenty is a number or text out of the source, all of which Hypothesis reads for that: seconds in a new
checkout, for a handful of draws. So it is read where they look long.
"""

import os

from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers

TIMES = int(os.environ.get("THOROUGH", "1"))

if TIMES == 1:
    providers._get_local_constants = lambda: providers._local_constants

settings.register_profile("same", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("same")


def examples(few: int) -> int:
    return few * TIMES
