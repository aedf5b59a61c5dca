"""python -m tests.bench --scale N [--only NAME …]: one JSON object of ratios on stdout, progress on stderr.

A ratio that misses its reach is reported, not a failure: CI's machines are shared. What breaks, or does not end, is
tried once more, and says so in its result (`first_try`); what does so twice is a failure. The others are taken all the
same.
"""

import argparse
import json
import signal
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from tests.bench import database
from tests.bench.measuring import MEASURES, Bench, Measured, Result, said, say

PATIENCE = 1800  # seconds for one measure


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--scale", type=int, default=10_000, help="how many accounts")
    parser.add_argument("--only", action="append", default=[], help="this measure alone; may be given again")
    asked = parser.parse_args(arguments)
    started = time.perf_counter()
    with database.own():
        results = take(Bench(asked.scale, frozenset(asked.only)), parser)
    total = {"scale": asked.scale, "seconds": round(time.perf_counter() - started, 1)}
    print(json.dumps({**total, **summary(results), "measures": results}, indent=2))
    return int(any("error" in result for result in results.values()))


def take(bench: Bench, parser: argparse.ArgumentParser) -> dict[str, Result]:
    import django

    django.setup()
    # They register, in the order in which they are taken.
    from tests.bench import company, pages, slots, spine, revenue, renewals, recompute, ingest, ledger, memory, starting  # noqa: F401, I001
    from tests.bench import redirect  # noqa: F401

    if unknown := bench.only - MEASURES.keys():
        parser.error(f"no measure {', '.join(sorted(unknown))}; there are: {', '.join(MEASURES)}")
    chosen = [m for m in MEASURES.values() if m.name in bench.only or not bench.only]
    with said("databases"):
        database.prepare()
    company.found(bench.scale)
    return {m.name: taken(m, bench) for m in chosen if bench.only or bench.scale >= m.smallest}


def taken(measured: Measured, bench: Bench) -> Result:
    """What breaks is told, also where it did not the second time."""
    with said(measured.name):
        result = tried(measured, bench)
        if broken := result.get("error"):
            result = tried(measured, bench) | {"first_try": broken}
    say(f"    {json.dumps(result)}")
    return result


def tried(measured: Measured, bench: Bench) -> Result:
    try:
        with in_time():
            return measured.take(bench)
    except Exception as error:
        traceback.print_exc()
        database.leave()  # whatever it was in the middle of
        return {"error": f"{type(error).__name__}: {error}"[:500], "ok": False}


@contextmanager
def in_time() -> Iterator[None]:
    def late(*_: object) -> None:
        raise TimeoutError(f"not done after {PATIENCE} seconds")

    signal.signal(signal.SIGALRM, late)
    signal.alarm(PATIENCE)
    try:
        yield
    finally:
        signal.alarm(0)


def summary(results: dict[str, Result]) -> Result:
    judged = {name: result["ok"] for name, result in results.items() if "ok" in result}
    return {"reached": sum(judged.values()), "of": len(judged), "missed": [n for n, ok in judged.items() if not ok]}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
