"""What the team changes of a session that is coming: another time, or none."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest

from accounts.models import Activity, Mail
from onboarding.domain import attendance, moving
from onboarding.models import PoolHost, Session
from tests.onboarding.board import free_all_day, make_account, make_kind, make_person, make_session, text_of, url

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 18, 9, tzinfo=UTC)  # a Wednesday
SOON, EARLIER = NOW + timedelta(hours=2), NOW - timedelta(days=1)
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def kim(chloe):
    return make_person(make_account("Acme", csm=chloe))


@pytest.fixture
def past(chloe, kim):
    return make_session(chloe, EARLIER, kim)


@pytest.fixture
def coming(chloe, kim):
    return make_session(chloe, SOON, kim)


def test_one_of_ours_moves_it_and_they_get_a_mail(signed_in, chloe, kim):
    free_all_day(chloe)
    kind = make_kind(slug="call", minutes=30, every=30, notice=0, horizon_days=30)
    session = make_session(chloe, SOON, kim, kind=kind)
    browser = signed_in(chloe)

    assert "Now: Wednesday, November 18" in text_of(browser.get(url(session, "move/")))
    asked = browser.post(url(session, "move/"), {"start": "2026-11-19T10:00Z", "tz": "Europe/Paris"})
    assert (asked.status_code, Session.objects.get().starts_at, Mail.objects.exists()) == (200, SOON, False)
    assert re.findall(r"November \d+, 2026", text_of(asked)) == ["November 18, 2026", "November 19, 2026"]
    sure = {
        name: unescape(value) for name, value in re.findall(r'name="(tz|start|confirm)" value="([^"]*)"', asked.text)
    }
    assert sure == {"tz": "Europe/Paris", "start": "2026-11-19T10:00Z", "confirm": "1"}
    answer = browser.post(url(session, "move/"), sure)

    assert answer.headers["Location"] == url(session)
    session.refresh_from_db()
    assert (session.starts_at, session.sequence) == (datetime(2026, 11, 19, 10, tzinfo=UTC), 1)
    assert Mail.objects.get().kind == "session.moved"
    assert Activity.objects.get().actor == chloe


def test_a_time_that_is_not_free_is_refused_with_others(signed_in, chloe, kim):
    free_all_day(chloe)
    session = make_session(chloe, SOON, kim, kind=make_kind(slug="call", minutes=30, every=30, notice=0))
    browser = signed_in(chloe)

    for sure in ({}, {"confirm": "1"}):
        taken = browser.post(url(session, "move/"), {"start": "2026-11-19T03:00Z"} | sure)
        assert (taken.status_code, "not free any more" in text_of(taken)) == (409, True)
    assert browser.post(url(session, "move/"), {"start": "whenever"}).status_code == 422
    same = browser.post(url(session, "move/"), {"start": SOON.strftime("%Y-%m-%dT%H:%MZ")})
    assert (same.status_code, "at this time already" in text_of(same), Mail.objects.exists()) == (422, True, False)
    assert browser.post(url(session, "move/"), {"from": "2026-11-20"}).status_code == 200


def test_a_group_is_moved_as_a_whole_and_everybody_gets_a_mail(signed_in, chloe, kim):
    free_all_day(chloe)
    kind = make_kind(slug="class", minutes=30, every=30, notice=0, horizon_days=30, seats=5)
    PoolHost.objects.create(session_type=kind, user=chloe)
    group = make_session(chloe, SOON, kim, make_person(make_account("Beta"), "Lee"), kind=kind, seats=5)
    empty = make_session(chloe, SOON + timedelta(days=2), kind=kind, seats=5)
    browser = signed_in(chloe)

    assert "Another time for" in text_of(browser.get(url(group, "move/")))
    answer = browser.post(url(group, "move/"), {"start": "2026-11-19T10:00Z", "confirm": "1"}, follow=True)

    assert "Everybody who has a seat gets a mail." in text_of(answer)
    group.refresh_from_db()
    assert (group.starts_at, group.sequence) == (datetime(2026, 11, 19, 10, tzinfo=UTC), 1)
    assert list(Mail.objects.values_list("kind", flat=True)) == ["session.moved"] * 2
    assert browser.get(url(empty, "move/")).status_code == 404


def test_canceled_everybody_gets_a_mail_and_what_is_over_cannot_be(signed_in, chloe, kim, coming, past):
    browser = signed_in(chloe)

    assert "1 person gets a mail" in text_of(browser.get(url(coming, "cancel/"), headers=HTMX))
    answer = browser.post(url(coming, "cancel/"), {"reason": "I am ill"}, headers=HTMX)

    assert answer.status_code == 204
    coming.refresh_from_db()
    assert (coming.status, coming.cancel_reason, coming.seats_taken) == ("canceled", "I am ill", 0)
    moved = browser.post(url(coming, "move/"), {"start": "2026-11-19T10:00Z"})  # from a page that was still open
    assert (moved.status_code, "This booking has been canceled." in text_of(moved)) == (409, True)
    assert Mail.objects.get().kind == "session.canceled"
    begun = browser.post(url(past, "cancel/"), {})
    assert (begun.status_code, "This session has begun" in text_of(begun)) == (409, True)
    attendance.mark(past.attendees.get(), True, by=chloe)
    assert browser.post(url(past, "cancel/"), {}).status_code == 409
    assert Mail.objects.count() == 1


def test_seats_are_counted_anew_whatever_the_session_said_of_them(signed_in, chloe, kim):
    lee = make_person(make_account("Beta"), "Lee")
    group = make_session(chloe, SOON, kim, lee, seats=5, seats_taken=0)

    moving.cancel(group.attendees.get(contact=lee))
    group.refresh_from_db()
    assert group.seats_taken == 1

    assert signed_in(chloe).post(url(group, "cancel/"), {"reason": "I am ill"}).status_code == 302
    group.refresh_from_db()
    assert (group.status, group.seats_taken) == ("canceled", 0)
