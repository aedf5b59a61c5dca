"""Many at once: the database holds that a checklist is one, and that a step is done and opens once. Real connections."""

from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Activity
from health.domain.ingest import Event, ingest_usage
from onboarding.domain.checklists import start, start_new, sweep_checklists, tick
from onboarding.models import Checklist
from tests.accounts.test_dispatch_races import at_once, kinds_of
from tests.onboarding.checklists import make_account, make_version, states, step

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 6


def told() -> Counter:
    return Counter(Activity.objects.filter(kind__startswith="checklist.").values_list("kind", flat=True))


def test_started_by_many_at_once_it_is_one():
    acme, version = make_account(), make_version()

    answers = at_once(lambda n: start(acme, version, by=None) if n % 2 else start_new([acme.pk]), MANY)

    assert Checklist.objects.filter(status="running").count() == 1
    assert kinds_of(answers)["Conflict"] in {2, 3}
    assert told() == {"checklist.started": 1}


def test_done_by_many_at_once_it_is_done_and_opens_once():
    checklist = start(make_account(), make_version(), by=None)
    first = step(checklist, "kickoff")
    events = [
        Event(event_id="e", account="acme", action="file_imported", occurred_at=timezone.now() - timedelta(hours=1))
    ]

    answers = at_once(lambda n: tick(first, by=None) if n % 2 else ingest_usage(events), MANY)

    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert states(checklist) == {"kickoff": "done", "import": "done", "invite": "open", "report": "open"}
    assert told() == {"checklist.started": 1, "checklist.step_done": 2}


def test_swept_by_many_at_once_it_is_told_once():
    checklist = start(make_account(), make_version(), by=None)
    long_ago = timezone.now() - timedelta(days=20)
    Checklist.objects.filter(pk=checklist.pk).update(
        anchor=long_ago.date(), last_progress_at=long_ago, attention_at=long_ago
    )

    at_once(lambda _n: sweep_checklists(), MANY)

    assert told() == {"checklist.started": 1, "checklist.behind": 1, "checklist.stuck": 1}
