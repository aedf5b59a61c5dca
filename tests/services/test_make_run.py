"""What somebody sees who starts the product for the first time, and for the second."""

from collections.abc import Iterator
from urllib.request import urlopen

import pytest

from config.demo.team import PASSWORD, sign_ins
from tests.config.embedded import Place
from tests.ports import kept_port


@pytest.fixture
def place(tmp_path) -> Iterator[Place]:
    with kept_port() as port:
        yield Place(tmp_path / "data", environment={"PORT": str(port), "DEMO": ""})


def start(place: Place) -> str:
    """What it says until it is up. Then it is stopped."""
    url = f"http://127.0.0.1:{place.environment['PORT']}"
    with place.started("serve", ready="Tenure runs at") as supervisor, urlopen(f"{url}/login/", timeout=60) as page:
        assert page.status == 200
    return "".join(supervisor.said)


def test_the_first_start_seeds_a_company_and_the_second_finds_it(place):
    first = start(place)
    steps = ["Starting PostgreSQL and Valkey…", "Making the database…", "Seeding the demo company…", "Sign in as:"]
    steps += ["Starting the web server and the worker…"]
    assert [line for line in first.splitlines() if line in steps] == steps
    assert all(address in first for address, _role in sign_ins())
    assert PASSWORD in first
    assert f"Tenure runs at http://127.0.0.1:{place.environment['PORT']}/" in first

    second = start(place)  # how quick that is: `make bench`
    assert "Making" not in second
    assert "Seeding" not in second
    assert all(address in second for address, _role in sign_ins())
    assert place.processes() == []
