"""What settings make of the environment."""

import re

import pytest

from config.embedded.addresses import ROOT
from config.settings import _broker_url, _redis_database


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("redis://127.0.0.1:6379", "redis://127.0.0.1:6379/2"),
        ("rediss://:secret@redis.example/0?ssl_cert_reqs=none", "rediss://:secret@redis.example/2?ssl_cert_reqs=none"),
        ("unix:///run/valkey.sock", "unix:///run/valkey.sock?db=2"),
        ("unix://:secret@/run/valkey.sock?db=0", "unix://:secret@/run/valkey.sock?db=2"),
    ],
)
def test_cache_and_timetable_have_databases_of_their_own(url: str, expected: str) -> None:
    assert _redis_database(url, 2) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("redis://127.0.0.1:6379/0", "redis://127.0.0.1:6379/0"),
        ("unix:///run/valkey.sock", "redis+socket:///run/valkey.sock"),
        ("unix:///run/valkey.sock?db=3", "redis+socket:///run/valkey.sock?virtual_host=3"),
    ],
)
def test_the_broker_is_named_in_celerys_way(url: str, expected: str) -> None:
    assert _broker_url(url) == expected


def test_whatever_can_be_set_is_written_down() -> None:
    read = set(re.findall(r'env(?:\.\w+)?\("(\w+)"', (ROOT / "config/settings.py").read_text()))
    told = set(re.findall(r"`([A-Z_]+)`", (ROOT / "docs/running.md").read_text()))
    assert read - told == {"DEBUG", "TENURE_DEV"}  # of development
