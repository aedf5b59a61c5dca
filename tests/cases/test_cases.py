"""Every case of every file: its whole `expected`, from the product's own code.

CASES_DIR names another folder of files of the same form. A family or a type that nobody feeds fails by its name.
"""

import json
import os
from collections.abc import Callable, Mapping
from decimal import Decimal
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.cases.comparing import differences

FOLDER = Path(os.environ.get("CASES_DIR") or Path(__file__).parent)


def cases() -> list[Any]:
    found = []
    for path in sorted(FOLDER.glob("*.json")):
        content = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
        found += [pytest.param(content["family"], case, id=case["id"]) for case in content["cases"]]
    if not found:
        raise pytest.UsageError(f"there are no cases in {FOLDER}")
    return found


def adapters(family: str) -> Mapping[str, Callable[[dict], Any]]:
    name = f"tests.cases.adapters.{family}"
    if not family.isidentifier() or find_spec(name) is None:
        pytest.fail(f"there are no adapters for the family {family!r}", pytrace=False)
    return import_module(name).ADAPTERS


@pytest.mark.django_db
@pytest.mark.parametrize(("family", "case"), cases())
def test_case(family: str, case: dict[str, Any]) -> None:
    feed = adapters(family).get(case["type"])
    if feed is None:
        pytest.fail(f"there is no adapter for the type {case['type']!r} of the family {family!r}", pytrace=False)
    wrong = differences(case["expected"], feed(case["input"]))
    assert not wrong, "\n".join([case["title"], *wrong, case.get("why", "")])
