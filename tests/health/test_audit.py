"""What admins decide about health is kept beside what they decide about customers."""

import pytest
from django.db import connection
from model_bakery import baker

from accounts.domain.audit import reading
from accounts.domain.audit.who import acting, of_user
from accounts.models import Plan, Segment
from health.models import Action, ScoreModel, ScoreModelVersion, Survey, UsageTarget

pytestmark = pytest.mark.django_db


def told() -> list[tuple]:
    rows = reading.page(reading.Asked()).rows
    return [(r.what, r.name, [(line.label, line.before, line.after) for line in r.lines]) for r in reversed(rows)]


def test_weights_impacts_targets_and_surveys_are_kept_also_when_many_change(alice):
    segment = Segment.objects.create(key="big", name="Big")
    actions = [baker.make(Action, key=f"a{n}", name=f"A{n}", impact=1) for n in range(2)]
    target = UsageTarget.objects.create(segment=segment, points_per_seat=10)
    model = ScoreModel.objects.create(segment=segment)
    version = ScoreModelVersion.objects.create(
        model=model, number=1, indicators=["usage"], weights=[100], thresholds={"red": 39, "cap": 59}
    )
    survey = baker.make(Survey, slug="asked", name="NPS", recontact_days=90)
    with connection.cursor() as cursor:
        cursor.execute("truncate accounts_auditentry")

    with acting(lambda: of_user(alice)):
        Action.objects.filter(pk__in=[a.pk for a in actions]).update(impact=5)
        UsageTarget.objects.filter(pk=target.pk).update(points_per_seat=20)
        version.weights, version.indicators, version.thresholds = [60, 40], ["usage", "nps"], {"red": 29, "cap": 59}
        version.save()
        ScoreModel.objects.filter(pk=model.pk).update(current=version)
        Survey.objects.filter(pk=survey.pk).update(recontact_days=120)

    assert told() == [
        ("Action", "A0", [("Impact", "1", "5")]),
        ("Action", "A1", [("Impact", "1", "5")]),
        ("Usage target", "Big: 20", [("Points per seat", "10", "20")]),
        (
            "Version of a score model",
            "Big v1",
            [
                ("Indicators", "usage", "usage; nps"),
                ("Weights", "100", "60; 40"),
                ("Thresholds", "red: 39", "red: 29"),
            ],
        ),
        ("Score model", "Big", [("Version", "–", "Big v1")]),
        ("Survey", "NPS", [("Days between two surveys", "90", "120")]),
    ]
    assert {row.who for row in reading.page(reading.Asked()).rows} == {alice.name}


def test_plans_of_an_action_and_segments_of_a_survey_are_kept(alice):
    action, survey = baker.make(Action, key="a", name="Export"), baker.make(Survey, slug="asked", name="Spring")
    plan, segment = Plan.objects.create(key="pro", name="Pro"), Segment.objects.create(key="big", name="Big")
    with connection.cursor() as cursor:
        cursor.execute("truncate accounts_auditentry")

    with acting(lambda: of_user(alice)):
        action.plans.add(plan)
        survey.segments.add(segment)
        survey.segments.clear()

    assert told() == [
        ("Plan of an action", "Export", [("Action", "–", "Export"), ("Plan", "–", "Pro")]),
        ("Segment of a survey", "Spring", [("Survey", "–", "Spring"), ("Segment", "–", "Big")]),
        ("Segment of a survey", "Spring", [("Survey", "Spring", "–"), ("Segment", "Big", "–")]),
    ]
