"""Answers from programs, and the figures over the API."""

from datetime import timedelta

import pytest
from model_bakery import baker

from accounts.models import Activity, FollowUp
from health.models import Answer, FirstReading
from tests.accounts.api.conftest import program, writer
from tests.health.factories import make_account
from tests.health.surveys.rows import NOON, make_answer, make_contact, make_survey

__all__ = ["program", "writer"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def survey(time_machine):
    time_machine.move_to(NOON, tick=False)
    return make_survey(slug="in-app")


def send(writer, *answers, slug="in-app"):
    return writer.post(f"/api/v1/surveys/{slug}/answers", {"answers": list(answers)})


def test_answers_given_elsewhere_come_in_once_and_are_told(writer, survey, queue):
    ann = make_contact(make_account(external_id="acme"), name="Ann", email="Ann@Acme.example")
    first = {"external_id": "r1", "account": "acme", "email": "ann@acme.EXAMPLE", "score": 2, "comment": "Slow"}
    old = {"external_id": "r2", "account": "acme", "score": 1, "answered_at": "2026-02-20T12:00:00Z"}

    assert send(writer, first, old).json() == {"accepted": 2, "duplicates": 0, "rejected": []}
    assert send(writer, first, old).json() == {"accepted": 0, "duplicates": 2, "rejected": []}

    answer = Answer.objects.get(external_id="r1")
    assert (answer.contact, answer.survey, answer.kind, answer.source, answer.answered_at) == (
        ann, survey, "nps", "in-app", NOON,
    )  # fmt: skip
    queue.drain()
    assert Activity.objects.filter(kind="nps.answered").count() == 2
    assert FollowUp.objects.get().due_at == NOON + timedelta(hours=24)
    assert FirstReading.objects.get(kind="answer").first_on.isoformat() == "2026-02-20"


def test_who_changes_sides_elsewhere_is_told_again(writer, survey, queue):
    make_account(external_id="acme")
    for score in (9, 10, 3):
        send(writer, {"external_id": "r1", "account": "acme", "score": score, "answered_at": "2026-03-04T11:00:00Z"})
    queue.drain()

    told = Activity.objects.filter(kind="nps.answered").order_by("pk").values_list("data__score", flat=True)
    assert (list(told), Answer.objects.get().score) == ([9, 3], 3)
    assert set(FollowUp.objects.values_list("kind", flat=True)) == {"promoter", "detractor"}


def test_whose_answer_it_is_may_be_unknown(writer, survey, queue):
    make_account(external_id="acme", name="Acme")
    send(writer, {"external_id": "r1", "account": "acme", "score": 2})
    queue.drain()
    assert FollowUp.objects.get().title == "Call Somebody of Acme: 2 of 10"


def test_bad_ones_come_back_by_their_place(writer, survey):
    make_account(external_id="acme")
    given = {"external_id": "r", "account": "acme", "score": 9}
    bad = [
        given | {"score": 11}, given | {"score": "9"}, given | {"score": 9.5}, given | {"score": None},
        given | {"account": "nobody"}, given | {"answered_at": "2027-01-01T00:00:00Z"}, given | {"odd": 1}, 7,
    ]  # fmt: skip
    told = send(writer, *bad, given).json()

    assert (told["accepted"], [(r["index"], sorted(r["errors"])) for r in told["rejected"]]) == (
        1,
        [
            (0, ["score"]),
            (1, ["score"]),
            (2, ["score"]),
            (3, ["score"]),
            (4, ["account"]),
            (5, ["answered_at"]),
            (6, ["odd"]),
            (7, ["non_field_errors"]),
        ],
    )
    assert send(writer, given, slug="nothing").status_code == 404
    assert writer.post("/api/v1/surveys/in-app/answers", {"answers": 3}).status_code == 422
    assert send(writer, *[given] * 1001).status_code == 413


def test_reasons_for_leaving_and_satisfaction_have_their_own_shapes(writer, survey):
    make_account(external_id="acme")
    make_survey(slug="bye", kind="churn"), make_survey(slug="csat", kind="csat")
    assert send(writer, {"external_id": "b", "account": "acme", "reason": "price"}, slug="bye").json()["accepted"] == 1
    assert send(writer, {"external_id": "c", "account": "acme", "score": 5}, slug="csat").json()["accepted"] == 1
    assert len(send(writer, {"external_id": "d", "account": "acme", "score": 0}, slug="csat").json()["rejected"]) == 1
    assert len(send(writer, {"external_id": "e", "account": "acme"}, slug="bye").json()["rejected"]) == 1
    assert set(Answer.objects.values_list("kind", "score", "reason")) == {("churn", None, "price"), ("csat", 5, "")}


def test_the_figures_of_a_period(writer, survey):
    mid = baker.make("accounts.Segment", key="mid", name="Mid-market")
    for score in (10, 9, 3):
        make_answer(make_contact(make_account(segment=mid, mrr=10)), score)
    told = writer.get("/api/v1/metrics/nps?from=2026-03-01&to=2026-03-15&by=segment").json()

    assert (told["from"], told["to"], told["n"], told["display"], told["too_few"]) == (
        "2026-03-01",
        "2026-03-15",
        3,
        33,
        True,
    )
    assert told["views"] == {
        "respondent": pytest.approx(100 / 3),
        "account": pytest.approx(100 / 3),
        "revenue": pytest.approx(100 / 3),
        "accounts": 3,
    }
    assert [(group["key"], group["name"], group["n"]) for group in told["groups"]] == [("mid", "Mid-market", 3)]
    assert (told["change"]["delta"], told["previous"]["nps"], told["response"]["response_rate"]) == (None, None, None)
    assert [month["month"] for month in told["months"]][-1] == "2026-03-01"
    assert writer.get("/api/v1/metrics/nps").json()["n"] == 3


@pytest.mark.parametrize(
    "asked",
    [
        "from=2026-03-01&to=2026-03-01",
        "from=2026-04-01&to=2026-03-01",
        "to=0001-01-05",
        "from=9999-12-01&to=9999-12-31",
        "from=2000-01-01&to=2026-01-01",
    ],
)
def test_what_makes_no_period_is_refused(writer, survey, asked):
    answer = writer.get(f"/api/v1/metrics/nps?{asked}")
    assert (answer.status_code, "from" in answer.json()["errors"]) == (422, True)


@pytest.mark.parametrize("asked", ["from=soon", "by=weather", "odd=1"])
def test_what_is_no_parameter_is_refused(writer, survey, asked):
    assert writer.get(f"/api/v1/metrics/nps?{asked}").status_code == 422
