"""Sessions as the team sees them: by day, one by one, marked, written up."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Activity, FollowUp
from onboarding.domain import agenda, attendance
from onboarding.domain.board import Filters
from tests.onboarding.board import (
    free_all_day,
    make_account,
    make_kind,
    make_person,
    make_session,
    make_version,
    start,
    take_seat,
    text_of,
    url,
)

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


# The days ---------------------------------------------------------------------------------------------------


def test_days_are_those_of_the_reader(signed_in, chloe, kim):
    chloe.time_zone = "Asia/Tokyo"
    chloe.save()
    make_session(chloe, datetime(2026, 11, 18, 16, tzinfo=UTC), kim)  # one in the morning of the 19th

    page = text_of(signed_in(chloe).get("/onboarding/sessions/"))

    assert "Times in Asia/Tokyo" in page
    assert "No sessions today." in page
    assert "1:00 AM" in page
    assert page.index("Tomorrow") < page.index("1:00 AM")


def test_mine_are_those_i_host_and_those_of_my_accounts(chloe, cyril, kim):
    hosted = make_session(chloe, SOON, make_person(make_account("Other", csm=cyril)))
    of_mine = make_session(cyril, SOON, kim)
    make_session(cyril, SOON + timedelta(hours=1), make_person(make_account("Third", csm=cyril)))

    found = agenda.between(NOW, NOW + timedelta(days=1), Filters(csm=chloe.pk))

    assert {item.session for item in found} == {hosted, of_mine}


def test_what_is_over_and_unmarked_waits_to_be_marked(signed_in, chloe, kim, past):
    make_session(chloe, NOW - timedelta(days=40), kim)  # nobody knows any more
    make_session(chloe, NOW - timedelta(days=2), kim, status="attended", seat="attended")

    found, count = agenda.unmarked(Filters(csm=chloe.pk))

    assert ([item.session for item in found], count) == ([past], 1)
    assert "Did they come?" in text_of(signed_in(chloe).get("/onboarding/sessions/"))


def test_as_many_queries_for_fifty_sessions_as_for_one(signed_in, marc, chloe, coming, past, django_assert_num_queries):
    browser = signed_in(marc)
    browser.get("/onboarding/sessions/")
    with CaptureQueriesContext(connection) as one:
        browser.get("/onboarding/sessions/")
    for n in range(25):
        person = make_person(make_account(f"A{n}", csm=chloe))
        make_session(chloe, SOON + timedelta(hours=n + 1), person)
        make_session(chloe, EARLIER - timedelta(hours=n + 1), person)

    with django_assert_num_queries(len(one)):
        browser.get("/onboarding/sessions/")


def test_all_sessions_are_found_by_who_came_and_by_what_was_hard(signed_in, marc, chloe, kim, past, coming):
    hard = make_session(chloe, NOW - timedelta(days=3), kim, status="attended", seat="attended", friction=["import"])
    missed = make_session(chloe, NOW - timedelta(days=4), kim, status="no_show", seat="no_show")
    browser = signed_in(marc)

    def found(**query) -> list:
        return [item.session for item in browser.get("/onboarding/sessions/all/", query).context["items"]]

    assert found() == [coming, past, hard, missed]
    assert found(friction="import") == found(seat="attended") == [hard]
    assert found(seat="no_show") == [missed]
    assert found(seat="unmarked") == [past]
    assert found(**{"from": "2026-11-17", "to": "2026-11-17"}) == [past]
    assert found(q="nobody") == []


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/onboarding/sessions/?day=soon", "“soon” is not a date"),
        ("/onboarding/sessions/?day=0001-01-01", "is not a date"),
        ("/onboarding/sessions/all/?seat=x", "means nothing here"),
        ("/onboarding/sessions/all/?after=x", "starts from the beginning"),
        ("/onboarding/hours/?week=x", "“x” is not a date"),
    ],
)
def test_a_damaged_address_gets_its_sentence(signed_in, marc, path, sentence):
    answer = signed_in(marc).get(path)

    assert answer.status_code == 200
    assert sentence in text_of(answer)


# One session ------------------------------------------------------------------------------------------------


def test_the_page_shows_who_booked_what_they_answered_and_whose_it_is(signed_in, chloe, kim):
    kind = make_kind(
        slug="q", questions=[{"key": "size", "text": {"en": {"text": "How many are you?"}}, "kind": "text"}]
    )
    session = make_session(chloe, SOON, kind=kind, account=kim.account, where="https://meet.example/x")
    take_seat(session, kim, answers={"size": "12 <b>people</b>"})
    start(kim.account, make_version(), done=1)

    page = text_of(signed_in(chloe).get(url(session)))

    for words in (
        "Kim Doe",
        "How many are you?",
        "12 &lt;b&gt;people&lt;/b&gt;",
        "Acme",
        "Stands at: Import",
        "meet.example",
    ):
        assert words in page, words
    assert "Move" in page
    assert "Did Kim Doe come?" not in page  # nobody is late for what has not begun


def test_who_hosts_it_works_with_it_whosever_the_account_is(signed_in, chloe, cyril, vera, kim):
    session = make_session(cyril, EARLIER, kim)
    stranger = make_session(cyril, EARLIER + timedelta(hours=2), make_person(make_account("Other")))

    def opens(person, one) -> int:
        return signed_in(person).get(url(one, "notes/")).status_code

    assert [opens(who, session) for who in (cyril, chloe, vera)] == [200, 200, 404]
    assert [opens(who, stranger) for who in (cyril, chloe)] == [200, 404]
    assert signed_in(vera).get(url(session)).status_code == 200


def test_what_is_only_held_is_no_session_yet(signed_in, chloe, kim):
    held = make_session(chloe, SOON, kim, status="held")

    assert signed_in(chloe).get(url(held)).status_code == 404


def test_marking_is_told_and_taken_back(signed_in, chloe, past):
    browser, seat = signed_in(chloe), past.attendees.get()
    path = url(past, f"seats/{seat.pk}/")

    for came, status, kind in (
        ("yes", "attended", "session.attended"),
        ("no", "no_show", "session.no_show"),
        ("undo", "booked", "session.unmarked"),
    ):
        answer = browser.post(path, {"came": came}, headers=HTMX)
        seat.refresh_from_db()
        assert (answer.status_code, seat.status) == (204, status)
        assert Activity.objects.latest("pk").kind == kind
    assert "session-changed" in answer.headers["HX-Trigger"]


def test_without_javascript_one_comes_back_to_where_one_was(signed_in, chloe, past):
    browser, path = signed_in(chloe), url(past, f"seats/{past.attendees.get().pk}/")

    assert (
        browser.post(path, {"came": "yes", "next": "/onboarding/sessions/"}).headers["Location"]
        == "/onboarding/sessions/"
    )
    assert browser.post(path, {"came": "no", "next": "https://evil.example/"}).headers["Location"] == url(past)


def test_what_cannot_be_marked_says_why(signed_in, chloe, coming, past):
    browser = signed_in(chloe)
    path = url(coming, f"seats/{coming.attendees.get().pk}/")

    early = browser.post(path, {"came": "yes"})
    assert early.status_code == 409
    assert "has not begun yet" in text_of(early)
    assert browser.post(path, {"came": "perhaps"}, headers=HTMX).status_code == 422
    assert browser.post(url(past, f"seats/{coming.attendees.get().pk}/"), {"came": "yes"}).status_code == 404


# Written up -------------------------------------------------------------------------------------------------

WRITTEN = {
    "notes": "They want reports.\nSoon.",
    "known": ["import"],
    "more": "Single sign-on,  IMPORT , ",
    "next_step": "Show the report",
}


def test_takeaways_friction_and_the_next_step_become_a_follow_up(signed_in, chloe, kim, past):
    make_session(chloe, NOW - timedelta(days=9), kim, friction=["import"])
    given = WRITTEN | {"follow_up": "on", "assignee": chloe.pk, "due_at": "2026-11-20T09:00"}

    answer = signed_in(chloe).post(url(past, "notes/"), given)

    assert answer.headers["Location"] == url(past)
    past.refresh_from_db()
    assert (past.notes, past.friction, past.next_step) == (
        "They want reports.\nSoon.",
        ["import", "single sign-on"],
        "Show the report",
    )
    row = FollowUp.objects.get()
    assert (row.title, row.account, row.assignee, row.due_at) == (
        "Show the report",
        kim.account,
        chloe,
        datetime(2026, 11, 20, 9, tzinfo=UTC),
    )
    assert row.instructions == "Next step after Kick-off on Nov 17."
    assert list(Activity.objects.order_by("pk").values_list("kind", flat=True)) == ["session.noted", "followup.opened"]


def test_saved_again_as_it_is_it_is_told_once(chloe, past):
    for _ in range(2):
        attendance.take_down(past, by=chloe, notes="x", friction=["a"], next_step="b")

    assert Activity.objects.filter(kind="session.noted").count() == 1


def test_a_group_session_is_noted_at_every_account_that_came(signed_in, chloe, kim):
    other = make_person(make_account("Beta"), "Lee")
    group = make_session(chloe, EARLIER, kim, other, seats=10)

    signed_in(chloe).post(url(group, "notes/"), {"notes": "Good questions"})

    noted = Activity.objects.filter(kind="session.noted").values_list("account__name", flat=True)
    assert sorted(noted) == ["Acme", "Beta"]


def test_takeaways_alone_open_nothing(signed_in, chloe, past):
    answer = signed_in(chloe).post(url(past, "notes/"), {"notes": "All is well", "follow_up": "on", "due_at": ""})

    assert answer.status_code == 302
    assert FollowUp.objects.count() == 0


def test_a_prospect_has_no_account_and_gets_no_follow_up(signed_in, chloe):
    session = make_session(chloe, EARLIER)
    take_seat(session, None)

    page = text_of(signed_in(chloe).get(url(session, "notes/")))
    signed_in(chloe).post(url(session, "notes/"), WRITTEN | {"follow_up": "on", "due_at": "2026-11-20T09:00"})

    assert "nobody here is a customer yet" in page
    session.refresh_from_db()
    assert (session.next_step, FollowUp.objects.count()) == ("Show the report", 0)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"due_at": "soon"}, "This is not a time"),
        ({"due_at": ""}, "Say by when."),
        ({"due_at": "2020-01-01T09:00"}, "Choose a time to come."),
        ({"assignee": "99999"}, "Choose somebody who works with customers."),
        ({"known": ["never heard of"], "due_at": ""}, "Say by when."),
        ({"more": "x" * 61}, "Too long: at most 60 characters."),
        ({"notes": "x" * 20_001}, "at most 20000 characters"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(signed_in, chloe, past, changed, sentence):
    given = WRITTEN | {"follow_up": "on", "assignee": chloe.pk, "due_at": "2026-11-20T09:00"} | changed

    answer = signed_in(chloe).post(url(past, "notes/"), given, headers=HTMX)

    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert given["next_step"] in text_of(answer)
    past.refresh_from_db()
    assert (past.notes, FollowUp.objects.count()) == ("", 0)


# Elsewhere --------------------------------------------------------------------------------------------------


def test_the_account_page_has_its_sessions(signed_in, chloe, kim, coming, past):
    group = make_session(chloe, NOW - timedelta(days=2), kim, make_person(make_account("Beta"), "Lee"), seats=5)

    answer = signed_in(chloe).get(f"/accounts/{kim.account_id}/sessions/")

    assert [item.session for item in answer.context["ahead"]] == [coming]
    assert [item.session for item in answer.context["past"]] == [past, group]
    assert "/sessions/" in text_of(signed_in(chloe).get(f"/accounts/{kim.account_id}/tab/onboarding/"))


def test_hours_of_the_team_are_a_picture_with_its_numbers(signed_in, marc, chloe, cyril, kim):
    free_all_day(chloe)
    make_session(chloe, SOON, kim, minutes=90)

    page = text_of(signed_in(marc).get("/onboarding/hours/"))
    later = text_of(signed_in(marc).get("/onboarding/hours/", {"week": "2026-11-25"}))

    for words in ("10 h", "1.5 h", "8.5 h free", "Show the numbers", "Chloe"):
        assert words in page, words
    assert "Nov 23 – Nov 29" in later.replace("</time>", "").replace("–", "–") or "Nov 23" in later
    assert "Cyril" not in page.split("</form>")[-1]  # no hours, no row
