"""Where the embedded servers keep their data and listen. Imported by settings: starts nothing."""

import hashlib
import os
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def data_dir() -> Path:
    """The folder of the embedded servers' data, the secret key and the logs (DATA_DIR, default .dev/)."""
    return Path(os.environ.get("DATA_DIR") or ROOT / ".dev").resolve()


def folder_tag() -> str:
    """Short name for a data folder, so that two checkouts never share a socket."""
    return hashlib.sha256(str(data_dir()).encode()).hexdigest()[:10]


def socket_dir() -> Path:
    """A short private folder for sockets: a socket's path is limited to 107 bytes, a checkout's is not.

    /tmp before TMPDIR: shells of one person differ in TMPDIR, and a long one would break the limit.
    """
    base = Path("/tmp")  # noqa: S108 - the folder below it is private and checked before use
    if not os.access(base, os.W_OK | os.X_OK):
        base = Path(tempfile.gettempdir())
    return base / f"tenure-{os.getuid()}-{folder_tag()}"


def postgres_socket_dir() -> Path:
    """A folder of its own: where PostgreSQL runs as nobody, this one belongs to nobody."""
    return socket_dir() / "pg"


def valkey_socket() -> Path:
    return socket_dir() / "valkey.sock"


def database_url() -> str:
    return f"postgres://app@/app?host={postgres_socket_dir()}"


def broker_url() -> str:
    """Celery's form of the address."""
    return f"redis+socket://{valkey_socket()}?virtual_host=0"


def cache_url() -> str:
    """redis-py's form of the address; the cache has a database number of its own."""
    return f"unix://{valkey_socket()}?db=1"
