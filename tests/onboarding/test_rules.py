"""Working days, plans, circles, steps that tick themselves, progress and pools, where the cases leave a corner."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

from onboarding.domain import pools
from onboarding.domain.planning import Task, cycle, in_order, windows
from onboarding.domain.progress import Part, engagement, kaplan_meier_median, progress, time_to_value
from onboarding.domain.reminders import reminders
from onboarding.domain.ticking import Event, Rule, completed_at
from onboarding.domain.workdays import due, is_working

T0 = datetime(2026, 5, 1, 9, tzinfo=UTC)


@given(
    st.dates(date(2024, 1, 1), date(2027, 12, 31)),
    st.integers(0, 30),
    st.sets(st.dates(date(2024, 1, 1), date(2028, 12, 31)), max_size=20),
)
def test_business_days_are_working_days_and_so_many(anchor: date, offset: int, holidays: set[date]) -> None:
    day = due(anchor, offset, business=True, holidays=holidays)

    working = [anchor + timedelta(days=n) for n in range((day - anchor).days + 1)]
    assert is_working(day, holidays)
    assert sum(is_working(one, holidays) for one in working) == offset + 1


def test_steps_out_of_order_are_planned_all_the_same_and_a_circle_is_not() -> None:
    tasks = [Task("b", 1, ("a",)), Task("a", 2)]

    assert [task.key for task in in_order(tasks)] == ["a", "b"]
    assert windows(tasks, date(2026, 6, 5)) == {
        "b": (date(2026, 6, 9), date(2026, 6, 9)),
        "a": (date(2026, 6, 5), date(2026, 6, 8)),
    }
    with pytest.raises(ValueError, match="circle"):
        in_order([Task("a", 1, ("b",)), Task("b", 1, ("a",))])
    with pytest.raises(ValueError, match="nobody is called x"):
        in_order([Task("a", 1, ("x",))])
    assert cycle([("a", "b"), ("b", "c"), ("a", "c")]) == []
    assert cycle([("a", "a")]) == ["a"]


def test_what_is_done_late_pushes_what_follows() -> None:
    tasks = [Task("a", 1), Task("b", 1, ("a",))]

    found = windows(tasks, date(2026, 6, 1), {"a": date(2026, 6, 10)})

    assert found == {"a": (date(2026, 6, 1), date(2026, 6, 10)), "b": (date(2026, 6, 11), date(2026, 6, 11))}


def test_a_step_opened_again_waits_for_something_new() -> None:
    first, second = Event("e1", T0 + timedelta(days=1)), Event("e2", T0 + timedelta(days=3))
    reopened = T0 + timedelta(days=2)

    assert completed_at(Rule(), [first], T0) == first.at
    assert completed_at(Rule(), [first], T0, reopened) is None
    assert completed_at(Rule(), [first, second, first], T0, reopened) == second.at
    assert completed_at(Rule(count=2, distinct="email"), [Event("e1", T0, "a"), Event("e2", T0, "a")], T0) is None
    assert completed_at(Rule(distinct="email"), [Event("e1", T0, None)], T0) is None


def test_nothing_required_is_all_done_and_no_weight_is_no_score() -> None:
    assert progress([(False, "open"), (True, "na")]).percent == 100
    assert engagement([]) is None
    assert engagement([Part(0, 1)]) is None
    assert engagement([Part(3, 1), Part(1, 0)]) == 75
    assert engagement([Part(3, -1, 0)]) == 0


def test_fewer_than_half_have_no_median_yet() -> None:
    assert kaplan_meier_median([Fraction(5)], [Fraction(10)] * 2) is None
    assert kaplan_meier_median([], []) is None
    found = time_to_value([Fraction(10), Fraction(90)], [Fraction(80)], Fraction(72))
    assert (found.activation_rate, found.median_activated, found.km_median) == (Fraction(1, 3), 50, 90)


def test_whoever_joins_a_pool_late_does_not_get_everything() -> None:
    old = [pools.Member("a", 100, 10, T0), pools.Member("b", 100, 10, T0 + timedelta(hours=1))]
    new = pools.Member("c", 100, 0, None, pools.calibration(20, 2))

    assert [m.id for m in pools.in_turn([*old, new])] == ["c", "a", "b"]  # equal, and never had one
    assert [m.id for m in pools.in_turn([*old, new], available=["a", "b"])] == ["a", "b"]
    assert pools.in_turn([pools.Member("a", 0, 0)]) == []
    assert pools.calibration(5, 0) == 0


def test_reminders_that_lie_before_the_booking_are_left_out() -> None:
    start = T0 + timedelta(hours=20)

    assert reminders(start, T0) == [start - timedelta(hours=1)]
    assert reminders(start, start) == []
