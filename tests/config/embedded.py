"""Starts `python -m config.embedded` as a person would, in a data folder of its own."""

import os
import pwd
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from config.embedded.addresses import ROOT
from config.embedded.processes import working_in
from config.embedded.unroot import namespaces_work

OURS = {"DATABASE_URL", "REDIS_URL", "DATA_DIR", "SECRET_KEY", "HOST", "PORT", "POSTGRES_RUN_AS", "BASE_URL"}
MODULE = [sys.executable, "-m", "config.embedded"]
QUICK_SECONDS = 300


@dataclass
class Place:
    """A data folder, who works there, and with which settings."""

    data_dir: Path
    prefix: tuple[str, ...] = ()
    options: dict = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    uid: int = field(default_factory=os.geteuid)  # whom the command takes itself for

    def keywords(self, **environment: str) -> dict:
        kept = {name: value for name, value in os.environ.items() if name not in OURS}
        given = {"DATA_DIR": str(self.data_dir), "DEMO": "no", **self.environment, **environment}
        return {"cwd": ROOT, "env": {**kept, **given}, "text": True, **self.options}

    def run(self, *command: str, **environment: str) -> subprocess.CompletedProcess:
        """`run -- command`, to its end."""
        arguments = [*self.prefix, *MODULE, "run", "--", *command]
        keywords = self.keywords(**environment)
        return subprocess.run(arguments, capture_output=True, timeout=QUICK_SECONDS, check=False, **keywords)

    def python(self, code: str, **environment: str) -> str:
        done = self.run(sys.executable, "-c", code, **environment)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    @contextmanager
    def started(self, action: str, ready: str, **environment: str) -> Iterator[subprocess.Popen]:
        """`up` or `serve`, once it has printed the line with `ready`."""
        process = subprocess.Popen(
            [*self.prefix, *MODULE, action],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            **self.keywords(**environment),
        )
        try:
            process.said = []
            for line in process.stdout:
                process.said.append(line)
                if ready in line:
                    break
            else:
                raise AssertionError("".join(process.said))
            yield process
        finally:
            process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(60)
            process.kill()
            process.stdout.close()

    def processes(self) -> list[str]:
        """What runs for this folder: by environment, or, since PostgreSQL overwrites its own, by working folder."""
        mark = f"DATA_DIR={self.data_dir}\0".encode()
        found = {*working_in(self.data_dir / "postgres"), *working_in(self.data_dir / "valkey")}
        for entry in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if mark in (entry / "environ").read_bytes():
                    found.add(int(entry.name))
        return sorted(filter(None, map(command_line, found)))


def command_line(pid: int) -> str:
    """ "" for one that has ended and only waits to be noticed."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
    return ""


def wait_for(condition: Callable[[], bool], seconds: float = 240) -> bool:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)
    return condition()


def may_run_us(user: dict) -> bool:
    """Whether that user may read the interpreter and this checkout."""
    try:
        see = [*MODULE, "--help"]
        done = subprocess.run(see, capture_output=True, check=False, cwd=ROOT, env={}, **user)
    except PermissionError:
        return False
    return done.returncode == 0


def ordinary_user_place() -> Place:
    """Where an ordinary user works. As root: the user nobody, or, where nobody may not even read this
    checkout, root in a user namespace, who is no longer root there."""
    if os.geteuid() != 0:
        return Place(Path(tempfile.mkdtemp(prefix="tenure-")))
    folder = Path(tempfile.mkdtemp(prefix="tenure-"))
    nobody = pwd.getpwnam("nobody")
    user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    if may_run_us(user) or not namespaces_work():
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        return Place(folder, options=user, uid=nobody.pw_uid)
    return Place(folder, prefix=("unshare", "--user", "--map-user=1000", "--map-group=1000"), uid=1000)
