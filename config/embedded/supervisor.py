"""`make run`: services, migrations, demo company, then web server, worker and beat in the foreground."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import IO
from urllib.error import URLError
from urllib.request import urlopen

from config.embedded import addresses
from config.embedded.processes import GRACE_SECONDS, Child, Command, NotStartedError
from config.embedded.services import running

START_SECONDS = 180  # on a slow machine that others use, too
WORKER_PROCESSES = 2
WEB_THREADS = 8


@dataclass(frozen=True)
class Address:
    host: str
    port: int

    @classmethod
    def from_environment(cls) -> "Address":
        port = os.environ.get("PORT") or "8000"
        if not port.isdigit() or not 0 < int(port) < 65536:
            raise NotStartedError(f"PORT={port} is no port: give a number from 1 to 65535.")
        return cls(os.environ.get("HOST") or "127.0.0.1", int(port))

    @property
    def url(self) -> str:
        """For a person's browser: 0.0.0.0 is where we listen, not where one goes."""
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)  # noqa: S104
        return f"http://{f'[{host}]' if ':' in host and host[0] != '[' else host}:{self.port}"

    def check_free(self) -> None:
        try:
            family, kind, protocol, _name, where = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)[0]
            with socket.socket(family, kind, protocol) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(where)
        except OSError as error:
            raise NotStartedError(
                f"Cannot listen on {self.host}:{self.port} ({error.strerror or error}):"
                " stop what listens there, or choose another with PORT=8123."
            ) from None


def serve() -> int:
    address = Address.from_environment()
    address.check_free()
    check_settings()
    os.environ.setdefault("BASE_URL", address.url)
    say("Starting PostgreSQL and Valkey…")
    with running(durable=True):
        prepare()
        say("Starting the web server and the worker…")
        with application(address) as children:
            wait_for_page(address, children)
            say(f"Tenure runs at {address.url}/  (Ctrl-C stops it)")
            return watch(children)


def say(text: str) -> None:
    print(text, flush=True)


def check_settings() -> None:
    """What the settings refuse, they refuse in one sentence, before anything is started."""
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        _ = settings.SECRET_KEY
    except ImproperlyConfigured as error:
        raise NotStartedError(str(error)) from None


def prepare() -> None:
    """Migrates, collects what production serves, seeds the demo company once, prints the sign-in names."""
    arguments = [sys.executable, "manage.py", "prepare"]
    if os.environ.get("DEMO", "").lower() in {"0", "no", "off", "false"}:
        arguments.append("--no-demo")
    child = Command("prepare", arguments, cwd=addresses.ROOT).start(None)
    try:
        if child.process.wait() != 0:
            raise NotStartedError("The database could not be prepared; the reason stands above.")
    finally:
        child.stop()


def commands(address: Address) -> list[Command]:
    # Celery warns of root, which is right for a server and noise for a demo in a container.
    quiet = "ignore:You're running the worker with superuser privileges"
    here = partial(Command, cwd=addresses.ROOT, environment={"PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": quiet})
    celery = [sys.executable, "-m", "celery", "-A", "config", "--skip-checks", "--quiet"]
    bind = f"[{address.host}]" if ":" in address.host and address.host[0] != "[" else address.host
    web = [sys.executable, "-m", "gunicorn", "config.wsgi", "--worker-class", "gthread"]
    web += ["--threads", str(WEB_THREADS), "--bind", f"{bind}:{address.port}", "--log-level", "warning"]
    web += ["--keep-alive", "30", "--graceful-timeout", "5", "--no-control-socket"]
    worker = [*celery, "worker", "--loglevel", "WARNING", "--concurrency", str(WORKER_PROCESSES)]
    worker += ["--without-gossip", "--without-mingle", "--hostname", f"tenure-{os.getpid()}@%h"]
    beat = [*celery, "beat", "--loglevel", "WARNING", "--pidfile="]
    return [
        here("web", web),
        # Orphaned, it has nobody who would insist, and its database ends with it: what it is at is done again anyway.
        here("worker", worker, death_signal=signal.SIGKILL),
        here("beat", beat),
    ]


@contextmanager
def application(address: Address) -> Iterator[list[Child]]:
    forget_old_beat()
    children: list[Child] = []
    with ExitStack() as stack:
        stack.callback(stop_all, children)
        # All are started before the first thread: a child dies with the thread that started it.
        children.extend(command.start(subprocess.PIPE) for command in commands(address))
        for child in children:
            show_output(child)
        yield children


def forget_old_beat() -> None:
    """A beat that was killed leaves its lock for half a minute. On a private Valkey there is no other beat."""
    if os.environ.get("REDIS_URL"):
        return
    import redis

    with redis.Redis(unix_socket_path=str(addresses.valkey_socket()), db=2) as client:
        client.delete("redbeat::lock")


def stop_all(children: list[Child]) -> None:
    """All are asked at once, so that the slowest decides how long it takes, not their sum."""
    say("Stopping…")
    for child in children:
        child.ask_to_stop()
    end = time.monotonic() + GRACE_SECONDS
    for child in children:
        with suppress(subprocess.TimeoutExpired):
            child.process.wait(max(0.0, end - time.monotonic()))
    for child in children:
        child.insist()


def show_output(child: Child) -> None:
    """Each line under its process's name, as one write: lines of several processes never mix."""

    def pump(stream: IO[bytes]) -> None:
        for line in stream:
            with suppress(OSError):  # the terminal is gone
                os.write(sys.stdout.fileno(), f"{child.name:>6} | ".encode() + line)

    threading.Thread(target=pump, args=(child.process.stdout,), daemon=True).start()


def wait_for_page(address: Address, children: list[Child]) -> None:
    wait_for(lambda: page_answers(address), children, "The web server does not answer.")


def wait_for(ready: Callable[[], bool], children: list[Child], sentence: str) -> None:
    end = time.monotonic() + START_SECONDS
    while not ready():
        if ended(children) or time.monotonic() > end:
            raise NotStartedError(sentence)
        time.sleep(0.05)


def page_answers(address: Address) -> bool:
    try:
        with urlopen(f"{address.url}/healthz", timeout=5) as answer:  # noqa: S310 - our own http address
            return answer.status == 200
    except (URLError, OSError):
        return False


def ended(children: list[Child]) -> list[Child]:
    return [child for child in children if not child.running]


def watch(children: list[Child]) -> int:
    while not (gone := ended(children)):
        time.sleep(0.2)
    first = gone[0]
    raise NotStartedError(f"{first.name} ended by itself with {first.process.returncode}; stopping the rest.")
