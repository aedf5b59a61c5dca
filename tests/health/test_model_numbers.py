"""Bands, windows, validities, severities and billing steps belong to a version: published together with the weights."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from accounts.exceptions import DomainError
from accounts.models import Segment
from health.domain import models, recompute
from health.domain.scoring import Model, score_readings
from health.models import Score, ScoreModel, ScoreModelVersion
from tests.health import factories as f

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
TODAY = NOW.date()
WEIGHTS = {"usage": 40, "nps": 10, "support": 20, "billing": 30}
NUMBERS = {
    "red": 30,
    "yellow": 60,
    "green": 90,
    "cap": 20,
    "known": 40,
    "usage_days": 14,
    "support_days": 60,
    "severity": {"low": 0, "normal": 5, "high": 10, "urgent": 50},
    "billing": [(3, 80), (10, 20)],
}


def model() -> ScoreModel:
    return ScoreModel.objects.select_related("current").get(segment=None)


def publish(**numbers) -> ScoreModelVersion:
    return models.publish_weights(model(), WEIGHTS, by=None, based_on=model().current.number, numbers=numbers)


@pytest.mark.parametrize(
    ("numbers", "wrong"),
    [
        ({"red": 70}, {"yellow": ["More than red ends with."]}),
        ({"green": 70}, {"green": ["More than yellow ends with."]}),
        ({"red": 0}, {"red": ["A whole number from 1 to 147."]}),
        ({"known": 101}, {"known": ["A whole number from 1 to 100."]}),
        ({"usage_days": 400}, {"usage_days": ["A whole number from 7 to 90."]}),
        ({"pulse_days": True}, {"pulse_days": ["A whole number from 1 to 365."]}),
        ({"ttv_target_days": 20}, {"ttv_zero_days": ["Later than the target."]}),
        (
            {"severity": {"low": 10, "normal": 25, "high": 40, "urgent": 101}},
            {"severity_urgent": ["A whole number from 0 to 100."]},
        ),
        (
            {"severity": {"low": 10, "normal": 25, "high": 40, "urgent": 30}},
            {"severity_urgent": ["What is more severe weighs no less."]},
        ),
        ({"billing": []}, {"billing": ["Give one to 5 steps."]}),
        ({"billing": [(1, None)]}, {"billing": ["Days from 1 to 365, values from 0 to 99."]}),
        ({"billing": [(15, 60), (1, 30)]}, {"billing": ["Each step is later than the one before, and worth less."]}),
        ({"billing": [(1, 30), (15, 60)]}, {"billing": ["Each step is later than the one before, and worth less."]}),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_published(numbers, wrong) -> None:
    with pytest.raises(DomainError) as refused:
        publish(**numbers)
    assert refused.value.errors == wrong
    assert model().current.number == 1


def test_scores_follow_the_new_numbers_in_sql_as_in_the_plain_rule(time_machine) -> None:
    time_machine.move_to(NOW, tick=False)
    f.all_received()
    f.set_target(10)
    account = f.make_account(seats=1)
    for days_ago, points in ((2, 3), (20, 6)):
        f.use(account, points, on=TODAY - timedelta(days=days_ago))
    for days_ago, severity in ((5, "low"), (45, "normal"), (50, "urgent")):
        f.ticket(account, on=TODAY - timedelta(days=days_ago), severity=severity)
    f.invoice(account, due=TODAY - timedelta(days=4))
    recompute.score_accounts([account.pk])
    before = Score.objects.get(account=account)
    assert (before.values[0], before.values[2:]) == (90_000, [90_000, 60_000])
    version = publish(**NUMBERS)
    recompute.score_accounts([account.pk])
    after = Score.objects.get(account=account)
    assert (after.version, after.values[0], after.values[2:]) == (version, 30_000, [45_000, 80_000])
    expected = score_readings(f.stored_readings(account), TODAY, Model(version.weight_of, *models.numbers_of(version)))
    assert (after.score, after.band, after.capped_by) == (expected.score, expected.band, expected.capped_by)


def test_what_is_not_given_stays_and_a_segments_model_begins_with_the_same(alice) -> None:
    publish(red=30)
    later = publish(known=60)
    assert (later.thresholds["red"], later.thresholds["known"], later.parameters["usage_days"]) == (30, 60, 28)
    own = models.create_segment_model(Segment.objects.create(key="big", name="Big"), by=alice)
    assert ScoreModelVersion.objects.get(model=own).thresholds == later.thresholds


def fields(html: str) -> dict[str, str]:
    found = re.findall(r"<input[^>]*>", html)
    names = [(re.search(r' name="([^"]+)"', tag), re.search(r' value="([^"]*)"', tag)) for tag in found]
    return {name[1]: value[1] if value else "" for name, value in names if name}


def test_the_page_publishes_them_with_the_weights(signed_in, alice) -> None:
    browser, address = signed_in(alice), reverse("health:model", args=[model().pk])
    form = fields(browser.get(address).content.decode())
    assert (form["red"], form["severity_urgent"], form["billing_days_2"], form["billing_value_4"]) == (
        "40",
        "60",
        "15",
        "",
    )
    typed = {"red": "35", "nps_days": "90", "severity_urgent": "70", "billing_days_4": "60", "billing_value_3": "10"}
    response = browser.post(address, form | typed | {"billing_value_4": "0"})
    assert response.status_code == 302
    stored = model().current
    assert (stored.number, stored.thresholds["red"], stored.parameters["nps_days"]) == (2, 35, 90)
    assert stored.parameters["severity"]["urgent"] == 70
    assert stored.parameters["billing"] == [[1, 60], [15, 30], [31, 10], [60, 0]]


def test_what_the_page_refuses_comes_back_beside_its_field(signed_in, alice) -> None:
    browser, address = signed_in(alice), reverse("health:model", args=[model().pk])
    form = fields(browser.get(address).content.decode())
    response = browser.post(address, form | {"yellow": "20", "billing_value_1": "20"})
    html = response.content.decode()
    assert response.status_code == 422
    assert "More than red ends with." in html
    assert "Each step is later than the one before, and worth less." in html
    assert (fields(html)["yellow"], model().current.number) == ("20", 1)
    assert browser.post(address, form | {"cap": "much"}).status_code == 422
