"""Nobody books a second session of a kind by oversight, and nobody takes what is there for everybody."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.domain import rules
from accounts.domain.links import address_of as link_of, token_of
from accounts.exceptions import Conflict, DomainError
from onboarding.domain import booking, moving, repeats
from onboarding.domain.booking import Visitor
from onboarding.domain.letters import PURPOSE
from onboarding.models import Seat, Session
from tests.onboarding.factories import NOW, at, make_contact, make_host, make_type

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("friday")]
MONDAY = at("2026-06-08T07:00")
HOUR = timedelta(hours=1)


@pytest.fixture
def friday(time_machine):
    time_machine.move_to(NOW, tick=False)


def ann(number: int = 1) -> Visitor:
    return Visitor("Ann", f"ann{number}@example.com", language="en")


def page_of(contact) -> str:
    return f"/c/{link_of(contact, 'portal').rstrip('/').rpartition('/')[2]}/book/kickoff/"


def start(hours: int) -> str:
    return (MONDAY + hours * HOUR).strftime("%Y-%m-%dT%H:%MZ")


def test_a_contact_who_has_one_ahead_is_told_and_may_book_another_on_purpose(client: Client) -> None:
    csm = make_host()
    kim, kind = make_contact(csm), make_type()
    seat = booking.book(kind, MONDAY, Visitor.of(kim))
    here = page_of(kim)

    opened = client.get(here)
    sent = client.post(here, {"start": start(1), "confirm": "1"})
    same = client.post(here, {"start": start(0), "confirm": "1"})
    wanted = client.get(f"{here}?again=1")
    picked = client.post(here, {"start": start(1), "again": "1", "key": "k" * 32})
    another = client.post(here, {"start": start(1), "again": "1", "key": "k" * 32, "confirm": "1"})

    assert [answer.status_code for answer in (opened, sent, same, wanted, picked, another)] == [
        200, 409, 302, 200, 200, 302,
    ]  # fmt: skip
    for answer in (opened, sent):
        assert "You have booked this already" in answer.text
        assert "Monday, June 8, 2026" in answer.text
        assert f"{reverse('booking', args=[token_of(seat.key, PURPOSE)])}move/" in answer.text
    assert 'name="again" value="1"' in wanted.text
    assert 'name="again" value="1"' in picked.text
    assert list(Session.objects.values_list("starts_at", flat=True)) == [MONDAY, MONDAY + HOUR]


def test_what_is_over_or_canceled_or_of_another_kind_is_nothing_ahead(time_machine) -> None:
    kim, kind = make_contact(make_host()), make_type()
    booking.book(make_type(slug="other"), MONDAY, Visitor.of(kim))
    moving.cancel(booking.book(kind, MONDAY + HOUR, Visitor.of(kim)))
    booking.book(kind, MONDAY + 2 * HOUR, Visitor.of(kim))

    ahead = [seat.session.starts_at for seat in repeats.coming_of(kind, kim)]
    time_machine.move_to(MONDAY + 3 * HOUR, tick=False)

    assert (ahead, repeats.coming_of(kind, kim)) == ([MONDAY + 2 * HOUR], [])


def test_one_address_books_three_of_a_kind_and_moves_them_freely() -> None:
    rules.change({"booking.ahead": "2"})
    kind, other = make_type(make_host(), seats=9), make_type(make_host("Bob"), slug="other")
    seats = [booking.book(kind, MONDAY + n * HOUR, ann()) for n in range(2)]

    with pytest.raises(Conflict) as refusal:
        booking.book(kind, MONDAY + timedelta(hours=5), Visitor("Somebody else", "ANN1@example.com"))
    moving.move(seats[0], MONDAY + timedelta(hours=5))
    booking.book(kind, MONDAY, ann(2))
    booking.book(other, MONDAY, ann())

    assert (refusal.value.status, refusal.value.code, str(refusal.value)) == (
        409, "booked_enough",
        "2 sessions of this kind are booked with this address already: move one by the link in its mail.",
    )  # fmt: skip
    assert Seat.objects.filter(status="booked").count() == 4


def test_times_kept_at_once_have_an_end_for_one_place(client: Client) -> None:
    rules.change({"booking.held": "2"})
    kind = make_type(make_host(), make_host("Bob"))

    answers = [client.post("/book/kickoff/", {"start": start(n), "key": f"{n}" * 32}) for n in range(2)]
    same = client.post("/book/kickoff/", {"start": start(5), "key": "1" * 32})  # lets go of the one before
    more = client.post("/book/kickoff/", {"start": start(1), "key": "9" * 32})
    elsewhere = client.post("/book/kickoff/", {"start": start(1), "key": "8" * 32}, REMOTE_ADDR="198.51.100.7")

    assert [one.status_code for one in (*answers, same, more, elsewhere)] == [200, 200, 200, 429, 200]
    assert "From here, several times are being kept already." in more.text
    assert "kept for you" not in more.text
    assert Session.objects.filter(session_type=kind, status="held").count() == 3
    assert not any("127.0.0.1" in held for held in Session.objects.values_list("held_for", flat=True))


def test_a_contact_keeps_no_more_times_than_anybody() -> None:
    rules.change({"booking.held": "1"})
    kim, kind = make_contact(make_host()), make_type()
    whose = repeats.holder(kim, "")
    booking.hold(kind, MONDAY, "a" * 32, account=kim.account, held_for=whose)

    with pytest.raises(DomainError) as refusal:
        booking.hold(kind, MONDAY + HOUR, "b" * 32, account=kim.account, held_for=whose)

    assert (refusal.value.status, refusal.value.code) == (429, "held_enough")


def test_from_one_address_so_many_are_booked_in_an_hour(client: Client) -> None:
    rules.change({"booking.hourly": "1"})
    make_type(make_host())

    def post(number: int, hours: int):
        given = {"start": start(hours), "confirm": "1", "name": "Ann", "email": f"ann{number}@example.com"}
        return client.post("/book/kickoff/", given)

    first, late, second = post(1, 0), post(2, 99), post(3, 1)

    assert (first.status_code, late.status_code, second.status_code) == (302, 429, 429)
    assert int(second["Retry-After"]) > 0
    assert Seat.objects.count() == 1


def test_who_canceled_what_only_contacts_book_can_book_it_again(client: Client) -> None:
    kim, kind = make_contact(make_host()), make_type(make_host("Bob"), public=False)
    seat = booking.book(kind, MONDAY, Visitor.of(kim))
    moving.cancel(seat)
    here = reverse("booking", args=[token_of(seat.key, PURPOSE)])

    shown = client.get(here)
    again = client.post(f"{here}again/", {"start": start(1), "confirm": "1"})
    stranger = booking.book(kind, MONDAY + 2 * HOUR, ann())
    nobody = client.get(f"{reverse('booking', args=[token_of(stranger.key, PURPOSE)])}again/")

    assert f"{here}again/" in shown.text
    assert (again.status_code, nobody.status_code) == (302, 404)
    assert Seat.objects.filter(contact=kim, status="booked", session__starts_at=MONDAY + HOUR).exists()
