"""What goes to calendars: forms that Outlook, Google and Apple take, one entry a person, nothing slipped in."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from accounts.domain.mails.sending import message_of
from accounts.models import Mail
from onboarding.domain import booking, moving
from onboarding.domain.booking import Visitor
from tests.onboarding.booked import MONDAY, ann, entry, mails
from tests.onboarding.factories import NOW, make_host, make_type

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("friday")]
PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture
def friday(time_machine):
    time_machine.move_to(NOW, tick=False)


def test_who_changes_over_has_one_entry_that_moves_and_one_mail() -> None:
    kind = make_type(make_host(), seats=2)
    seat = booking.book(kind, MONDAY, ann())

    there = moving.move(seat, MONDAY + timedelta(hours=1))
    back = moving.move(there, MONDAY)
    moving.cancel(back)

    assert [kind for kind, _to in mails()] == ["session.booked", "session.moved", "session.moved", "session.canceled"]
    entries = [entry(mail)[1] for mail in Mail.objects.order_by("pk")]
    assert len({str(event["uid"]) for event in entries}) == 1
    assert [(int(event["sequence"]), event.decoded("dtstart")) for event in entries] == [
        (0, MONDAY), (1, MONDAY + timedelta(hours=1)), (2, MONDAY), (3, MONDAY),
    ]  # fmt: skip


def test_an_invitation_is_a_form_of_the_mail_and_a_file_beside_it(settings) -> None:
    booking.book(make_type(make_host()), MONDAY, Visitor("Zoë", "zoe@example.com"))
    mail = Mail.objects.get()

    message = message_of(mail).message()
    [forms, file] = message.get_payload()
    settings.MAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
    by_service = message_of(mail)

    assert [part.get_content_type() for part in forms.get_payload()] == ["text/plain", "text/html", "text/calendar"]
    invitation = forms.get_payload()[2]
    assert (invitation.get_param("method"), invitation.get_content_charset()) == ("REQUEST", "utf-8")
    assert invitation.get_payload(decode=True) == mail.attachments[0]["content"].encode()
    assert (file.get_content_type(), file.get_filename()) == ("application/ics", "invite.ics")
    assert file.get_payload(decode=True) == mail.attachments[0]["content"].encode()
    assert "ATTENDEE;CN=Zoë" in file.get_payload(decode=True).decode().replace("\r\n ", "")
    assert [one.mimetype for one in by_service.alternatives] == ["text/html"]
    assert by_service.attachments[0].mimetype == "text/calendar; method=REQUEST"


def test_what_stands_in_an_invitation_is_what_calendars_ask_for(time_machine) -> None:
    seat = booking.book(make_type(make_host()), MONDAY, ann())
    time_machine.move_to(NOW + timedelta(hours=3), tick=False)
    moving.move(seat, MONDAY + timedelta(hours=1))

    _calendar, event = entry(Mail.objects.latest("pk"))

    # RFC 5546, 3.2.2: these have to be there, the stamp says when this message was made.
    assert {"UID", "SEQUENCE", "DTSTAMP", "DTSTART", "SUMMARY", "ORGANIZER", "ATTENDEE"} <= set(event)
    assert event.decoded("dtstamp") == NOW + timedelta(hours=3)
    assert [event[name].to_ical()[-1:] for name in ("dtstamp", "dtstart", "dtend")] == [b"Z"] * 3


def test_calendars_follow_to_another_host() -> None:
    """An entry belongs to who invited: of anybody else they would take no change."""
    mornings = {"0": [[540, 720]]}
    seat = booking.book(make_type(make_host(weekly=mornings), make_host("Bob")), MONDAY, ann())
    moved = moving.move(seat, MONDAY + timedelta(days=1))

    (_first, before), (_second, after) = (entry(mail) for mail in Mail.objects.order_by("pk"))

    assert (before["uid"], before["organizer"]) == (after["uid"], after["organizer"])
    assert after["organizer"].params["CN"] == "Tenure"
    assert [str(event["attendee"][1]) for event in (before, after)] == [
        "mailto:chloe@tenure.example", "mailto:bob@tenure.example",
    ]  # fmt: skip
    assert moved.session.host.name == "Bob"


def test_hostile_names_come_whole_into_mail_and_calendar() -> None:
    name = 'Ann "; X:evil\r\nATTENDEE:mailto:x@x <b>ß 😀'
    kind = make_type(make_host())

    seat = booking.book(kind, MONDAY, Visitor(name, "ann@example.com", language="fr"))

    assert seat.name == 'Ann "; X:evil ATTENDEE:mailto:x@x <b>ß 😀'
    _calendar, event = entry(Mail.objects.get())
    assert str(event["summary"]).endswith(seat.name)
    assert len(event.walk()) == 1
    assert str(event["attendee"][0]) == "mailto:ann@example.com"
