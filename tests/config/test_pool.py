"""A worker that is killed while it starts leaves none of its processes behind."""

import os
import subprocess
import sys

from config import pool

# The process waits on a pipe whose other end it holds itself, as a pool's hold each other's.
WORKER = """
import os, signal
from config import pool
pool.remember()
(ready, tell), (wait, hold) = os.pipe(), os.pipe()
if os.fork():
    os.read(ready, 1)
    os.kill(os.getpid(), signal.SIGKILL)
pool.end_with_it()
os.write(tell, b".")
os.read(wait, 1)
"""


def test_a_killed_worker_takes_its_processes_along():
    """As long as one of them lives, so does what it writes to."""
    killed = subprocess.run([sys.executable, "-c", WORKER], stdout=subprocess.PIPE, timeout=100, check=False)

    assert killed.returncode == -9


def test_a_worker_without_processes_goes_on(monkeypatch):
    monkeypatch.setattr(pool, "_worker", os.getpid())

    pool.end_with_it()
