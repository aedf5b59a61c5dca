"""Shares, means, differences and waiting times with how sure one can be of them: against published examples."""

from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest

from accounts.domain.metrics.intervals import (
    NOTHING,
    Interval,
    Sample,
    means_apart,
    ratio_apart,
    share,
    shares_apart,
    t95,
    value_of_life,
)
from accounts.domain.metrics.ltv import lifetime_value
from onboarding.domain.progress import kaplan_meier_median
from onboarding.domain.reports.survival import Moment, Watched, curve, median_of, moments


def curve_of(watched):
    return curve(moments(watched))


def ends(found: Interval, places: int = 4) -> tuple:
    return tuple(None if end is None else round(end, places) for end in (found.value, found.low, found.high))


# Wilson 1927, Newcombe 1998
@pytest.mark.parametrize(
    ("k", "n", "expected"),
    [
        (8, 10, (0.8, 0.4902, 0.9433)),
        (0, 10, (0.0, 0.0, 0.2775)),
        (10, 10, (1.0, 0.7225, 1.0)),
        (81, 263, (0.308, 0.2553, 0.3662)),
    ],
)
def test_a_share_has_wilsons_interval(k, n, expected):
    assert ends(share(k, n)) == expected


def test_no_share_of_nobody_and_few_are_too_few():
    assert share(0, 0) == NOTHING
    assert share(29, 29).too_few
    assert not share(15, 30).too_few


def test_two_shares_are_apart_as_newcombe_has_it():
    assert ends(shares_apart(share(56, 70), share(48, 80))) == (0.2, 0.0524, 0.3339)
    assert shares_apart(share(56, 70), share(48, 80)).excludes_zero
    assert shares_apart(share(9, 10), share(3, 10)).too_few
    assert shares_apart(NOTHING, share(3, 10)) == NOTHING


@pytest.mark.parametrize(("freedom", "expected"), [(3, 3.182), (5, 2.571), (10, 2.228), (29, 2.045), (1000, 1.962)])
def test_students_t(freedom, expected):
    assert t95(freedom) == pytest.approx(expected, rel=0.01)


def test_means_are_apart_as_welch_has_it():
    a = Sample.of([27.5, 21.0, 19.0, 23.6, 17.0, 17.9, 16.9, 20.1, 21.9, 22.6, 23.1, 19.6, 19.0, 21.7, 21.4])
    b = Sample.of([27.1, 22.0, 20.8, 23.4, 23.4, 23.5, 25.8, 22.0, 24.8, 20.2, 21.9, 22.1, 22.9, 30.5, 24.4])

    found = means_apart(a, b)

    assert ends(found, 2) == (-2.83, -4.87, -0.8)
    assert found.too_few


def test_a_mean_of_one_has_no_range_and_of_none_is_none():
    assert ends(Sample.of([5]).interval()) == (5.0, None, None)
    assert Sample.of([]).interval() == NOTHING
    assert means_apart(Sample.of([5]), Sample.of([1, 2])) == NOTHING
    assert ends(means_apart(Sample.of([5] * 40), Sample.of([5] * 40))) == (0.0, 0.0, 0.0)


def test_a_mean_lies_within_what_can_be():
    skewed = Sample.of([0.0] * 9 + [1000.0])
    assert ends(skewed.interval(), 0) == (100.0, -126.0, 326.0)
    assert ends(skewed.interval(0), 0) == (100.0, 0.0, 326.0)
    assert ends(Sample.of([100.0, -100.0]).interval(-100, 100)) == (0.0, -100.0, 100.0)


def test_the_value_of_a_life_is_the_simple_one_of_the_numbers():
    paying = Sample.of([100.0, 200.0, 300.0] * 20)

    found = value_of_life(paying, lost=6, months=600)

    plain = lifetime_value(Decimal(200), Decimal(6) / Decimal(600), 1).simple
    assert found.value == pytest.approx(float(plain))
    assert found.low < found.value < found.high
    assert not found.too_few
    assert value_of_life(paying, lost=0, months=600) == NOTHING
    assert value_of_life(paying, lost=2, months=600).too_few
    assert ratio_apart(found, found).value == 0
    assert not ratio_apart(found, found).excludes_zero


# 6-MP against relapse, in weeks (Freireich 1963).
RELAPSED = (6, 6, 6, 7, 10, 13, 16, 22, 23)
WATCHED = (6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)


def test_kaplan_and_meiers_curve_is_the_textbooks():
    found = curve_of([*(Watched(t, True) for t in RELAPSED), *(Watched(t, False) for t in WATCHED)])

    told = [(p.hours, round(1 - p.share, 4), round(p.se, 4)) for p in found.points]
    assert told == [
        (6, 0.8571, 0.0764), (7, 0.8067, 0.0869), (10, 0.7529, 0.0963), (13, 0.6902, 0.1068),
        (16, 0.6275, 0.1141), (22, 0.5378, 0.1282), (23, 0.4482, 0.1346),
    ]  # fmt: skip
    assert found.median == 23
    assert round(1 - found.at(12.9).share, 4) == 0.7529
    assert found.at(5).share == 0


def test_no_median_while_fewer_than_half_have_arrived():
    assert curve_of([Watched(1, True), Watched(2, False), Watched(3, False)]).median is None
    assert curve_of([]).median is None


@pytest.mark.parametrize("seed", range(20))
def test_its_median_is_that_of_the_exact_rule(seed):
    dice = Random(seed)
    arrived, waiting = ([dice.randint(0, 30) for _ in range(dice.randint(0, 12))] for _ in range(2))

    found = curve_of([*(Watched(t, True) for t in arrived), *(Watched(t, False) for t in waiting)]).median

    assert found == kaplan_meier_median([Fraction(t) for t in arrived], [Fraction(t) for t in waiting])


@pytest.mark.parametrize(
    ("counts", "expected"),
    [({}, None), ({1: 1}, 1), ({1: 1, 2: 1}, 1.5), ({1: 2, 5: 1}, 1), ({1: 2, 5: 2}, 3), ({1: 1, 5: 3}, 5)],
)
def test_the_median_of_those_who_arrived(counts, expected):
    assert median_of([Moment(hours, n, 9) for hours, n in counts.items()]) == expected
