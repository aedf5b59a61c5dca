"""The rule in plain Python: worked examples."""

from datetime import date, timedelta

import pytest

from accounts.enums import Band
from health.domain.indicators import AnswerFact, InvoiceFact, OnboardingFact, Readings, TicketFact, Value, value_of
from health.domain.models import DEFAULT_WEIGHTS
from health.domain.parameters import Parameters
from health.domain.scoring import Model, Scored, score_readings, score_values

TODAY = date(2026, 3, 1)
RULE = Parameters()
DEFAULT = Model(DEFAULT_WEIGHTS)
RECEIVED = dict.fromkeys(("usage", "ticket", "invoice", "answer"), date(2020, 1, 1))


def days_ago(n: int) -> date:
    return TODAY - timedelta(days=n)


def value(key: str, **known) -> Value:
    return value_of(key, Readings(**{"first": RECEIVED} | known), TODAY, RULE)


@pytest.mark.parametrize(
    ("points", "expected"), [(0, 0), (50, 50_000), (100, 100_000), (149, 149_000), (9000, 150_000)]
)
def test_usage_is_points_against_the_seats_target(points, expected):
    known = {"seats": 10, "target_per_seat": 10, "impacts": {"a": 1}, "usage": [(days_ago(27), "a", points)]}
    assert value("usage", **known).value == expected


def test_usage_counts_impact_and_only_the_last_28_days():
    usage = [(days_ago(28), "a", 1000), (days_ago(27), "a", 3), (days_ago(0), "b", 2)]
    known = {"seats": 1, "target_per_seat": 100, "impacts": {"a": 10, "b": 5}, "usage": usage}
    assert value("usage", **known) == Value(40_000, reading=40, age=0)


def test_usage_without_a_target_is_missing():
    assert value("usage", usage=[(TODAY, "a", 3)], impacts={"a": 1}) == Value()


def test_momentum_compares_with_the_28_days_before():
    usage = [(days_ago(30), "a", 100), (days_ago(3), "a", 50)]
    assert value("momentum", usage=usage, impacts={"a": 1}) == Value(25_000, reading=100, age=3)


def test_depth_is_the_share_of_the_plans_actions():
    usage = [(days_ago(3), "a", 1), (days_ago(2), "b", 7), (days_ago(1), "not in the plan", 1)]
    assert value("depth", usage=usage, included=frozenset("abcd")) == Value(50_000, reading=2, age=2)


def test_nps_is_the_mean_of_latest_answers():
    answers = [
        AnswerFact(days_ago(170), 2, contact=1),
        AnswerFact(days_ago(20), 9, contact=1),
        AnswerFact(days_ago(10), 6, contact=2),
        AnswerFact(days_ago(180), 0, contact=3),  # too old
    ]
    assert value("nps", answers=answers) == Value(75_000, reading=2, age=10)


def test_old_answers_are_stale_not_missing():
    assert value("nps", answers=[AnswerFact(days_ago(200), 9)]) == Value(None, None, age=200)


@pytest.mark.parametrize(
    ("severities", "expected"),
    [([], 100), (["low"], 90), (["normal"], 75), (["normal"] * 3, 25), (["high", "urgent"], 0), (["urgent"] * 4, 0)],
)
def test_support_loses_by_severity(severities, expected):
    tickets = [TicketFact(days_ago(29), severity) for severity in severities]
    assert value("support", tickets=tickets).value == expected * 1000


def test_support_quality_is_the_share_of_strategic_questions():
    tickets = [TicketFact(TODAY, "low", strategic=True), *[TicketFact(TODAY, "low")] * 2]
    assert value("support_quality", tickets=tickets).value == 33_333
    assert value("support_quality") == Value()


@pytest.mark.parametrize(("overdue", "expected"), [(0, 100), (1, 60), (14, 60), (15, 30), (30, 30), (31, 0), (400, 0)])
def test_billing_falls_with_the_days_overdue(overdue, expected):
    assert value("billing", invoices=[InvoiceFact(days_ago(500), days_ago(overdue))]).value == expected * 1000


def test_billing_of_a_past_day_does_not_know_of_later_payments():
    paid_later = InvoiceFact(days_ago(60), days_ago(40), paid_on=TODAY + timedelta(days=1))
    paid = InvoiceFact(days_ago(60), days_ago(40), paid_on=days_ago(1))
    assert value("billing", invoices=[paid_later]).value == 0
    assert value("billing", invoices=[paid]).value == 100_000


def test_relationship_decays_over_90_days():
    assert value("relationship", last_contact_on=days_ago(9)).value == 90_000
    assert value("relationship", last_contact_on=days_ago(90)).value == 0
    assert value("relationship") == Value()


def told(*facts: tuple[str, int, int | None], checklist: int = 1) -> list[OnboardingFact]:
    return [OnboardingFact(days_ago(ago), checklist, word, amount) for word, ago, amount in facts]


