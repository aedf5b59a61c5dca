"""Booking: what is listed can be had, once; moving and canceling keep one UID; nobody is told twice."""

import threading
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from model_bakery import baker

from accounts.exceptions import Conflict, DomainError
from accounts.models import Activity, Mail
from onboarding.domain import attendance, booking, moving, reminding
from onboarding.domain.booking import SlotGone, Visitor
from onboarding.domain.offers import offers
from onboarding.enums import SeatStatus, SessionStatus
from onboarding.models import BusyBlock, BusyCalendar, OwnDate, PoolHost, Reminder, Seat, Session
from tests.onboarding.booked import MONDAY, ann, entry, mails
from tests.onboarding.factories import NOW, at, make_contact, make_host, make_type

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("friday")]
PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture
def friday(time_machine):
    time_machine.move_to(NOW, tick=False)


def test_what_is_listed_is_what_hours_bookings_and_other_calendars_leave() -> None:
    host = make_host()
    kind = make_type(host, after=15)
    calendar = baker.make(BusyCalendar, user=host)
    baker.make(BusyBlock, calendar=calendar, user=host, span=(at("2026-06-08T12:00"), at("2026-06-08T13:00")))
    baker.make(OwnDate, schedule=host.schedule, day=date(2026, 6, 9), intervals=[[600, 720]])
    booking.book(kind, MONDAY, ann())

    found = offers(kind, date(2026, 6, 8), date(2026, 6, 9), PARIS)

    assert [offer.start.astimezone(PARIS).strftime("%d %H:%M") for offer in found] == [
        "08 11:00", "08 15:00", "08 16:00", "09 10:00", "09 11:00",
    ]  # fmt: skip


@pytest.mark.parametrize(("limits", "queries"), [({}, 1), ({"per_day": 9}, 2)])
def test_reading_takes_as_many_queries_for_many_hosts_as_for_one(limits: dict[str, int], queries: int) -> None:
    hosts = [make_host(f"Host{n}") for n in range(5)]
    kind = make_type(*hosts, **limits)
    for n, host in enumerate(hosts):
        baker.make(Session, session_type=kind, host=host, starts_at=MONDAY, ends_at=MONDAY + timedelta(hours=n + 1))

    with CaptureQueriesContext(connection) as seen:
        found = offers(kind, date(2026, 6, 8), date(2026, 6, 8), PARIS)

    assert len(seen) == queries  # what limits count is read besides
    assert [len(offer.hosts) for offer in found] == [1, 2, 4, 5, 5, 5]


def test_a_booking_is_on_the_timeline_and_in_everybodys_calendar() -> None:
    csm = make_host()
    contact = make_contact(csm)
    kind = make_type(
        where="https://meet.example/kickoff", texts={"fr": {"name": "Lancement"}, "en": {"name": "Kick-off"}}
    )

    with translation.override("fr"):  # their page; the timeline is the team's
        seat = booking.book(kind, MONDAY, Visitor.of(contact))

    session = seat.session
    assert (session.host, session.account, session.status, session.seats_taken) == (
        csm, contact.account, SessionStatus.CONFIRMED, 1,
    )  # fmt: skip
    activity = Activity.objects.get(kind="session.booked")
    assert activity.actor_label == "Customer: Kim Doe"
    assert activity.data == {
        "session": session.pk, "type": "Kick-off", "starts_at": "2026-06-08T07:00:00+00:00", "host": "Chloe",
        "contact": "Kim Doe",
        "contact_id": contact.pk,
    }  # fmt: skip
    assert list(Reminder.objects.order_by("due_at").values_list("hours", "due_at")) == [
        (24, MONDAY - timedelta(hours=24)), (1, MONDAY - timedelta(hours=1)),
    ]  # fmt: skip
    [mail] = Mail.objects.all()
    assert mail.to == "kim@acme.example"
    assert "June 8, 2026, 3:00\u202fAM – 4:00\u202fAM (America/New_York)" in mail.text
    calendar, event = entry(mail)
    assert (str(calendar["method"]), int(event["sequence"]), event.decoded("dtstart")) == ("REQUEST", 0, MONDAY)
    assert event["uid"].startswith(str(session.uid))
    assert event["dtstart"].to_ical() == b"20260608T070000Z"
    assert event["location"] == "https://meet.example/kickoff"


