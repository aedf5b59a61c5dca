"""The figures of the voice page, from real answers, in a constant number of queries."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from model_bakery import baker

from accounts.domain import followups
from accounts.domain.keyset import BadPositionError
from health.domain.surveys import answering, comments, figures
from health.domain.surveys.figures import Figure, Filters, Loop, Period, Rates
from tests.health.factories import make_account
from tests.health.surveys.rows import NOON, make_answer, make_contact, make_invite, make_survey

pytestmark = pytest.mark.django_db
MARCH = Period(date(2026, 3, 1), date(2026, 3, 15))
BEFORE = NOON - timedelta(days=14)


@pytest.fixture
def book(chloe, time_machine):
    """A large customer that is unhappy, and a small one that is not; a fortnight before, nobody was."""
    time_machine.move_to(NOON + timedelta(days=2))
    mid = baker.make("accounts.Segment", key="mid", name="Mid-market")
    plan = baker.make("accounts.Plan", key="pro", name="Pro")
    large = make_account(name="Large", mrr=900, segment=mid, csm=chloe, plan=plan)
    small = make_account(name="Small", mrr=100)
    survey = make_survey()
    for account, scores in ((large, [2]), (small, [9, 9, 10, 7])):
        for score in scores:
            make_answer(make_contact(account), score, survey=survey, comment=f"I say {score}" if score < 9 else "")
    for score in (9, 10):
        make_answer(make_contact(small), score, answered_at=BEFORE)
    make_answer(make_contact(large), 3, kind="csat")
    return large, small


def test_every_figure_of_a_period(book):
    told = figures.voice(MARCH)

    assert (told.figure, told.previous) == (Figure(3, 1, 1), Figure(2, 0, 0))
    assert (told.change.delta, told.change.too_few) == (pytest.approx(-60), True)
    assert told.distribution == [0, 0, 1, 0, 0, 0, 0, 1, 0, 2, 1]
    assert [(part.key, part.figure) for part in told.trend][-2:] == [
        (date(2026, 2, 1), Figure(2, 0, 0)),
        (date(2026, 3, 1), Figure(3, 1, 1)),
    ]
    assert len(told.trend) == 12
    assert [(p.key, p.name, p.figure) for p in told.segments] == [
        (None, "", Figure(3, 1, 0)), ("mid", "Mid-market", Figure(0, 0, 1)),
    ]  # fmt: skip
    assert [(p.name, p.figure.n) for p in told.csms] == [("", 4), ("Chloe", 1)]
    assert [(p.key, p.figure.n) for p in told.plans] == [(None, 4), ("pro", 1)]
    assert (told.views.respondent, told.views.account, told.views.revenue) == (40.0, -12.5, -82.5)
    assert (told.views.accounts, told.views.money) == (2, 1000)


def test_filters_narrow_every_figure(book, chloe):
    for filters in (Filters(segment="mid"), Filters(plan="pro"), Filters(csm=chloe.pk)):
        told = figures.voice(MARCH, filters)
        assert (told.figure, told.previous.n, told.views.accounts) == (Figure(0, 0, 1), 0, 1)
    assert figures.voice(MARCH, Filters(survey=0)).figure.n == 0


def test_windows_are_half_open(book):
    assert figures.voice(Period(date(2026, 3, 3), date(2026, 3, 4))).figure.n == 0
    assert figures.voice(Period(date(2026, 3, 4), date(2026, 3, 5))).figure.n == 5


def test_nobody_has_said_anything(db):
    told = figures.voice(MARCH)

    assert (told.figure.n, told.figure.nps, told.change.delta, told.rates, told.loop) == (
        0,
        None,
        None,
        Rates(),
        Loop(),
    )
    assert (told.segments, told.views.revenue, told.loop.rate) == ([], None, None)


def test_rates_are_of_invites_sent_in_the_period(book):
    survey = make_survey()
    answered = make_invite(survey=survey)
    answering.submit(answered, 9, "Fine", at=NOON)
    answering.submit(answered, 10, "Fine", at=NOON)
    make_invite(survey=survey, reminded_at=NOON)
    make_invite(survey=survey, bounced_at=NOON, status="bounced")
    make_invite(survey=survey, sent_at=BEFORE)
    make_invite(survey=survey, sent_at=None, status="skipped")
    make_invite(survey=make_survey(kind="csat"))

    assert figures.voice(MARCH).rates == Rates(sent=3, bounced=1, answered=1, with_comment=1)


def test_the_loop_is_closed_by_a_call_in_time(chloe, queue, time_machine):
    time_machine.move_to(NOON)
    accounts = [make_account(csm=chloe, mrr=10) for _ in range(4)]
    for account in accounts:
        answering.submit(make_invite(make_contact(account)), 1, at=NOON)
    queue.drain()

    for hours, account in ((3, accounts[0]), (30, accounts[1])):
        time_machine.move_to(NOON + timedelta(hours=hours))
        followups.log_contact(account, by=chloe, summary="Spoke")
    time_machine.move_to(NOON + timedelta(hours=23))
    assert figures.voice(MARCH).loop.waiting == 2
    time_machine.move_to(NOON + timedelta(hours=31))

    loop = figures.voice(MARCH).loop
    assert (loop.detractors, loop.in_time, loop.late, loop.missed, loop.waiting) == (4, 1, 1, 2, 0)
    assert (loop.rate, round(loop.median_hours, 1)) == (0.25, 16.5)


def test_as_many_queries_for_fifty_as_for_one(book):
    def count() -> int:
        with CaptureQueriesContext(connection) as seen:
            figures.voice(MARCH)
            comments.page(MARCH)
        return len(seen)

    before = count()
    for number in range(50):
        make_answer(make_contact(make_account(mrr=5)), number % 11, comment="Words")
    assert count() == before == 7


# Comments ---------------------------------------------------------------------------------------------------


def said(**asked):
    return [answer.comment for answer in comments.page(MARCH, **asked).rows]


def test_comments_are_searched_and_filtered(book):
    assert said() == ["I say 7", "I say 2"]
    assert said(group="detractor") == ["I say 2"]
    assert said(group="promoter") == []
    assert said(q="SAY 7") == ["I say 7"]
    assert said(q="large") == ["I say 2"]
    assert said(q="100%_\0") == []
    assert len(said(shown="all")) == 5
    assert said(filters=Filters(segment="mid")) == ["I say 2"]
    assert len(said(kind="csat", shown="all")) == 1


def test_comments_come_in_pages(book):
    first = comments.page(MARCH, shown="all", size=2)
    second = comments.page(MARCH, shown="all", size=2, after=first.next)
    third = comments.page(MARCH, shown="all", size=2, after=second.next)

    assert [len(p.rows) for p in (first, second, third)] == [2, 2, 1]
    assert len({row.pk for p in (first, second, third) for row in p.rows}) == 5
    assert comments.page(MARCH, shown="all", size=2, before=third.previous).rows == second.rows
    with pytest.raises(BadPositionError):
        comments.page(MARCH, after="nonsense")


def test_an_account_has_all_its_answers(book):
    large, _small = book

    assert [(a.kind, a.score) for a in comments.of_account(large)] == [("csat", 3), ("nps", 2)]


# Other kinds ------------------------------------------------------------------------------------------------


def test_satisfaction_and_reasons_have_their_figures(book):
    account = make_account()
    for score in (5, 4):
        make_answer(make_contact(account), score, kind="csat")
    for reason in ("price", "price", "competitor"):
        make_answer(make_contact(account), None, kind="churn", reason=reason)

    told = figures.satisfaction(MARCH)
    assert (told.counts, told.mean, round(told.satisfied, 3)) == ((0, 0, 1, 1, 1), 4.0, 0.667)
    assert figures.leaving(MARCH) == [("price", 2), ("competitor", 1)]
    assert (figures.satisfaction(MARCH.before).mean, figures.leaving(MARCH.before)) == (None, [])
