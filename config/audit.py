"""Whoever writes is named to the audit: the reader of a page, the program behind a token, a command."""

from collections.abc import Callable, Sequence
from pathlib import PurePath
from typing import Any

from celery import Task
from django.http import HttpRequest, HttpResponse

from accounts.domain.audit.who import acting, of_user
from accounts.models import ApiToken

READING = {"GET", "HEAD", "OPTIONS"}


class AuditMiddleware:
    """Pages that only read are not touched; the others pay for it only where they write something audited."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in READING:
            return self.get_response(request)
        with acting(lambda: _who(request)):
            return self.get_response(request)


def _who(request: HttpRequest) -> dict[str, Any]:
    """Asked when it is written, not before: programs are known only once the API has looked at their token."""
    token = getattr(request, "auth", None)
    if isinstance(token, ApiToken):
        return {"actor": f"API: {token.name}"}
    user = getattr(request, "user", None)
    return of_user(user) if user and user.is_authenticated and user.pk else {}


class AuditedTask(Task):
    """What a worker changes is told with the task that did it."""

    abstract = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with acting(lambda: {"actor": f"task {self.name.rpartition('.')[2]}"}):
            return super().__call__(*args, **kwargs)


def name_the_command(arguments: Sequence[str]) -> None:
    """To the end of the process: a management command is what changes something, by its name."""
    if PurePath(arguments[0]).name == "manage.py" and len(arguments) > 1:
        acting(lambda: {"actor": f"manage.py {arguments[1]}"}).__enter__()
