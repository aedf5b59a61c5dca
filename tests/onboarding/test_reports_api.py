"""GET /metrics/onboarding."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Segment
from tests.accounts.api.conftest import program, reader
from tests.onboarding.board import make_account, make_person, make_session, make_version, start

__all__ = ["program", "reader"]
pytestmark = pytest.mark.django_db
PATH = "/api/v1/metrics/onboarding"


@pytest.fixture
def version():
    return make_version()


def test_the_figures_of_a_period(reader, version, chloe):
    now = timezone.now()
    large = Segment.objects.create(key="large", name="Large")
    account = make_account(segment=large)
    start(
        account,
        version,
        done=4,
        started=now - timedelta(days=10),
        activated_at=now - timedelta(days=9),
        status="finished",
    )
    start(make_account("Beta"), version, done=1, started=now - timedelta(days=10))
    start(make_account("Old"), version, started=now - timedelta(days=400))
    make_session(chloe, now - timedelta(days=9), make_person(account), seat="attended", friction=["import"])

    told = reader.get(PATH, {"by": "segment"}).json()

    assert (told["started"], told["activated"], told["finished"], told["engagement"]) == (2, 1, 1, 62.5)
    assert (told["activation_rate"]["value"], told["activation_rate"]["n"], told["activation_rate"]["too_few"]) == (
        0.5,
        2,
        True,
    )
    assert told["time_to_value"] == {
        "activated": 1, "waiting": 1, "median_hours_of_activated": 24.0, "kaplan_meier_median_hours": 24.0,
    }  # fmt: skip
    assert told["engagement_by_tenths"] == [0, 0, 1, 0, 0, 0, 0, 0, 0, 1]
    assert (told["template"], [(step["key"], step["done"], step["here"]) for step in told["steps"]]) == (
        "starter",
        [("kick-off", 2, 0), ("import", 1, 1), ("first-report", 1, 0), ("invite", 1, 0)],
    )
    assert (told["seats"]["attended"], told["friction"]) == (1, [{"tag": "import", "sessions": 1, "accounts": 1}])
    assert told["colleagues"]["k"] is None
    assert [(one["compared"], one["yes"], one["no"]) for one in told["comparisons"]] == [
        ("finished", 1, 1),
        ("attended", 1, 1),
    ]
    assert [row["figure"] for row in told["comparisons"][0]["figures"]] == ["retention", "usage", "nps", "mrr", "ltv"]
    assert {(group["key"], group["name"], group["started"]) for group in told["groups"]} == {
        ("large", "Large", 1),
        (None, "", 1),
    }
    assert told["by"] == "segment"


@pytest.mark.parametrize("by", ["segment", "touch_model", "template", "csm"])
def test_by_each_in_as_many_queries(reader, version, by, chloe):
    start(make_account(csm=chloe, touch_model="high"), version)

    [group] = reader.get(PATH, {"by": by}).json()["groups"]

    assert group["key"] == {"segment": None, "touch_model": "high", "template": "starter", "csm": chloe.email}[by]


def test_of_no_days_nothing_is_told_and_nothing_breaks(reader):
    told = reader.get(PATH, {"from": "2001-01-01", "to": "2001-02-01"}).json()

    assert (told["from"], told["to"], told["started"], told["activation_rate"]["value"]) == (
        "2001-01-01",
        "2001-02-01",
        0,
        None,
    )
    assert (told["groups"], told["steps"], told["template"]) == ([], [], None)


@pytest.mark.parametrize(
    "asked", ["from=soon", "by=weather", "odd=1", "from=2026-03-01&to=2026-03-01", "to=0001-01-01", "from=", "cursor=x"]
)
def test_what_makes_no_sense_is_refused(reader, asked):
    answer = reader.get(f"{PATH}?{asked}")

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


def test_only_programs_that_may_read(client, program):
    assert client.get(PATH).status_code == 401
    assert program("ingest").get(PATH).status_code == 403
