"""The worker and the web server as they run in production, on the bench's own database."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.cache import cache

from config.celery import app
from config.embedded import addresses
from config.embedded.processes import Child, Command, tail
from health.domain import marks
from tests.bench.tasks import DONE
from tests.ports import kept_port


def until(found: Callable[[], Any], *, seconds: float = 600, pause: float = 0.002) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if answer := found():
            return answer
        time.sleep(pause)
    raise TimeoutError("what the bench waits for did not come")


def send(task: str, **kwargs: Any) -> None:
    app.send_task(task, kwargs=kwargs)


def _redis() -> Any:
    return cache._cache.get_client(DONE, write=True)  # type: ignore[attr-defined]


def empty_task() -> int:
    """Sent, run by a worker, heard of again. Returns the process that did it."""
    send("tests.bench.empty")
    return _heard()


def _heard() -> int:
    return int(until(lambda: _redis().blpop(DONE, timeout=1), pause=0)[1])


@dataclass
class Worker:
    child: Child

    def warm(self, number: int = 1) -> set[int]:
        """Until each of its processes has done something; their ids. Tasks that are done at once would not reach all
        of them: of those that have nothing to do, a worker may take the same one every time."""
        seen: set[int] = set()
        seconds = count(0.1, 0.1)  # longer each time: also where the machine is at something else in between

        def all_seen() -> bool:
            lasting = next(seconds)
            for _each in range(number):
                send("tests.bench.lasting", seconds=lasting)
            seen.update(_heard() for _each in range(number))
            return len(seen) >= number

        until(all_seen, pause=0)
        return seen


@contextmanager
def worker(*, concurrency: int = 1) -> Iterator[Worker]:
    """Started as `make run` starts it. What was published before, while nobody listened, is not its business."""
    app.control.purge()
    marks.heard()
    _redis().delete(DONE)
    arguments = ["-m", "celery", "-A", "config", "--skip-checks", "--quiet", "worker", "--loglevel", "WARNING"]
    arguments += ["--include", "tests.bench.tasks", "--concurrency", str(concurrency)]
    arguments += ["--without-gossip", "--without-mingle", "--hostname", f"bench-{time.monotonic_ns()}@%h"]
    with _running("worker", arguments) as child:
        yield Worker(child)


@contextmanager
def web(threads: int = 8) -> Iterator[tuple[HTTPConnection, Child]]:
    arguments = ["-m", "gunicorn", "tests.bench.server:application", "--worker-class", "gthread"]
    arguments += ["--threads", str(threads), "--log-level", "warning", "--keep-alive", "30", "--no-control-socket"]
    with kept_port() as port, _running("web", [*arguments, "--bind", f"127.0.0.1:{port}"]) as child:
        connection = HTTPConnection("127.0.0.1", port, timeout=600)
        until(lambda: _answers(connection) or not child.running, pause=0.1)
        yield connection, child


def _answers(connection: HTTPConnection) -> bool:
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().read() is not None
    except OSError:
        connection.close()
        return False


@contextmanager
def _running(name: str, arguments: list[str]) -> Iterator[Child]:
    with TemporaryDirectory(prefix="tenure-bench-") as folder:
        log = Path(folder) / "log"
        quiet = {"LOG_LEVEL": "INFO", "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges"}
        command = Command(name, [sys.executable, *arguments], cwd=addresses.ROOT, environment=quiet)
        with log.open("wb") as out:
            child = command.start(out)
        try:
            yield child
        except TimeoutError as error:
            raise TimeoutError(f"{error}; {name} says:\n{tail(log)}") from error
        finally:
            os.kill(child.process.pid, signal.SIGTERM) if child.running else None
            child.stop(grace=5)


# Memory ---------------------------------------------------------------------------------------------------


def resident(pid: int) -> int:
    """Kilobytes it holds now."""
    return _status(pid, "VmRSS")


def peak(pid: int) -> int:
    """The most it held since forget_peak()."""
    return _status(pid, "VmHWM")


def forget_peak(pid: int) -> None:
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def _status(pid: int, key: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{key}:"):
            return int(line.split()[1])
    raise LookupError(key)
