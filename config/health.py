"""/healthz, /readyz, /metrics: what machines ask. Answered by HealthMiddleware, before sessions."""

from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare

from config import metrics, queue

WORKER_SILENT_SECONDS = 30
QUEUE_OLD_SECONDS = 300
OK, DOWN = "ok", "down"


def healthz(request: HttpRequest) -> HttpResponse:
    """The process is up. Touches nothing else: a database that is away is no reason to restart us."""
    return HttpResponse(OK, content_type="text/plain")


def readyz(request: HttpRequest) -> HttpResponse:
    """Whether work gets done here. One word per part: enough to find the culprit, nothing to learn from."""
    parts = {name: part_state(check) for name, check in CHECKS.items()}
    ready = all(state == OK for state in parts.values())
    return JsonResponse({"ready": ready, **parts}, status=200 if ready else 503)


def part_state(check: Callable[[], str]) -> str:
    try:
        return check()
    except Exception:
        return DOWN


def database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("select 1")
    return OK


def broker() -> str:
    with queue.broker() as client:
        client.ping()
    return OK


def worker() -> str:
    age = queue.heartbeat_age()
    return OK if age is not None and age < WORKER_SILENT_SECONDS else "silent"


def oldest_message() -> str:
    _length, age = queue.waiting()
    return OK if age < QUEUE_OLD_SECONDS else "behind"


CHECKS = {"database": database, "broker": broker, "worker": worker, "queue": oldest_message}


def show_metrics(request: HttpRequest) -> HttpResponse:
    if not may_read_metrics(request):
        return HttpResponse(status=404)
    body, content_type = metrics.exposition()
    return HttpResponse(body, content_type=content_type)


def may_read_metrics(request: HttpRequest) -> bool:
    """With METRICS_TOKEN set, whoever has it. Without: a scraper of our own network that comes directly,
    not through the proxy that strangers come through."""
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "")
        return constant_time_compare(given, f"Bearer {settings.METRICS_TOKEN}")
    if {"X-Forwarded-For", "X-Real-Ip", "Forwarded", "Via"} & set(request.headers):
        return False
    with suppress(ValueError):
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_private
    return False


ADDRESSES: dict[str, Callable[[HttpRequest], HttpResponse]] = {
    "/healthz": healthz,
    "/readyz": readyz,
    "/metrics": show_metrics,
}
