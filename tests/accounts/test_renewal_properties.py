"""Whatever happens to a subscription, in whichever order: one renewal to be decided that follows it, terms apart."""

import contextlib
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings, strategies as st
from hypothesis.extra.django import TestCase

from accounts.domain.anniversaries import anniversary
from accounts.domain.renewals import lengths, rules, work
from accounts.domain.renewals.sweep import sweep_renewals
from accounts.domain.renewals.terms import keep_terms
from accounts.domain.subscriptions import cancel, schedule_cancel
from accounts.exceptions import DomainError
from accounts.models import Activity, Renewal, Subscription
from tests.accounts.revenue import adds_up
from tests.accounts.terms import make_account, sound, subscribe
from tests.thorough import examples

START = date(2024, 1, 31)
days = st.integers(1, 1200).map(lambda n: START + timedelta(days=n))
steps = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), st.integers(1, 200)),
        st.tuples(
            st.just("tell"),
            st.one_of(
                st.fixed_dictionaries({"term_end": days}),
                st.fixed_dictionaries({"unit_amount": st.integers(1, 500)}),
                st.fixed_dictionaries({"notice_days": st.sampled_from([0, 14, 30, 90])}),
                st.fixed_dictionaries({"auto_renew": st.booleans()}),
                st.just({"status": "active", "ended_on": None}),
            ),
        ),
        st.tuples(st.just("decide"), st.sampled_from(["renewed", "expanded", "contracted", "lost"])),
        st.tuples(st.just("leave"), st.integers(-10, 400)),
        st.tuples(st.just("call"), st.sampled_from(["0.1", "0.9"])),
    ),
    max_size=6,
)


class Life:
    def __init__(self) -> None:
        self.account, self.today = make_account(), START

    @contextlib.contextmanager
    def day(self):
        at = datetime(self.today.year, self.today.month, self.today.day, 12, tzinfo=UTC)
        with time_machine.travel(at, tick=False):
            yield

    def do(self, what: str, value) -> None:
        getattr(self, what)(value)

    def wait(self, value: int) -> None:
        self.today += timedelta(days=value)

    def tell(self, fields: dict) -> None:
        subscribe(self.account, **fields)

    def leave(self, value: int) -> None:
        sub, ends_on = Subscription.objects.get(), self.today + timedelta(days=value)
        if value <= 0:
            cancel(sub, by="test", reason="price")
        else:
            schedule_cancel(sub, by="test", ends_on=ends_on, reason="price")

    def decide(self, value: str) -> None:
        now = Subscription.objects.get().mrr
        mrr = {"expanded": now + 10, "contracted": round(now / 2, 4)}.get(value)
        if row := Renewal.objects.undecided().first():
            work.decide(row, value, by="test", mrr=mrr, reason="price" if value == "lost" else "")

    def call(self, value: str) -> None:
        if row := Renewal.objects.undecided().first():
            work.call(row, value, "So", by="test")


class Terms(TestCase):
    @settings(max_examples=examples(6), deadline=None, suppress_health_check=list(HealthCheck))
    @given(every=st.sampled_from(["month", "quarter", "year", "week"]), lived=steps)
    def test_terms_stay_sound(self, every, lived) -> None:
        life = Life()
        with life.day():
            end = {"month": 1, "quarter": 3, "year": 12, "week": 1}[every]
            subscribe(life.account, started_on=START, interval=every, term_end=anniversary(START, end))
        for what, value in lived:
            with life.day():
                sweep_renewals()
                with contextlib.suppress(DomainError):
                    life.do(what, value)
            with life.day():
                sweep_renewals()
                assert sweep_renewals() == 0
                assert sound()
        keep_terms([life.account.pk])
        decided = Activity.objects.filter(kind="renewal.decided").count()
        reopened = Activity.objects.filter(kind="renewal.reopened").count()
        assert Renewal.objects.decided().count() == decided - reopened
        assert adds_up()


@pytest.mark.parametrize("months", [1, 3, 12])
@given(day=st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_ends_are_anniversaries_of_the_anchor(months, day) -> None:
    sub = Subscription(started_on=day, term_end=anniversary(day, months), term_months=months)
    sub.term_anchor = lengths.anchor_of(sub)
    start, end = day, sub.term_end
    for number in range(2, 30):
        start, end = end, lengths.following(sub, start, end)
        assert end == anniversary(day, months * number)


@pytest.mark.django_db
@given(ends=days, notice=st.integers(0, 400), auto=st.booleans(), today=days, monthly=st.booleans())
def test_attention_comes_when_there_is_something_to_do(ends, notice, auto, today, monthly) -> None:
    row = Renewal(ends_on=ends, notice_days=notice, auto_renew=auto, monthly=monthly)
    row.decision_date = rules.decision_date(ends, notice, auto_renew=auto)
    found = rules.attention_on(row, today)
    due = rules.to_announce(row, today) is not None or rules.to_ask(row, today) or rules.ends(row, today)
    assert (found == today) == due