STARTED = ("started", 9, 0)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([], Value()),
        ([STARTED], Value(0, 0, 9)),
        ([STARTED, ("progress", 8, 62_500)], Value(62_500, 63, 8)),
        # The tick was told last: it counts, although it happened before.
        ([STARTED, ("progress", 2, 40_000), ("progress", 8, 70_000)], Value(70_000, 70, 2)),
        ([STARTED, ("progress", 3, 80_000), ("reopened", 2, 30_000)], Value(30_000, 30, 2)),
        ([STARTED, ("progress", 3, 80_000), ("finished", 3, None)], Value(100_000, 100, 3)),
        ([STARTED, ("finished", 3, None), ("progress", 1, 90_000)], Value(100_000, 100, 1)),
        ([STARTED, ("finished", 3, None), ("reopened", 1, 75_000)], Value(75_000, 75, 1)),
        ([STARTED, ("progress", 3, 80_000), ("canceled", 2, None)], Value()),
    ],
)
def test_onboarding_is_the_checklists_engagement(facts, expected):
    assert value("onboarding", onboarding=told(*facts)) == expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([("started", 3, 0)], Value()),
        ([("started", 4, 0)], Value(90_909, 4, 0)),
        ([STARTED], Value(45_455, 9, 0)),
        ([("started", 20, 0)], Value(0, 20, 0)),
        ([STARTED, ("activated", 6, 72)], Value(100_000, 3, 6)),
        ([STARTED, ("activated", 4, 120)], Value(81_818, 5, 4)),
        ([("started", 30, 0), ("activated", 1, 700)], Value(0, 29, 1)),
        ([STARTED, ("finished", 1, None)], Value()),
        ([STARTED, ("activated", 4, 120), ("canceled", 1, None)], Value()),
    ],
)
def test_time_to_first_value_falls_after_the_target(facts, expected):
    assert value("ttv", onboarding=told(*facts)) == expected


def test_the_latest_checklist_counts():
    first = told(STARTED, ("progress", 8, 50_000), ("canceled", 5, None))
    assert value("onboarding", onboarding=first + told(("started", 2, 0), checklist=2)) == Value(0, 0, 2)


@pytest.mark.parametrize("key", ["onboarding", "ttv"])
def test_what_a_program_sends_counts_where_there_is_no_checklist(key):
    sent = {key: [(days_ago(3), 61_500)]}
    assert value(key, custom=sent) == Value(61_500, None, 3)
    assert value(key, custom=sent, onboarding=told(STARTED)).value != 61_500


@pytest.mark.parametrize(("pulse", "expected"), [(1, 0), (2, 25_000), (5, 100_000)])
def test_pulse_is_1_to_5_and_expires(pulse, expected):
    assert value("pulse", pulses=[(days_ago(29), pulse)]) == Value(expected, pulse, 29)
    assert value("pulse", pulses=[(days_ago(30), pulse)]) == Value(None, pulse, 30)


def test_custom_readings_expire():
    assert value("custom:fit", custom={"fit": [(days_ago(3), 61_500)]}) == Value(61_500, None, 3)
    assert value("custom:fit", custom={"fit": [(days_ago(30), 61_500)]}) == Value(None, None, 30)


@pytest.mark.parametrize(
    ("key", "kind"), [("support", "ticket"), ("billing", "invoice"), ("nps", "answer"), ("usage", "usage")]
)
def test_nothing_is_known_until_the_first_reading_of_all(key, kind):
    first = {k: v for k, v in RECEIVED.items() if k != kind}
    assert value(key, first=first, answers=[AnswerFact(TODAY, 3)], target_per_seat=10).value is None


def scored(*values: float | None, model: Model = DEFAULT) -> Scored:
    return score_values([Value(None if v is None else int(v * 1000)) for v in values], model)


def test_the_score_is_the_weighted_mean():
    assert scored(80, 90, 75, 100) == Scored(
        score=86_000,
        band=Band.GREEN,
        capped_by="",
        known_weight=100,
        low=86_000,
        high=86_000,
        values=tuple(Value(v) for v in (80_000, 90_000, 75_000, 100_000)),
        contributions=(32_000, 9_000, 15_000, 30_000),
    )


def test_missing_indicators_leave_the_mean_and_widen_the_range():
    result = scored(80, None, 75, 100)
    assert (result.score, result.known_weight, result.low, result.high) == (85_556, 90, 77_000, 87_000)


def test_three_normal_tickets_with_high_usage_are_yellow_by_the_cap():
    """The seed example: 3 tickets, high usage → yellow."""
    known = Readings(
        seats=1,
        target_per_seat=10,
        impacts={"a": 1},
        usage=[(TODAY, "a", 15)],
        tickets=[TicketFact(TODAY, "normal")] * 3,
        answers=[AnswerFact(TODAY, 9)],
        first=RECEIVED,
    )
    result = score_readings(known, TODAY, DEFAULT)
    assert (result.score, result.band, result.capped_by) == (104_000, Band.YELLOW, "support")


@pytest.mark.parametrize(
    ("values", "band"),
    [
        ((40.4, 40.4, 40.4, 40.4), Band.RED),
        ((40.5, 40.5, 40.5, 40.5), Band.YELLOW),
        ((70.499, 70.499, 70.499, 70.499), Band.YELLOW),
        ((70.5, 70.5, 70.5, 70.5), Band.GREEN),
        ((100, 100, 100, 100), Band.GREEN),
        ((101.3, 100, 100, 100), Band.THRIVING),
        ((150, 100, 40, 100), Band.YELLOW),
        ((150, 100, 40.001, 100), Band.THRIVING),
        ((0, 0, 0, 0), Band.RED),
        ((None, None, None, None), Band.UNKNOWN),
        ((100, None, None, None), Band.UNKNOWN),
        ((None, None, 100, 100), Band.GREEN),
        ((None, None, 100, 10), Band.YELLOW),
    ],
)
def test_bands(values, band):
    assert scored(*values).band == band
