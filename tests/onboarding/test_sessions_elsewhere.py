"""Sessions in subscribed calendars, in the customers' portal, and as invitations other programs take."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from icalendar import Calendar

from accounts.domain.calendars import calendar_of, make_feed
from accounts.domain.links import address_of as link_of
from accounts.models import Mail
from onboarding.domain import booking, moving
from onboarding.domain.booking import Visitor
from onboarding.domain.feeds.parsing import busy_in
from onboarding.domain.invitations import uid_end
from tests.onboarding.factories import NOW, at, make_contact, make_host, make_type

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("friday")]
MONDAY = at("2026-06-08T07:00")
NAME = 'Ann "Öse; X:1,2\\n <b>' + "ß" * 60 + " 👩‍🚀"


@pytest.fixture
def friday(time_machine):
    time_machine.move_to(NOW, tick=False)


def entries(user, *, team: bool = False) -> list[tuple]:
    feed, _secret = make_feed(user, sources=["sessions"], team=team)
    found = Calendar.from_ical(calendar_of(feed)).walk("VEVENT")
    return [(str(e["summary"]), e.decoded("dtstart"), int(e["sequence"]), str(e["status"])) for e in found]


def test_a_host_has_their_sessions_in_their_own_calendar() -> None:
    csm = make_host()
    contact = make_contact(csm)
    kind = make_type(csm, where="https://meet.example/x")
    moved = booking.book(kind, MONDAY, Visitor.of(contact))
    moving.move(moved, at("2026-06-09T07:00"))
    moving.cancel(booking.book(kind, at("2026-06-08T11:00"), Visitor("Bea", "bea@example.com")))
    other = make_host("Bob")
    booking.book(make_type(other, slug="other", seats=5), MONDAY, Visitor("Cyd", "cyd@example.com"))

    assert entries(csm) == [
        ("Kick-off", at("2026-06-08T11:00"), 1, "CANCELLED"),
        ("Kick-off · Acme", at("2026-06-09T07:00"), 1, "CONFIRMED"),
    ]
    assert ("Kick-off · Cyd · Bob", MONDAY, 0, "CONFIRMED") in entries(csm, team=True)
    # Subscribed to as a busy calendar, they block nothing twice.
    feed, _secret = make_feed(csm, sources=["sessions"])
    from onboarding.domain.clocks import instant

    low, high = instant(NOW), instant(NOW) + 86_400 * 30
    assert busy_in(calendar_of(feed), csm.schedule.time_zone, low, high, uid_end()).spans == []


def test_the_portal_shows_what_is_booked_and_what_can_be(client: Client) -> None:
    contact = make_contact(make_host(), language="en")
    kind = make_type(public=False, texts={"en": {"name": "<b>Kick-off</b>"}})
    home = link_of(contact, "portal").removeprefix("http://127.0.0.1:8000")

    before = client.get(home)
    seat = booking.book(kind, MONDAY, Visitor.of(contact))
    after = client.get(home)
    make_type(slug="other")
    with CaptureQueriesContext(connection) as one:
        client.get(home)
    booking.book(kind, at("2026-06-09T07:00"), Visitor.of(contact))
    with CaptureQueriesContext(connection) as two:
        client.get(home)

    assert f"{home}book/kickoff/" in before.text
    assert "&lt;b&gt;Kick-off&lt;/b&gt;, 60 minutes" in before.text
    assert "June 8, 2026, 3:00" in after.text  # in New York, where they are
    assert f"/b/{seat.key}" in after.text
    assert len(one) == len(two)


def raw(mail: Mail) -> tuple[str, str]:
    [file] = mail.attachments
    return file["type"], file["content"]


def test_invitations_are_what_outlook_and_google_take() -> None:
    """RFC 5546 through mail (RFC 6047): the method in the content type too, UTC, lines of 75 octets, one uid for life."""
    kind = make_type(
        make_host('Chloé "C" Dubois'), where="Room 1; 2nd floor, left\\right", texts={"en": {"name": NAME}}
    )
    seat = booking.book(kind, MONDAY, Visitor(NAME[:160], "ann@example.com", language="en"))
    moving.move(seat, at("2026-06-09T07:00"))
    moving.cancel(seat)

    files = [raw(mail) for mail in Mail.objects.order_by("pk")]

    assert [kind for kind, _content in files] == [
        "text/calendar; method=REQUEST", "text/calendar; method=REQUEST", "text/calendar; method=CANCEL",
    ]  # fmt: skip
    events = []
    for _kind, content in files:
        assert content.replace("\r\n", "").find("\n") == -1  # CRLF alone
        assert all(len(line.encode()) <= 75 for line in content.split("\r\n"))
        calendar = Calendar.from_ical(content)
        [event] = calendar.walk("VEVENT")
        events.append((calendar, event))
        assert {"VERSION", "PRODID", "METHOD", "CALSCALE"} <= set(calendar)
        assert {"UID", "SEQUENCE", "DTSTAMP", "DTSTART", "DTEND", "ORGANIZER", "ATTENDEE", "SUMMARY", "STATUS"} <= set(
            event
        )
        assert event["dtstart"].to_ical().endswith(b"Z")
        assert str(event["location"]) == "Room 1; 2nd floor, left\\right"
        assert NAME[:100] in str(event["summary"])
        assert str(event["organizer"]) == "mailto:tenure@localhost"
        assert [(one.params["ROLE"], one.params["PARTSTAT"]) for one in event["attendee"]] == [
            ("REQ-PARTICIPANT", "ACCEPTED"), ("CHAIR", "ACCEPTED"),
        ]  # fmt: skip
    assert len({str(event["uid"]) for _calendar, event in events}) == 1
    assert [int(event["sequence"]) for _calendar, event in events] == [0, 1, 2]
    assert [str(event["status"]) for _calendar, event in events] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
