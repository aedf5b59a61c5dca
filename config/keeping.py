"""A worker keeps its database connection from task to task, as a web server's thread does from request to request.

Celery would close it before and after each: 5 ms to connect anew, and the plans that were prepared on it are gone. As
before a request, what is too old or has failed is let go of first, and the first query asks whether the other end is
still there (CONN_HEALTH_CHECKS): a restarted database is found again.
"""

from typing import Any

from celery import Celery, Task
from celery.signals import task_prerun

FOREVER = 2**31


def install(app: Celery) -> None:
    app.conf.CELERY_DB_REUSE_MAX = FOREVER
    task_prerun.connect(_look_at_connections, dispatch_uid="tenure.connections")


def _look_at_connections(sender: Task, **_: Any) -> None:
    from django.db import close_old_connections

    if not sender.request.is_eager:
        close_old_connections()
