"""/healthz, /readyz, /metrics: what machines ask, and what strangers learn from it."""

import time

import pytest
from django.core.cache import cache

from config import queue as task_queue
from config.celery import app
from config.queue import HEARTBEAT, beat

ALL_WELL = {"ready": True, "database": "ok", "broker": "ok", "worker": "ok", "queue": "ok"}


@pytest.fixture
def emptied():
    """The real broker's queue, empty before and after, and ours alone: suites run side by side share one Valkey."""
    with task_queue.broker() as client, client.lock("tests:queue", timeout=60):
        client.delete("celery")
        yield client
        client.delete("celery")


@pytest.fixture
def living_worker():
    cache.set(HEARTBEAT, time.time())


def publish(client, seconds_ago):
    headers = {"task": "x", task_queue.PUBLISHED_AT: time.time() - seconds_ago}
    client.lpush("celery", task_queue.json.dumps({"headers": headers, "body": ""}))


def test_healthz_touches_nothing(client):
    # Without the db mark, a query would fail this test by itself.
    response = client.get("/healthz")
    assert (response.status_code, response.text, response.cookies) == (200, "ok", {})


@pytest.mark.django_db
def test_readyz_when_all_is_well(client, emptied, living_worker):
    publish(emptied, seconds_ago=5)
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (200, ALL_WELL)
    assert not response.cookies


@pytest.mark.django_db
@pytest.mark.parametrize(("age", "state"), [(None, "silent"), (31, "silent"), (29, "ok")])
def test_readyz_misses_a_silent_worker(client, emptied, age, state):
    if age is not None:
        cache.set(HEARTBEAT, time.time() - age)
    response = client.get("/readyz")
    expected = {**ALL_WELL, "worker": state, "ready": state == "ok"}
    assert (response.status_code, response.json()) == (200 if state == "ok" else 503, expected)


@pytest.mark.django_db
def test_readyz_sees_tasks_that_wait_too_long(client, emptied, living_worker):
    publish(emptied, seconds_ago=301)
    publish(emptied, seconds_ago=1)
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (503, {**ALL_WELL, "ready": False, "queue": "behind"})


@pytest.mark.django_db
def test_readyz_names_a_broker_that_is_away(client, settings, living_worker):
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    response = client.get("/readyz")
    expected = {**ALL_WELL, "ready": False, "broker": "down", "queue": "down"}
    assert (response.status_code, response.json()) == (503, expected)


def test_readyz_names_a_database_that_is_away(client, emptied, living_worker):
    # Not marked for the database: here pytest-django refuses every query, as a dead server would.
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (503, {**ALL_WELL, "ready": False, "database": "down"})


def test_a_worker_beats_every_few_seconds_not_at_every_tick():
    task_queue._last_beat = 0.0
    beat()
    first = cache.get(HEARTBEAT)
    beat()
    assert (time.time() - first < 60, cache.get(HEARTBEAT)) == (True, first)


def test_messages_carry_their_time(queue):
    app.send_task("tests.nothing")
    [raw] = queue._waiting()
    assert time.time() - raw["headers"][task_queue.PUBLISHED_AT] < 60


@pytest.mark.django_db
def test_metrics_count_requests_by_view_and_tell_how_work_goes(client, emptied, living_worker):
    publish(emptied, seconds_ago=60)
    client.get("/no-such-page-with-a-secret/")
    text = client.get("/metrics").text
    assert 'tenure_requests_total{method="GET",status="404",view="unknown"}' in text
    assert "secret" not in text
    numbers = dict(line.rsplit(" ", 1) for line in text.splitlines() if line.startswith("tenure_queue"))
    assert numbers["tenure_queue_messages"] == "1.0"
    assert 60 <= float(numbers["tenure_queue_age_seconds"]) < 70
    assert "tenure_work_readable 1.0" in text


@pytest.mark.django_db
def test_metrics_without_a_broker_still_tell_about_requests(client, settings):
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    response = client.get("/metrics")
    assert (response.status_code, "tenure_work_readable 0.0" in response.text) == (200, True)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("token", "asked", "status"),
    [
        ("", {"REMOTE_ADDR": "10.1.2.3"}, 200),
        ("", {"REMOTE_ADDR": "8.8.8.8"}, 404),
        ("", {"REMOTE_ADDR": ""}, 404),
        ("", {"HTTP_X_FORWARDED_FOR": "10.1.2.3"}, 404),
        ("s3cret", {"HTTP_AUTHORIZATION": "Bearer s3cret", "REMOTE_ADDR": "8.8.8.8"}, 200),
        ("s3cret", {"HTTP_AUTHORIZATION": "Bearer other"}, 404),
        ("s3cret", {}, 404),
    ],
)
def test_metrics_are_not_for_strangers(client, settings, token, asked, status):
    settings.METRICS_TOKEN = token
    assert client.get("/metrics", **asked).status_code == status


def test_probes_need_no_tls_and_no_listed_host(client, settings):
    settings.SECURE_SSL_REDIRECT = True
    settings.ALLOWED_HOSTS = ["tenure.example"]
    assert client.get("/healthz", headers={"Host": "10.0.0.7:8000"}).status_code == 200
