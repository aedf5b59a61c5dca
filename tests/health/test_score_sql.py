"""The set-based rule says what the plain one says, for any readings."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings, strategies as st

from accounts.models import Account, Contact, Plan
from health.domain import recompute
from health.domain.indicators import Readings, Value
from health.domain.parameters import Parameters, Thresholds
from health.domain.scoring import Model, Scored, score_readings
from health.models import CustomReading, Score, ScoreModel
from tests.health import factories as f
from tests.thorough import examples

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 29, 10, 30, tzinfo=UTC)  # the night Europe changes its clocks
ZONES = ["UTC", "Europe/Paris", "America/Los_Angeles", "Pacific/Auckland"]
EVERYTHING = {
    "usage": 10,
    "depth": 5,
    "momentum": 10,
    "nps": 10,
    "support": 15,
    "support_quality": 5,
    "billing": 15,
    "onboarding": 5,
    "ttv": 5,
    "relationship": 5,
    "pulse": 10,
    "custom__fit": 5,
}

WORDS = ["started", "progress", "reopened", "activated", "finished", "canceled"]

ago = st.integers(0, 70)
long_ago = st.integers(0, 250)


@st.composite
def facts(draw):
    return {
        "zone": draw(st.sampled_from(ZONES)),
        "seats": draw(st.integers(0, 40)),
        "planned": draw(st.booleans()),
        "usage": draw(st.dictionaries(st.tuples(ago, st.sampled_from("abc")), st.integers(1, 400), max_size=6)),
        "tickets": draw(
            st.lists(st.tuples(ago, st.sampled_from(["low", "normal", "high", "urgent"]), st.booleans()), max_size=4)
        ),
        "invoices": draw(st.lists(st.tuples(ago, st.none() | ago), max_size=3)),
        "answers": draw(st.lists(st.tuples(long_ago, st.integers(0, 10), st.booleans()), max_size=4)),
        "told": draw(
            st.lists(
                st.tuples(st.integers(0, 25), st.integers(1, 2), st.sampled_from(WORDS), st.integers(0, 400)),
                max_size=6,
            )
        ),
        "contact": draw(st.none() | st.integers(0, 120)),
        "pulse": draw(st.lists(st.tuples(ago, st.integers(1, 5)), max_size=2, unique_by=lambda p: p[0])),
        "custom": draw(st.lists(st.tuples(ago, st.integers(0, 100_000)), max_size=2, unique_by=lambda p: p[0])),
        "sent": draw(st.sampled_from(["fit", "onboarding", "ttv"])),
    }


def store(known: dict) -> Account:
    account = f.make_account(time_zone=known["zone"], seats=known["seats"], plan=_plan() if known["planned"] else None)
    today = timezone.now().astimezone(account.time_zone).date()

    def day(back: int) -> date:
        return today - timedelta(days=back)

    for (back, key), count in known["usage"].items():
        f.use(account, count, on=day(back), key=key)
    for back, severity, strategic in known["tickets"]:
        f.ticket(account, on=day(back), severity=severity, strategic=strategic)
    for back, paid in known["invoices"]:
        f.invoice(account, due=day(back), paid=day(paid) if paid is not None else None)
    contact = Contact.objects.create(account=account, email=f"p{account.pk}@x.example")
    for back, score, named in sorted(known["answers"], reverse=True):
        f.answer(account, score, on=day(back), contact=contact if named else None)
    for back, checklist, word, amount in known["told"]:
        f.told(account, word, on=day(back), checklist=checklist, amount=amount)
    for back, value in known["pulse"]:
        f.make_pulse(account, value, on=day(back))
    for back, value in known["custom"]:
        CustomReading.objects.create(
            account=account, key=known["sent"], value=Decimal(value) / 1000, at=f.at(day(back), account)
        )
    if known["contact"] is not None:
        account.last_contact_at = f.at(day(known["contact"]), account)
        account.save()
    return account


def _plan() -> Plan:
    plan, created = Plan.objects.get_or_create(key="pro", defaults={"name": "Pro"})
    if created:
        plan.actions.set([f.action("a"), f.action("b")])
    return plan


def from_database(score: Score) -> Scored:
    values = zip(score.values, score.readings, score.ages, strict=True)
    return Scored(
        score.score,
        score.band,
        score.capped_by,
        score.known_weight,
        score.low,
        score.high,
        tuple(Value(*v) for v in values),
        tuple(score.contributions),
    )


def current_model() -> Model:
    version = ScoreModel.objects.get(segment=None).current
    return Model(version.weight_of, Thresholds.of(version.thresholds), Parameters.of(version.parameters))


@settings(max_examples=examples(6), deadline=None, suppress_health_check=list(HealthCheck))
@given(known=st.lists(facts(), min_size=6, max_size=14))
def test_sql_scores_as_the_plain_rule_does(time_machine, known):
    time_machine.move_to(NOW, tick=False)
    with transaction.atomic():
        f.set_weights(**EVERYTHING)
        f.set_target(20)
        f.all_received()
        for key, impact in (("a", 1), ("b", 3), ("c", 10)):
            f.action(key, impact)
        accounts = [store(one) for one in known]
        recompute.score_accounts(a.pk for a in accounts)
        model = current_model()
        readings = {account: f.stored_readings(account) for account in accounts}
        scores = {score.account_id: score for score in Score.objects.all()}
        for account in accounts:
            today = NOW.astimezone(account.time_zone).date()
            expected = score_readings(readings[account], today, model)
            assert scores[account.pk].day == today
            assert from_database(scores[account.pk]) == expected
        _past_days_agree(readings, model)
        transaction.set_rollback(True)
    connection.run_on_commit = []


def _past_days_agree(readings: dict[Account, Readings], model: Model) -> None:
    """The same of a day gone by, from what was known by its end."""
    day = NOW.date() - timedelta(days=20)
    Account.objects.update(started_on=day - timedelta(days=300))
    low, high = min(a.pk for a in readings), max(a.pk for a in readings) + 1
    recompute.score_range(low, high, on=day)
    scores = {score.account_id: score for score in Score.objects.filter(day=day)}
    for account, known in readings.items():
        assert from_database(scores[account.pk]) == score_readings(known, day, model)
