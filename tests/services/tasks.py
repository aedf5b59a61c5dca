"""Tasks for fault tests. They leave lines in a file, so that a test can count attempts across processes."""

import os
import time
from pathlib import Path

from config.celery import app


def note(path: str, text: str) -> None:
    with Path(path).open("a") as file:
        file.write(f"{text}\n")


@app.task(name="tests.services.work")
def work(*, path: str, number: int, seconds: float = 0) -> None:
    """The first time, it takes so many seconds."""
    begun = Path(path).exists() and f"begin {number} " in Path(path).read_text()
    note(path, f"begin {number} {os.getpid()}")
    time.sleep(0 if begun else seconds)
    note(path, f"end {number}")


@app.task(name="tests.services.touch_database")
def touch_database(*, path: str) -> None:
    from django.db import connection

    from accounts.models import User

    note(path, f"users {User.objects.count()} {connection.connection.info.backend_pid}")
