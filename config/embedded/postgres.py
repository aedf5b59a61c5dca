"""A private PostgreSQL: its own data folder, a socket in a private folder, no port."""

import hashlib
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from config.embedded import addresses
from config.embedded.binaries import find_postgres, postgres_version
from config.embedded.folders import (
    copy_open_to_others,
    hand_over,
    open_to_others,
    passable,
    private_folder,
)
from config.embedded.processes import (
    Child,
    Command,
    NotStartedError,
    end_orphans,
    wait_until,
    working_in,
)
from config.embedded.unroot import Way, chosen_way, run_as

SOCKET_LIMIT = 107
BUILTIN_LOCALE_SINCE = 17

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "150",
    "shared_buffers": "256MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "128MB",
    "random_page_cost": "1.1",  # the data fits in memory or lies on an SSD
    "jit": "off",  # compiling costs more than our queries take
    "max_parallel_workers_per_gather": os.environ.get("PG_PARALLEL_WORKERS", "2"),
    "max_wal_size": "2GB",
}
# A test's data may be lost with the machine; a person's demo company may not.
UNSAFE_BUT_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass
class Postgres:
    """Starts and stops one server. Authentication is `trust`: the socket's folder is the lock on the door."""

    durable: bool = True
    way: Way = field(default_factory=chosen_way)
    settings: Mapping[str, str] = field(default_factory=dict)
    child: Child | None = None

    def __post_init__(self) -> None:
        self.run_as = run_as(self.way)
        self.bin = self._runnable(find_postgres())

    @property
    def home(self) -> Path:
        """Where the data lies. As nobody it cannot lie under a private home folder such as root's."""
        data_dir = addresses.data_dir()
        return outer_home() if self.way is Way.NOBODY and not passable(data_dir) else data_dir

    @property
    def data(self) -> Path:
        return self.home / "postgres"

    @property
    def log(self) -> Path:
        return addresses.data_dir() / "postgres.log"

    def start(self) -> None:
        sockets = self._socket_folder()
        self._make_data_folder()
        options = {**SETTINGS, **({} if self.durable else UNSAFE_BUT_FAST), **self.settings}
        options["unix_socket_directories"] = str(sockets)
        flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        command = Command(
            "PostgreSQL",
            [self.bin / "postgres", "-D", self.data, *flags],
            run_as=self.run_as,
            cwd=self.data,
            death_signal=signal.SIGINT,
            # Fast, then immediate: TERM alone would wait for every client to leave.
            stop_signals=(signal.SIGINT, signal.SIGQUIT, signal.SIGKILL),
        )
        with self.log.open("ab") as log:
            self.child = command.start(log)
        wait_until(self.ready, self.child, log=self.log)
        self._create_database()

    def stop(self) -> None:
        if self.child:
            self.child.stop(grace=15)

    def ready(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.connect(str(addresses.postgres_socket_dir() / ".s.PGSQL.5432"))
        except OSError:
            return False
        check: list[str | Path] = [self.bin / "pg_isready", "-q", "-U", "app", "-h", addresses.postgres_socket_dir()]
        return subprocess.run(check, check=False).returncode == 0

    def _runnable(self, folder: Path) -> Path:
        """The real user nobody cannot read a checkout under /root: it gets a copy it can read."""
        if self.way is not Way.NOBODY or open_to_others(folder / "postgres"):
            return folder
        return open_copy(folder)

    def _socket_folder(self) -> Path:
        here = (os.geteuid(), os.getegid())
        private_folder(addresses.socket_dir(), owner=here, passable=self.way is Way.NOBODY)
        folder = private_folder(addresses.postgres_socket_dir(), owner=self.run_as.owner)
        if len(os.fsencode(folder / ".s.PGSQL.5432")) > SOCKET_LIMIT:
            raise NotStartedError(f"{folder} is too long a path for a socket: set TMPDIR to a shorter one.")
        return folder

    def _make_data_folder(self) -> None:
        if self.home != addresses.data_dir():
            private_folder(self.home, owner=(os.geteuid(), os.getegid()), passable=True)
        if not self.data.exists():
            self._initialise()
        self._check_version()
        end_orphans(self.data, signal.SIGINT)
        hand_over(self.data, self.run_as.owner)
        if os.path.isdir("/proc/self") and not any(working_in(self.data)):  # noqa: PTH112
            # Nobody serves it, so the lock is stale, even if its process number is in use again.
            (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _initialise(self) -> None:
        """Made aside and renamed, so that a first start that was interrupted leaves nothing half made."""
        aside = self.home / "postgres.new"
        shutil.rmtree(aside, ignore_errors=True)
        private_folder(aside, owner=self.run_as.owner)
        options = ["-D", str(aside), "-U", "app", "-A", "trust", "-E", "UTF8", "--no-instructions"]
        if not self.durable:
            options.append("--no-sync")
        initdb: list[str | Path] = [self.bin / "initdb", *options, *self._locale()]
        command = Command("initdb", initdb, run_as=self.run_as, cwd=aside)
        with self.log.open("ab") as log:
            child = command.start(log)
        try:
            failed = child.process.wait(120) != 0
        finally:
            child.stop()
        if failed:
            raise NotStartedError(f"PostgreSQL could not make its data folder; see {self.log}.")
        aside.rename(self.data)

    def _locale(self) -> list[str]:
        """Code point order, Unicode case: the same everywhere. Before 17, libc's C.UTF-8 is that."""
        if postgres_version(self.bin) >= BUILTIN_LOCALE_SINCE:
            return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        return ["--locale=C.UTF-8"]

    def _check_version(self) -> None:
        found, wanted = (self.data / "PG_VERSION").read_text().strip(), str(postgres_version(self.bin))
        if found != wanted:
            raise NotStartedError(
                f"{self.data} was made by PostgreSQL {found}, this is {wanted}: choose another DATA_DIR or PG_BIN."
            )

    def _create_database(self) -> None:
        import psycopg

        address = f"host={addresses.postgres_socket_dir()} user=app dbname=postgres"
        with psycopg.connect(address, autocommit=True) as connection:
            if not connection.execute("select 1 from pg_database where datname = 'app'").fetchone():
                connection.execute("create database app")


def outer_home() -> Path:
    return Path("/var/tmp") / f"tenure-{addresses.folder_tag()}"  # noqa: S108 - made by private_folder


def open_copy(folder: Path) -> Path:
    """Copies the wheel's server, with the libraries beside it, to where every user may run it."""
    package = folder.parent.parent
    server = (folder / "postgres").stat()
    tag = hashlib.sha256(f"{server.st_size} {server.st_mtime_ns}".encode()).hexdigest()[:10]
    target = Path("/var/tmp") / f"tenure-postgres-{tag}"  # noqa: S108 - checked next
    private_folder(target, owner=(os.geteuid(), os.getegid()), passable=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        copy_open_to_others(libraries, target / libraries.name)
    return copy_open_to_others(package, target / package.name) / folder.relative_to(package)
