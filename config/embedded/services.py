"""Starts the servers that the environment does not name, and stops them again."""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from config.embedded import addresses
from config.embedded.postgres import Postgres, outer_home
from config.embedded.processes import NotStartedError
from config.embedded.valkey import Valkey


class InUseError(NotStartedError):
    """Another process serves this data folder."""


@contextlib.contextmanager
def folder_lock() -> Iterator[None]:
    """One supervisor a data folder. The lock goes with the process, however it ends: it is never stale."""
    folder = addresses.data_dir()
    folder.mkdir(mode=0o711, parents=True, exist_ok=True)
    with (folder / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise InUseError(
                f"{folder} is already served by process {lock.read().strip() or 'of another user'}:"
                " stop it first, or choose another folder with DATA_DIR."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def needed(*, durable: bool) -> list[Postgres | Valkey]:
    """The servers that no address in the environment replaces."""
    servers: list[Postgres | Valkey] = []
    if not os.environ.get("DATABASE_URL"):
        servers.append(Postgres(durable=durable))
    if not os.environ.get("REDIS_URL"):
        servers.append(Valkey(durable=durable))
    return servers


@contextlib.contextmanager
def running(*, durable: bool) -> Iterator[None]:
    with folder_lock(), contextlib.ExitStack() as started:
        started.callback(shutil.rmtree, addresses.socket_dir(), ignore_errors=True)
        for server in needed(durable=durable):
            started.callback(server.stop)
            server.start()
        yield


@contextlib.contextmanager
def running_or_shared() -> Iterator[None]:
    """The servers for one command: those that `up` already serves in this folder, else their own."""
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(running(durable=False))
        except InUseError:
            if not (Valkey().ready() and Postgres().ready()):
                raise
        yield


@contextlib.contextmanager
def temporary_data_dir() -> Iterator[Path]:
    """A data folder for one command, unless DATA_DIR names one."""
    if os.environ.get("DATA_DIR"):
        yield addresses.data_dir()
        return
    folder = Path(tempfile.mkdtemp(prefix="tenure-"))
    folder.chmod(0o711)  # PostgreSQL may run as another user below it
    os.environ["DATA_DIR"] = str(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(outer_home(), ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)
        del os.environ["DATA_DIR"]
