"""NPS and what surrounds it: margins, changes, rates, views. Expected numbers were worked out by hand or elsewhere."""

from decimal import Decimal

import pytest

from accounts.exceptions import DomainError
from health.domain.surveys import figures
from health.domain.surveys.figures import Change, Figure, Rates, Views, nps

pytestmark = pytest.mark.django_db  # how many are enough is a rule


def test_a_figure_has_its_margin():
    figure = nps(50, 30, 20)

    assert (figure.n, figure.nps, figure.display, figure.too_few) == (100, 30.0, 30, False)
    assert (figure.se, figure.moe95) == pytest.approx((7.8102497, 15.3078078), abs=1e-6)
    assert [figure.share(group) for group in ("detractor", "passive", "promoter")] == [0.2, 0.3, 0.5]


def test_without_answers_there_is_no_figure_and_that_is_not_zero():
    figure = nps(0, 0, 0)

    assert (figure.n, figure.nps, figure.display, figure.se, figure.moe95) == (0, None, None, None, None)
    assert (figure.too_few, figure.share("promoter")) == (True, 0.0)
    assert nps(1, 0, 1).nps == 0.0


def test_all_of_one_mind_leave_no_margin():
    assert (nps(40, 0, 0).nps, nps(40, 0, 0).moe95, nps(0, 0, 40).nps) == (100.0, 0.0, -100.0)


def test_every_score_has_its_group():
    assert figures.of_scores(range(11)) == Figure(promoters=2, passives=2, detractors=7)
    assert [figures.group_of(score) for score in (0, 6, 7, 8, 9, 10)] == [
        "detractor", "detractor", "passive", "passive", "promoter", "promoter",
    ]  # fmt: skip


@pytest.mark.parametrize(("counts", "shown"), [((1, 7, 0), 13), ((0, 7, 1), -13), ((1, 2, 0), 33), ((0, 2, 1), -33)])
def test_shown_rounded_half_away_from_zero(counts, shown):
    assert nps(*counts).display == shown


@pytest.mark.parametrize("value", [0, 10, "0", "9", "10"])
def test_whole_numbers_are_scores(value):
    assert figures.parse_score(value) == int(value)


@pytest.mark.parametrize(
    "value", [6.5, 9.0, -1, 11, None, True, False, "", " ", "abc", "9.5", "-1", "11", "٣", "1" * 5000, [], {}, "9 "]
)
def test_anything_else_is_refused(value):
    with pytest.raises(DomainError, match="A whole number from 0 to 10") as refusal:
        figures.parse_score(value)
    assert (refusal.value.status, set(refusal.value.errors)) == (422, {"score"})


def test_a_change_says_whether_it_may_be_chance():
    small = figures.change(nps(100, 60, 40), nps(99, 54, 27))

    assert (small.delta, small.significant, small.too_few) == (10.0, False, False)
    told = (small.se_delta, small.z, small.p_two_sided)
    assert told == pytest.approx((7.7781746, 1.2856487, 0.1985654), abs=1e-6)
    assert figures.change(nps(10, 10, 80), nps(80, 10, 10)).significant


def test_a_change_from_nothing_is_none():
    assert figures.change(nps(0, 0, 0), nps(5, 0, 0)) == Change()
    assert figures.change(nps(5, 0, 0), nps(9, 0, 0)) == Change(0.0, 0.0, 0.0, 1.0, True)
    assert figures.change(nps(50, 0, 0), nps(0, 0, 50)) == Change(-200.0, 0.0, None, 0.0, False)


def test_answers_needed_for_a_margin():
    assert figures.answers_needed(0.5, 0.2, 5) == 938
    assert figures.answers_needed(0.5, 0.5, 10) == 385
    for wrong in [(0.8, 0.3, 5), (-0.1, 0.3, 5), (0.5, 0.2, 0)]:
        with pytest.raises(DomainError):
            figures.answers_needed(*wrong)


def test_rates_count_invites():
    rates = Rates(sent=500, bounced=20, answered=96, with_comment=60)

    assert (rates.delivered, rates.response_rate, rates.comment_rate) == (480, 0.2, 0.625)
    assert (Rates().response_rate, Rates().comment_rate, Rates(sent=2, bounced=2).response_rate) == (None, None, None)


def test_three_views_of_one_set_of_answers():
    small = (Decimal(10_000), [9] * 5 + [10] * 5)
    large = (Decimal(90_000), [0])

    told = figures.views([small, large, (Decimal(500), [])])

    assert (round(told.respondent, 7), told.account, told.revenue) == (81.8181818, 0.0, -80.0)
    assert (told.accounts, told.money) == (2, Decimal(100_000))
    assert figures.views([]) == Views()
    assert figures.views([(Decimal(0), [10])]).revenue is None