def test_the_same_person_sending_twice_has_one_booking() -> None:
    kind = make_type(make_host())

    first, second = (booking.book(kind, MONDAY, ann()) for _time in range(2))

    assert first == second
    assert mails() == [("session.booked", "ann1@example.com")]


@pytest.mark.parametrize(
    "start",
    [
        at("2026-06-05T07:00"),  # past
        at("2026-06-08T07:10"),  # off the grid
        at("2026-06-08T04:00"),  # outside hours
        at("2026-06-06T07:00"),  # a Saturday
        at("2026-07-20T07:00"),  # beyond the horizon
        at("2026-06-08T10:00"),  # over lunch
    ],
)
def test_a_start_that_is_not_offered_is_refused(start) -> None:
    kind = make_type(make_host())

    with pytest.raises(SlotGone) as refusal:
        booking.book(kind, start, ann())

    assert (refusal.value.status, str(refusal.value)) == (
        409, "This time is not free any more. Please choose another one.",
    )  # fmt: skip
    assert not Session.objects.exists()


@pytest.mark.parametrize(
    ("visitor", "field"),
    [
        (Visitor("", "ann@example.com"), "name"),
        (Visitor("Ann", "no address"), "email"),
        (Visitor("Ann", "ann@example.com", time_zone="Mars/Olympus"), "time_zone"),
        (Visitor("A" * 161, "ann@example.com"), "name"),
    ],
)
def test_a_person_nobody_could_reach_is_refused_by_the_field(visitor, field) -> None:
    kind = make_type(make_host())

    with pytest.raises(DomainError) as refusal:
        booking.book(kind, MONDAY, visitor)

    assert list(refusal.value.errors) == [field]


def test_limits_count_what_is_booked_of_this_type() -> None:
    host = make_host()
    kind, other = make_type(host, per_day=1), make_type(host, slug="other", per_day=None)
    booking.book(kind, MONDAY, ann(1))

    with pytest.raises(SlotGone):
        booking.book(kind, MONDAY + timedelta(hours=1), ann(2))
    booking.book(other, MONDAY + timedelta(hours=1), ann(2))

    assert Session.objects.count() == 2


def test_a_hold_keeps_the_slot_for_its_visitor_for_five_minutes(time_machine) -> None:
    kind = make_type(make_host())
    booking.hold(kind, MONDAY, "key-of-ann")

    with pytest.raises(SlotGone):
        booking.book(kind, MONDAY, ann(2))
    time_machine.move_to(NOW + timedelta(minutes=4), tick=False)
    seat = booking.book(kind, MONDAY, ann(1), hold_key="key-of-ann")

    assert Session.objects.get() == seat.session
    booking.hold(kind, MONDAY + timedelta(hours=1), "key-of-bea")
    booking.hold(kind, MONDAY + timedelta(hours=2), "key-of-bea")  # lets go of the first
    booking.book(kind, MONDAY + timedelta(hours=1), ann(3))
    time_machine.move_to(NOW + timedelta(minutes=20), tick=False)
    booking.book(kind, MONDAY + timedelta(hours=2), ann(4))
    assert booking.drop_expired_holds() == 0
    assert Session.objects.filter(status="held").count() == 0


def test_a_pool_takes_turns_by_weight() -> None:
    ana, bob = make_host("Ana"), make_host("Bob")
    kind = make_type(ana, bob)
    PoolHost.objects.filter(user=bob).update(weight=200)

    hosts = [booking.book(kind, MONDAY + timedelta(days=n), ann(n)).session.host.name for n in range(3)]
    seat = booking.book(kind, MONDAY, ann(9))  # whoever is still free then

    assert hosts == ["Bob", "Ana", "Bob"]
    assert seat.session.host == ana
    assert dict(PoolHost.objects.values_list("user__name", "assigned")) == {"Ana": 2, "Bob": 2}


