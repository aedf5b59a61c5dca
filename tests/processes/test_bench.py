"""`make bench` keeps working: on a very small company, what it measures is measured, and printed as one object."""

import json
import subprocess
import sys

import pytest

from config.embedded.addresses import ROOT
from tests.bench import database
from tests.bench.__main__ import taken
from tests.bench.measuring import Bench, Measured


@pytest.mark.usefixtures("one_day")
def test_the_bench_prints_one_object_of_ratios() -> None:
    command = [
        sys.executable,
        "-m",
        "tests.bench",
        "--scale",
        "50",
        "--only",
        "queue_page",
        "--only",
        "recompute_again",
    ]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout)
    assert printed["scale"] == 50
    queue = printed["measures"]["queue_page"]
    assert queue["queries"] <= queue["query_limit"] == 5
    assert printed["measures"]["recompute_again"] | {"seconds": 0} == {
        "written": 0, "limit": 0, "ok": True, "accounts": 50, "seconds": 0,
    }  # fmt: skip


def test_a_measure_that_is_none_is_told() -> None:
    command = [sys.executable, "-m", "tests.bench", "--only", "luck"]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert "no measure luck; there are: queue_page" in done.stderr


@pytest.mark.parametrize(
    ("broken", "found"),
    [
        (0, {"ok": True}),
        (1, {"ok": True, "first_try": "LookupError: no 1"}),
        (2, {"ok": False, "error": "LookupError: no 2", "first_try": "LookupError: no 1"}),
    ],
)
def test_what_breaks_is_tried_once_more_and_says_so(monkeypatch, broken, found) -> None:
    tries: list[Bench] = []

    def take(bench: Bench) -> dict[str, bool]:
        tries.append(bench)
        if len(tries) <= broken:
            raise LookupError(f"no {len(tries)}")
        return {"ok": True}

    monkeypatch.setattr(database, "leave", lambda: None)
    assert taken(Measured("one", take), Bench(50)) == found
