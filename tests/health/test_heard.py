"""Apps that listen to usage: they hear what they wait for, as it is stored, and can ask what was stored before."""

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest
from django.utils import timezone
from model_bakery import baker

from accounts.models import Account
from accounts.registry import UsageEvent, UsageListener, usage_histories, usage_listeners
from health.domain.ingest import Event, ingest_batch, ingest_usage

pytestmark = pytest.mark.django_db
AT = timezone.now().replace(microsecond=0) - timedelta(hours=2)


@pytest.fixture
def heard() -> Iterator[list[UsageEvent]]:
    events: list[UsageEvent] = []

    def handle(rows: Sequence[UsageEvent]) -> None:
        events.extend(rows)

    usage_listeners.add(UsageListener("test", lambda: {"project_created"}, handle))
    yield events
    del usage_listeners.items["test"]


def event(event_id: str, action: str = "project_created", **more) -> Event:
    return Event(event_id=event_id, account="acme", action=action, occurred_at=AT, **more)


def test_what_is_waited_for_is_heard_once_and_as_it_was_stored(heard: list[UsageEvent]) -> None:
    acme = baker.make(Account, external_id="acme")
    ingest_usage([event("e1", user="kim@acme.example"), event("e2", "login")])
    ingest_usage([event("e1", user="kim@acme.example")])  # resent
    ingest_usage([event("e2"), event("e3", "login")])  # an id that was something else
    assert heard == [UsageEvent(acme.pk, "project_created", "e1", AT, "kim@acme.example")]


def test_a_program_s_batch_is_heard_the_same(heard: list[UsageEvent]) -> None:
    acme = baker.make(Account, external_id="acme")
    told = {"event_id": 'é "1"', "account": "acme", "action": "project_created", "occurred_at": AT.isoformat()}
    ingest_batch(json.dumps({"events": [told, {**told, "account": "nobody"}]}).encode())
    assert heard == [UsageEvent(acme.pk, "project_created", 'é "1"', AT, "")]


def test_what_was_stored_before_can_be_asked_for() -> None:
    acme, other = baker.make(Account, external_id="acme"), baker.make(Account, external_id="other")
    ingest_usage([event("e1"), event("e2", "login"), event("e3")])
    load = usage_histories["usage"].load
    found = load([(acme.pk, "project_created"), (acme.pk, "never"), (other.pk, "project_created")])
    assert sorted(found) == [
        UsageEvent(acme.pk, "project_created", "e1", AT, ""),
        UsageEvent(acme.pk, "project_created", "e3", AT, ""),
    ]
    assert load([]) == []
