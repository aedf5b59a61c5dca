"""Numbers for Prometheus: requests as they go by, and the state of queue and work when asked."""

import os
from collections.abc import Iterator

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from redis import RedisError

from accounts.enums import DeliveryStatus, MailStatus
from accounts.models import Activity, Delivery, FollowUp, Mail
from config import queue

REQUESTS = Counter("tenure_requests", "Requests answered.", ["method", "view", "status"])
SECONDS = Histogram("tenure_request_seconds", "Time to answer.", ["view"])
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


def count_request(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    """By view name and known method, never by path: a stranger must not be able to make new labels."""
    match = request.resolver_match
    view = (match.view_name if match else "") or "unknown"
    method = request.method if request.method in METHODS else "other"
    REQUESTS.labels(method, view, response.status_code).inc()
    SECONDS.labels(view).observe(seconds)


def gauges() -> dict[str, tuple[str, float]]:
    length, age = queue.waiting()
    heartbeat = queue.heartbeat_age()
    open_follow_ups = FollowUp.objects.open()
    return {
        "queue_messages": ("Tasks waiting for a worker.", length),
        "queue_age_seconds": ("How long the oldest task has waited.", age),
        "worker_silent_seconds": (
            "Since a worker was last heard of.",
            float("inf") if heartbeat is None else heartbeat,
        ),
        "activities_waiting": (
            "Activities not yet dispatched.",
            Activity.objects.filter(dispatched_at=None).count(),
        ),
        "deliveries_parked": (
            "Deliveries given up on.",
            Delivery.objects.filter(status=DeliveryStatus.PARKED).count(),
        ),
        "mails_waiting": (
            "Mails written and not yet sent.",
            Mail.objects.filter(status__in=[MailStatus.QUEUED, MailStatus.FAILED]).count(),
        ),
        "follow_ups_open": ("Follow-ups to do or snoozed.", open_follow_ups.count()),
        "follow_ups_overdue": (
            "Open follow-ups past their due time.",
            open_follow_ups.filter(due_at__lt=timezone.now()).count(),
        ),
    }


class WorkCollector(Collector):
    """Asked at each scrape, so that no process has to keep these numbers."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            values = gauges()
        except (DatabaseError, RedisError):  # then the requests' numbers are wanted most of all
            values = {}
        values["work_readable"] = ("Whether database and broker answered this scrape.", bool(values))
        for name, (text, value) in values.items():
            yield GaugeMetricFamily(f"tenure_{name}", text, value=value)


def exposition() -> tuple[bytes, str]:
    """With several web processes, PROMETHEUS_MULTIPROC_DIR names the folder where their counters meet."""
    work = CollectorRegistry()
    work.register(WorkCollector())
    requests = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        requests = CollectorRegistry()
        MultiProcessCollector(requests)
    return generate_latest(requests) + generate_latest(work), CONTENT_TYPE_LATEST
