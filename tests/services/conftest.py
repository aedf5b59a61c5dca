from collections.abc import Iterator
from pathlib import Path

import pytest

from config.embedded.processes import tail
from tests.services.installation import Installation, installed


@pytest.fixture(scope="session")
def migrated() -> Iterator[Path]:
    """The data of an installation that was migrated and stopped, to be copied for each test."""
    with installed() as installation:
        installation.prepare()
        installation.stop()
        yield installation.data_dir


@pytest.fixture
def installation(migrated: Path) -> Iterator[Installation]:
    """Servers and a migrated database of the test's own: `installation.worker()`, `.broker_away()`, …"""
    with installed(migrated) as own:
        yield own
        for log in own.data_dir.glob("*.log"):  # pytest shows it when the test has failed
            print(f"== {log.name}\n{tail(log, 4000)}")
