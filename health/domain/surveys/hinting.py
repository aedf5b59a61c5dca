"""Wakes a worker when invites wait. Only a hint: the timetable looks every minute."""

from contextlib import suppress

from celery import current_app
from django.db import connection, transaction


def announce() -> None:
    if not any(hook[1] is _send for hook in connection.run_on_commit):
        transaction.on_commit(_send, robust=True)


def _send() -> None:
    with suppress(Exception):
        current_app.send_task("health.tasks.send_surveys")
