"""`make run`: everything in the foreground, and nothing left of it afterwards."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from config.embedded.processes import NotStartedError
from config.embedded.supervisor import Address
from tests.config.embedded import MODULE, Place, wait_for
from tests.ports import kept_port


@pytest.fixture
def port() -> Iterator[int]:
    with kept_port() as port:
        yield port


@pytest.fixture
def place(tmp_path, port):
    return Place(tmp_path / "data", environment={"PORT": str(port)})


@pytest.fixture(scope="session")
def migrated(tmp_path_factory) -> Path:
    """A data folder with a migrated database: migrating takes longer than all else that a start does."""
    place = Place(tmp_path_factory.mktemp("migrated") / "data")
    done = place.run(sys.executable, "manage.py", "prepare", "--no-demo")
    assert done.returncode == 0, done.stderr
    return place.data_dir


@pytest.fixture
def used(place, migrated) -> Place:
    """Where it has been started before. The very first start: tests/services/test_make_run.py."""
    subprocess.run(["cp", "-a", migrated, place.data_dir], check=True)
    return place


def status(port: int, path: str) -> int:
    with urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as answer:
        return answer.status


def ready(port: int) -> bool:
    try:
        return status(port, "/readyz") == 200
    except OSError:
        return False


def test_one_command_serves_pages_and_runs_tasks_until_it_is_stopped(used, port):
    with used.started("serve", ready=f"Tenure runs at http://127.0.0.1:{port}/") as supervisor:
        assert status(port, "/healthz") == 200
        assert wait_for(lambda: ready(port)), "database, broker, worker and queue answer"
        running = " ".join(used.processes())
        assert all(part in running for part in ("gunicorn", "celery", "beat", "postgres", "valkey"))
        supervisor.send_signal(signal.SIGINT)
        assert supervisor.wait() == 0
    assert used.processes() == []


def test_a_killed_supervisor_leaves_nothing_running(used, port):
    with used.started("serve", ready="Tenure runs at") as supervisor:
        supervisor.kill()
        supervisor.wait()
        assert wait_for(lambda: used.processes() == []), used.processes()
    with used.started("serve", ready="Tenure runs at"):
        assert status(port, "/healthz") == 200
    assert used.processes() == []


def test_a_worker_that_dies_takes_the_rest_along(used, port):
    """Half an application looks like a whole one until somebody waits for a task."""
    with used.started("serve", ready="Tenure runs at") as supervisor:
        [beat] = [pid for pid in children_of(supervisor.pid) if "beat" in command(pid)]
        os.kill(beat, signal.SIGKILL)
        output = supervisor.stdout.read()
        assert supervisor.wait() == 1
    assert "beat ended by itself with -9; stopping the rest." in output
    assert used.processes() == []


def children_of(pid: int) -> list[int]:
    return [int(number) for number in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def command(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text()


def test_a_port_in_use_is_refused_before_anything_starts(place, port):
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do
        other.bind(("127.0.0.1", port))
        other.listen()
        done = subprocess.run([*MODULE, "serve"], capture_output=True, check=False, **place.keywords())
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"Cannot listen on 127.0.0.1:{port} (Address already in use):"
        " stop what listens there, or choose another with PORT=8123.\n"
    )
    assert not place.data_dir.exists()


@pytest.mark.parametrize("port", ["http", "0", "70000", "-1"])
def test_a_port_that_is_none_is_refused(monkeypatch, port):
    monkeypatch.setenv("PORT", port)
    with pytest.raises(NotStartedError, match="is no port"):
        Address.from_environment()


def test_the_address_printed_is_one_that_a_browser_can_open():
    assert [Address(host, 8000).url for host in ("127.0.0.1", "0.0.0.0", "::", "::1", "tenure.example")] == [
        "http://127.0.0.1:8000",
        "http://127.0.0.1:8000",
        "http://[::1]:8000",
        "http://[::1]:8000",
        "http://tenure.example:8000",
    ]


def test_settings_that_refuse_are_one_sentence_and_start_nothing(place):
    done = subprocess.run(
        [*MODULE, "serve"],
        capture_output=True,
        check=False,
        **place.keywords(DATABASE_URL="postgres://nobody@127.0.0.1:1/none"),
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "SECRET_KEY is not set: give it a long random text.\n"
