"""How long random tests look: a few examples each while somebody waits, many times that in `make test-services`."""

import os

TIMES = int(os.environ.get("THOROUGH", "1"))


def examples(few: int) -> int:
    return few * TIMES