def test_moving_keeps_row_and_uid_and_raises_the_sequence() -> None:
    kind = make_type(make_host())
    seat = booking.book(kind, MONDAY, ann())
    uid, later = seat.session.uid, MONDAY + timedelta(days=1)

    moving.move(seat, later)
    moving.move(seat, later)  # there already

    session = Session.objects.get()
    assert (session.uid, session.starts_at, session.sequence) == (uid, later, 1)
    assert mails() == [("session.booked", "ann1@example.com"), ("session.moved", "ann1@example.com")]
    calendar, event = entry(Mail.objects.latest("pk"))
    assert (str(calendar["method"]), int(event["sequence"]), event.decoded("dtstart")) == ("REQUEST", 1, later)
    assert set(Reminder.objects.values_list("due_at", flat=True)) == {
        later - timedelta(hours=24), later - timedelta(hours=1),
    }  # fmt: skip


def test_a_booking_may_move_over_its_own_time_and_not_over_anothers() -> None:
    kind = make_type(make_host(), every=30)
    seat, other = booking.book(kind, MONDAY, ann(1)), booking.book(kind, MONDAY + timedelta(hours=2), ann(2))

    moving.move(seat, MONDAY + timedelta(minutes=30))
    with pytest.raises(SlotGone):
        moving.move(seat, other.session.starts_at - timedelta(minutes=30))

    assert Session.objects.get(pk=seat.session_id).starts_at == MONDAY + timedelta(minutes=30)


def test_canceling_frees_the_slot_says_so_once_and_forgets_the_reminders() -> None:
    kind = make_type(make_host())
    seat = booking.book(kind, MONDAY, ann())

    moving.cancel(seat, reason="No time")
    moving.cancel(Seat.objects.get())

    session = Session.objects.get()
    assert (session.status, session.cancel_reason, session.sequence) == ("canceled", "No time", 1)
    assert [kind for kind, _to in mails()] == ["session.booked", "session.canceled"]
    calendar, event = entry(Mail.objects.latest("pk"))
    assert (str(calendar["method"]), str(event["status"]), int(event["sequence"])) == ("CANCEL", "CANCELLED", 1)
    assert (str(event["comment"]), "Why: No time" in Mail.objects.latest("pk").text) == ("No time", True)
    assert not Reminder.objects.exists()
    booking.book(kind, MONDAY, ann(2))
    with pytest.raises(Conflict, match="has been canceled"):
        moving.move(seat, MONDAY + timedelta(hours=1))


def test_a_group_has_seats_and_each_is_its_own() -> None:
    kind = make_type(make_host(), seats=2)
    first, second = booking.book(kind, MONDAY, ann(1)), booking.book(kind, MONDAY, ann(2))

    with pytest.raises(SlotGone, match="not free any more"):
        booking.book(kind, MONDAY, ann(3))
    moving.cancel(first)
    third = booking.book(kind, MONDAY, ann(3))

    session = Session.objects.get()
    assert (session.seats_taken, session.status) == (2, "confirmed")
    assert {second.session_id, third.session_id} == {session.pk}
    assert [m for m in mails() if m[0] == "session.canceled"] == [("session.canceled", "ann1@example.com")]
    uids = {str(entry(mail)[1]["uid"]) for mail in Mail.objects.filter(kind="session.booked")}
    assert len(uids) == 3


def test_old_links_lead_to_the_seat_somebody_changed_over_to() -> None:
    kind = make_type(make_host(), seats=2)
    seat = booking.book(kind, MONDAY, ann(1))
    sent = seat.key

    other = moving.move(seat, MONDAY + timedelta(hours=1))
    again = booking.book(kind, MONDAY + timedelta(hours=2), ann(1))
    there = moving.move(again, MONDAY + timedelta(hours=1))  # they have a seat there: it stays as it is

    seat.refresh_from_db()
    assert (other.key, other.status, seat.status) == (sent, "booked", "canceled")
    assert (there.pk, there.key) == (other.pk, sent)
    assert Seat.objects.filter(key=again.key, status="canceled").exists()
    assert list(Seat.objects.filter(status="booked").values_list("key", flat=True)) == [sent]


