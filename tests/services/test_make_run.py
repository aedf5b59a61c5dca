"""What somebody sees who starts the product for the first time, and for the second."""

import socket
import time
from urllib.request import urlopen

import pytest

from config.demo.team import PASSWORD, sign_ins
from tests.config.embedded import Place

# Real servers and processes: seconds, but many times that where the machine has other things to do.
pytestmark = pytest.mark.timeout(400)


@pytest.fixture
def place(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    return Place(tmp_path / "data", environment={"PORT": port, "DEMO": ""})


def start(place: Place) -> tuple[str, float]:
    """What it says until it is up, and how long that took. Then it is stopped."""
    began = time.monotonic()
    url = f"http://127.0.0.1:{place.environment['PORT']}"
    with place.started("serve", ready="Tenure runs at") as supervisor:
        seconds = time.monotonic() - began
        with urlopen(f"{url}/login/", timeout=10) as page:
            assert page.status == 200
    return "".join(supervisor.said), seconds


def test_the_first_start_seeds_a_company_and_the_second_is_quick(place):
    first, for_the_first = start(place)
    steps = ["Starting PostgreSQL and Valkey…", "Making the database…", "Seeding the demo company…", "Sign in as:"]
    steps += ["Starting the web server and the worker…"]
    assert [line for line in first.splitlines() if line in steps] == steps
    assert all(address in first for address, _role in sign_ins())
    assert PASSWORD in first
    assert f"Tenure runs at http://127.0.0.1:{place.environment['PORT']}/" in first

    second, for_the_second = start(place)
    assert "Making" not in second
    assert "Seeding" not in second
    assert all(address in second for address, _role in sign_ins())
    assert for_the_second < for_the_first  # on any machine; `make bench` measures it against `manage.py check`
    assert place.processes() == []
