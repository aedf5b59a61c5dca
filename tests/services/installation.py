"""A whole installation of its own for fault tests: real servers and real processes, to be killed at will."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import redis

from config.embedded import addresses
from config.embedded.postgres import Postgres
from config.embedded.processes import Child, Command
from config.embedded.valkey import Valkey
from tests.config.embedded import OURS

# Waits in production that would make a test slow. What they wait for is the same.
IMPATIENT = {"CELERY_VISIBILITY_TIMEOUT": "3", "LOG_LEVEL": "INFO", "PYTHONUNBUFFERED": "1"}


@dataclass
class Installation:
    data_dir: Path
    children: list[Child] = field(default_factory=list)

    def __post_init__(self) -> None:
        with self.here():
            self.postgres, self.valkey = Postgres(durable=True), Valkey(durable=True)

    # Servers --------------------------------------------------------------------------------------

    def start(self) -> None:
        with self.here():
            self.postgres.start()
            self.valkey.start()

    def stop(self) -> None:
        for child in reversed(self.children):
            child.stop(grace=3)
        self.valkey.stop()
        self.postgres.stop()
        with self.here():
            shutil.rmtree(addresses.socket_dir(), ignore_errors=True)

    def restart_postgres(self) -> None:
        self.postgres.stop()
        with self.here():
            self.postgres.start()

    @contextmanager
    def broker_away(self) -> Iterator[None]:
        self.valkey.stop()
        try:
            yield
        finally:
            with self.here():
                self.valkey.start()

    # Processes ------------------------------------------------------------------------------------

    def worker(self, *, concurrency: int = 2, name: str = "worker") -> Child:
        """A Celery worker that also knows the tasks of tests/services/tasks.py, once it listens."""
        arguments = ["-m", "celery", "-A", "config", "--quiet", "worker", "--loglevel", "INFO"]
        arguments += ["--include", "tests.services.tasks", "--concurrency", str(concurrency)]
        arguments += ["--without-gossip", "--without-mingle", "--hostname", f"{name}-{time.monotonic_ns()}@%h"]
        child = self._process(name, [sys.executable, *arguments])
        until(lambda: " ready." in self.log(name) or not child.running)
        assert child.running, self.log(name)
        return child

    def beat(self, name: str = "beat") -> Child:
        arguments = ["-m", "celery", "-A", "config", "--quiet", "beat", "--loglevel", "INFO", "--pidfile="]
        return self._process(name, [sys.executable, *arguments])

    def web(self, port: int) -> Child:
        arguments = ["-m", "gunicorn", "config.wsgi", "--worker-class", "gthread", "--threads", "8"]
        arguments += ["--bind", f"127.0.0.1:{port}", "--no-control-socket"]
        return self._process("web", [sys.executable, *arguments])

    def _process(self, name: str, arguments: list[str]) -> Child:
        command = Command(name, arguments, environment=self.environment(), cwd=addresses.ROOT)
        with self._log_path(name).open("wb") as log:
            child = command.start(log)
        self.children.append(child)
        return child

    def _log_path(self, name: str) -> Path:
        return self.data_dir / f"{name}.log"

    def log(self, name: str) -> str:
        return self._log_path(name).read_text(errors="replace")

    # Looking and doing ----------------------------------------------------------------------------

    def manage(self, *arguments: str) -> str:
        return self._run([sys.executable, "manage.py", *arguments])

    def prepare(self) -> None:
        """Migrated, and empty."""
        self._run([sys.executable, "manage.py", "prepare", "--no-demo"])

    def python(self, code: str) -> Any:
        """Runs code in a Django process of this installation; what it assigns to `answer` comes back as JSON."""
        frame = "import django, json\ndjango.setup()\nanswer = None\n{}\nprint(json.dumps(answer))"
        return json.loads(self._run([sys.executable, "-c", frame.format(code)]).splitlines()[-1])

    def publish(self, task: str, **kwargs: Any) -> None:
        self.python(f"from config.celery import app\napp.send_task({task!r}, kwargs={kwargs!r})")

    def query(self, sql: str, parameters: tuple = ()) -> list[tuple]:
        with self.connect() as connection:
            return connection.execute(sql, parameters).fetchall()

    def connect(self) -> psycopg.Connection:
        with self.here():
            return psycopg.connect(f"host={addresses.postgres_socket_dir()} user=app dbname=app")

    def redis(self, number: int = 0) -> redis.Redis:
        with self.here():
            return redis.Redis(unix_socket_path=str(addresses.valkey_socket()), db=number)

    def _run(self, arguments: list[str]) -> str:
        done = subprocess.run(
            arguments, cwd=addresses.ROOT, env=self.environment(), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in OURS}
        settings = {"DATA_DIR": str(self.data_dir), "DJANGO_SETTINGS_MODULE": "config.settings"}
        return {**kept, **IMPATIENT, **settings}

    @contextmanager
    def here(self) -> Iterator[None]:
        """The addresses below are this installation's, not those of the suite's own servers."""
        before = os.environ.get("DATA_DIR")
        os.environ["DATA_DIR"] = str(self.data_dir)
        try:
            yield
        finally:
            os.environ.pop("DATA_DIR")
            if before is not None:
                os.environ["DATA_DIR"] = before


@contextmanager
def installed(template: Path | None = None) -> Iterator[Installation]:
    """Empty, or with the data of a stopped one: copying a migrated database is quicker than migrating."""
    with tempfile.TemporaryDirectory(prefix="tenure-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        if template:
            subprocess.run(["cp", "-a", f"{template}/.", folder], check=True)
        installation = Installation(Path(folder).resolve())
        try:
            installation.start()
            yield installation
        finally:
            installation.stop()


def until(condition: Callable[[], Any], seconds: float = 240) -> Any:
    """Waits for something to become true; its value, or a failure that says it never did. Machines may be slow: how long
    that takes is nothing a test is about."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(0.05)
    value = condition()
    assert value, f"not within {seconds} s"
    return value