def test_a_group_moves_as_a_whole_and_everybody_is_told() -> None:
    kind = make_type(make_host(), seats=3)
    seats = [booking.book(kind, MONDAY, ann(n)) for n in range(3)]
    moving.cancel(seats.pop())
    later = MONDAY + timedelta(days=1)
    other = booking.book(kind, MONDAY + timedelta(hours=1), ann(9)).session

    with pytest.raises(Conflict, match="Another session of this group begins then"):
        moving.move_session(seats[0].session, other.starts_at, by="Chloe")
    moved = moving.move_session(seats[0].session, later, by="Chloe")
    moving.move_session(moved, later, by="Chloe")  # there already

    assert (moved.starts_at, moved.sequence, moved.seats_taken, moved.pk) == (later, 1, 2, seats[0].session_id)
    told = [(m.to, *entry(m)) for m in Mail.objects.filter(kind="session.moved").order_by("to")]
    assert [(to, str(calendar["method"]), int(event["sequence"])) for to, calendar, event in told] == [
        ("ann0@example.com", "REQUEST", 1), ("ann1@example.com", "REQUEST", 1),
    ]  # fmt: skip
    assert set(Reminder.objects.filter(session=moved).values_list("due_at", flat=True)) == {
        later - timedelta(hours=24), later - timedelta(hours=1),
    }  # fmt: skip


def test_a_group_of_a_csms_own_customers_moves_on_their_hours() -> None:
    host = make_host()
    kim = make_contact(host)
    seat = booking.book(make_type(seats=3), MONDAY, Visitor.of(kim))

    moved = moving.move_session(seat.session, MONDAY + timedelta(days=1), by="Chloe")

    assert (moved.host, moved.starts_at) == (host, MONDAY + timedelta(days=1))


def test_reminders_go_out_once_and_not_after_a_cancel(time_machine) -> None:
    kind = make_type(make_host())
    kept, gone = booking.book(kind, MONDAY, ann(1)), booking.book(kind, MONDAY + timedelta(hours=1), ann(2))
    moving.cancel(gone)

    time_machine.move_to(MONDAY - timedelta(hours=24), tick=False)
    assert (reminding.remind_due(), reminding.remind_due()) == (1, 0)
    time_machine.move_to(MONDAY - timedelta(minutes=59), tick=False)
    assert reminding.remind_due() == 1

    sent = Mail.objects.filter(kind="session.reminder").order_by("pk")
    assert [(mail.to, mail.subject.split(":")[0]) for mail in sent] == [
        (kept.email, "Reminder"), (kept.email, "Soon"),
    ]  # fmt: skip


def test_attendance_is_marked_from_the_start_on_and_can_be_taken_back(time_machine) -> None:
    contact = make_contact(make_host())
    seat = booking.book(make_type(), MONDAY, Visitor.of(contact))

    with pytest.raises(Conflict, match="has not begun"):
        attendance.mark(seat, False, by="Chloe")
    time_machine.move_to(MONDAY, tick=False)
    marks = (False, False, None, True)
    statuses = [attendance.mark(seat, came, by="Chloe").status for came in marks]
    attendance.take_down(
        seat.session,
        by="Chloe",
        notes="They need SSO.\nSoon.",
        friction=["SSO ", "sso", ""],
        next_step="Send the guide",
    )

    assert statuses == ["no_show", "no_show", "confirmed", "attended"]
    assert list(Activity.objects.order_by("pk").values_list("kind", flat=True)) == [
        "session.booked", "session.no_show", "session.unmarked", "session.attended", "session.noted",
    ]  # fmt: skip
    session = Session.objects.get()
    assert (session.friction, session.next_step) == (["sso"], "Send the guide")
    assert Seat.objects.get().status == SeatStatus.ATTENDED


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_has_the_slot() -> None:
    kind = make_type(make_host(), make_host("Bob", weekly={}))
    results: list[str] = []

    def post(number: int) -> None:
        try:
            booking.book(kind, MONDAY, ann(number))
            results.append("booked")
        except SlotGone:
            results.append("gone")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=post, args=(n,)) for n in range(12)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]

    assert sorted(results) == ["booked"] + ["gone"] * 11
    assert [kind for kind, _to in mails()] == ["session.booked"]


@pytest.mark.django_db(transaction=True)
def test_the_last_seats_are_not_oversold() -> None:
    kind = make_type(make_host(), seats=3)
    results: list[str] = []

    def post(number: int) -> None:
        try:
            booking.book(kind, MONDAY, ann(number))
            results.append("booked")
        except SlotGone:
            results.append("gone")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=post, args=(n,)) for n in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]

    assert sorted(results) == ["booked"] * 3 + ["gone"] * 5
    assert Session.objects.get().seats_taken == Seat.objects.count() == 3
