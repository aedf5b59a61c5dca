"""An admin sets when something is told about health, when the breaker trips, how long answers can be changed."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.domain import rules
from accounts.exceptions import Conflict
from accounts.models import Activity
from health.domain import breaker, recompute
from health.domain.surveys import answering, figures
from health.forms.campaigns import NewSurveyForm
from health.models import FrozenIndicator, RecomputeRun
from tests.health import factories as f
from tests.health.surveys.rows import make_invite

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
TODAY = NOW.date()


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOW, tick=False)
    f.all_received()
    f.set_target(10)


def told(account) -> list[str]:
    recompute.score_accounts([account.pk])
    kinds = Activity.objects.filter(account=account).order_by("pk").values_list("kind", flat=True)
    return [kind for kind in kinds if kind != "health.band_changed"]


def test_signals_come_earlier_or_later() -> None:
    account = f.make_account()
    f.invoice(account, due=TODAY - timedelta(days=10))
    f.use(account, 100, on=TODAY - timedelta(days=40))
    f.use(account, 70, on=TODAY - timedelta(days=2))
    for theme in ("export", "export", "login", "speed"):
        f.ticket(account, on=TODAY, theme=theme)
    assert told(account) == []
    rules.change({"notices.overdue_days": 10})
    assert told(account) == ["invoice.overdue"]
    rules.change({"notices.drop_percent": 30})
    assert told(account) == ["invoice.overdue", "usage.dropped"]
    rules.change({"notices.theme_percent": 50})
    assert told(account) == ["invoice.overdue", "usage.dropped", "support.red_theme"]
    rules.change({"notices.overdue_days": 11})
    assert told(account)[3:] == ["invoice.settled"]


def test_the_breaker_trips_where_the_rules_say(alice) -> None:
    f.make_account()
    run = RecomputeRun.objects.create(started_at=NOW)
    run.shards.create(low=0, high=1000, moves={"usage": [100, 30, 0], "nps": [100, 0, 19]})
    assert breaker.check(run) == []
    rules.change({"breaker.percent": 15, "breaker.accounts": 25})
    breaker.check(run)
    assert list(FrozenIndicator.objects.values_list("indicator", "moved")) == [("usage", 30)]


def test_what_counts_as_a_move_is_a_rule(time_machine) -> None:
    account = f.make_account(seats=1)
    f.use(account, 9, on=TODAY - timedelta(days=2))
    recompute.score_accounts([account.pk])
    time_machine.move_to(NOW + timedelta(days=1), tick=False)
    f.use(account, 1, on=TODAY - timedelta(days=3))

    rules.change({"breaker.points": 9})
    assert recompute.score_range(account.pk, account.pk + 1).moves["usage"] == [1, 1, 0]


def test_answers_can_be_changed_for_as_long_as_the_rules_say() -> None:
    invite = make_invite()
    answering.submit(invite, 3, at=NOW)
    rules.change({"surveys.edit_days": 2, "surveys.provisional_hours": 3})
    assert answering.submit(invite, 4, at=NOW + timedelta(days=1, hours=23))[1] == 200
    with pytest.raises(Conflict, match="for 2 days"):
        answering.submit(invite, 5, at=NOW + timedelta(days=2))
    other = make_invite()
    answering.opened(other, score=9, at=NOW)
    answer = answering.beacon(other, 9, at=NOW + timedelta(seconds=5))
    assert answer.provisional_until == NOW + timedelta(hours=3, seconds=5)


def test_how_many_answers_are_enough_and_what_new_surveys_begin_with() -> None:
    assert figures.nps(10, 0, 0).too_few
    rules.change({"surveys.enough": 10, "surveys.recontact_days": 120})
    assert not figures.nps(10, 0, 0).too_few
    form = NewSurveyForm({"name": "Spring", "kind": "nps"})
    assert (form.is_valid(), form.survey().recontact_days) == (True, 120)
