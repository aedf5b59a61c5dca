"""Child processes that never outlive the one that started them."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

PR_SET_PDEATHSIG = 1
GRACE_SECONDS = 5.0
POLL_SECONDS = 0.02


class NotStartedError(Exception):
    """A sentence for the person at the terminal: what is missing and what to do about it."""


def die_with_parent(death_signal: signal.Signals, parent: int) -> Callable[[], None]:
    """For preexec_fn: Linux sends the signal when the parent is gone, even after kill -9."""
    prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None

    def ask_kernel() -> None:
        if prctl is None:
            return
        prctl(PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != parent:  # it died before we asked
            os.kill(os.getpid(), signal.SIGKILL)

    return ask_kernel


@dataclass
class Child:
    """One process in a session of its own: a Ctrl-C at the terminal reaches only the supervisor."""

    name: str
    process: subprocess.Popen
    stop_signals: tuple[signal.Signals, ...] = (signal.SIGTERM, signal.SIGQUIT, signal.SIGKILL)

    @property
    def running(self) -> bool:
        return self.process.poll() is None

    def ask_to_stop(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(self.stop_signals[0])

    def stop(self, grace: float = GRACE_SECONDS) -> None:
        self._signal(self.stop_signals, grace)

    def insist(self, grace: float = GRACE_SECONDS) -> None:
        """After ask_to_stop() and some patience."""
        self._signal(self.stop_signals[1:], grace)

    def _signal(self, stop_signals: tuple[signal.Signals, ...], grace: float) -> None:
        """One after the other until it ends; then kills whatever it left behind in its session."""
        for stop_signal in stop_signals:
            if not self.running:
                break
            self.process.send_signal(stop_signal)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(grace)
        self.process.wait()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)


@dataclass(frozen=True)
class RunAs:
    """Which user a process runs as: the current one, unless a prefix or a user id says otherwise."""

    prefix: tuple[str, ...] = ()
    user: int | None = None
    group: int | None = None

    def options(self) -> dict:
        return {} if self.user is None else {"user": self.user, "group": self.group, "extra_groups": []}

    @property
    def owner(self) -> tuple[int, int]:
        """Who owns the process's files, as seen from here."""
        if self.user is None:
            return os.geteuid(), os.getegid()
        return self.user, self.group or self.user


@dataclass(frozen=True)
class Command:
    name: str
    arguments: Sequence[str | Path]
    run_as: RunAs = field(default_factory=RunAs)
    environment: dict[str, str] = field(default_factory=dict)
    cwd: Path | None = None
    death_signal: signal.Signals = signal.SIGTERM
    stop_signals: tuple[signal.Signals, ...] = (signal.SIGTERM, signal.SIGQUIT, signal.SIGKILL)

    def start(self, output: IO | int | None) -> Child:
        process = subprocess.Popen(
            [*self.run_as.prefix, *map(str, self.arguments)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent(self.death_signal, os.getpid()),  # noqa: PLW1509 - no threads yet
            env={**os.environ, **self.environment},
            cwd=self.cwd,
            **self.run_as.options(),
        )
        return Child(self.name, process, self.stop_signals)


def wait_until(ready: Callable[[], bool], child: Child, *, log: Path, seconds: float = 180) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and child.running:
        if ready():
            return
        time.sleep(POLL_SECONDS)
    child.stop()
    raise NotStartedError(f"{child.name} did not start; {log} ends with:\n{tail(log)}")


def tail(log: Path, characters: int = 2000) -> str:
    return log.read_text(errors="replace")[-characters:].strip() if log.exists() else ""


def working_in(folder: Path) -> Iterator[int]:
    """Processes whose working folder this is. PostgreSQL and Valkey both move into their data folder."""
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (entry / "cwd").readlink() == folder and (entry / "exe").exists():
                yield int(entry.name)


def end_orphans(folder: Path, stop_signal: signal.Signals, seconds: float = 15) -> None:
    """Ends servers that a killed supervisor left in a folder. Only who holds its lock may ask."""
    end = time.monotonic() + seconds
    asked: set[int] = set()
    while left := [pid for pid in working_in(folder) if pid != os.getpid()]:
        late = time.monotonic() > end
        for pid in left:
            if late or pid not in asked:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL if late else stop_signal)
        asked.update(left)
        time.sleep(POLL_SECONDS)
