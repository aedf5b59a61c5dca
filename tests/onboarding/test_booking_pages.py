"""The pages on which people book, move and cancel: without a sign-in and without JavaScript; opening changes nothing."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.domain.links import address_of as link_of, revoke_link, token_of
from accounts.models import ContactLink, Mail
from onboarding.domain import booking, moving
from onboarding.domain.booking import Visitor
from onboarding.domain.letters import PURPOSE
from onboarding.models import Seat, Session
from tests.onboarding.factories import NOW, at, make_contact, make_host, make_type

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("friday")]
MONDAY = at("2026-06-08T07:00")
START = "2026-06-08T07:00Z"
ANN = {"name": "Ann", "email": "ann@example.com"}


@pytest.fixture
def friday(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def kind():
    return make_type(make_host())


def path_of(seat: Seat, page: str = "booking") -> str:
    return reverse(page, args=[token_of(seat.key, PURPOSE)])


def starts(html: str) -> list[str]:
    return re.findall(r'name="start" value="([^"]+)"', html)


def ann_booked(kind) -> Seat:
    return booking.book(kind, MONDAY, Visitor("Ann", "ann@example.com", language="en", time_zone="Europe/Paris"))


def test_a_stranger_books_in_three_steps(client: Client, kind) -> None:
    page = client.get("/book/kickoff/?tz=Europe/Paris")
    picked = client.post("/book/kickoff/", {"start": START, "tz": "Europe/Paris", "key": "k" * 32})
    booked = client.post(
        "/book/kickoff/", {"start": START, "tz": "Europe/Paris", "key": "k" * 32, "confirm": "1", **ANN}
    )
    shown = client.get(booked["Location"])

    assert (page.status_code, picked.status_code, booked.status_code, shown.status_code) == (200, 200, 302, 200)
    assert starts(page.text)[:2] == ["2026-06-05T08:00Z", "2026-06-05T09:00Z"]
    assert not client.cookies  # in a page of another site none would come along
    assert "This time is kept for you for five minutes." in picked.text
    assert "You are booked" in shown.text
    assert "9:00\u202fAM – 10:00\u202fAM" in shown.text
    session = Session.objects.get()
    assert (session.starts_at, session.status, session.seats_taken) == (MONDAY, "confirmed", 1)
    assert shown["Referrer-Policy"] == "strict-origin"


def test_earlier_leads_to_what_is_free_and_nowhere_else(client: Client, kind, time_machine) -> None:
    time_machine.move_to(at("2026-06-06T08:00"), tick=False)  # a Saturday: nothing is free before Monday

    def earlier(query: str = "") -> list[str]:
        page = client.get(f"/book/kickoff/?tz=Europe/Paris{query}").text
        return re.findall(r'name="from" value="([^"]+)">.*?Earlier', page)

    assert [earlier(), earlier("&from=2026-06-08"), earlier("&from=2026-06-09"), earlier("&from=2026-06-22")] == [
        [], [], ["2026-06-06"], ["2026-06-15"],
    ]  # fmt: skip


def test_who_comes_too_late_sees_what_is_free_now_and_keeps_what_was_typed(client: Client, kind) -> None:
    ann_booked(kind)

    late = client.post(
        "/book/kickoff/",
        {"start": START, "tz": "Europe/Paris", "confirm": "1", "name": "Bea B", "email": "bea@example.com"},
    )

    assert late.status_code == 409
    assert "This time is not free any more." in late.text
    assert START not in starts(late.text)
    assert 'value="Bea B"' in late.text
    assert 'value="bea@example.com"' in late.text
    other = {"start": starts(late.text)[0], "tz": "Europe/Paris", "name": "Bea B", "email": "bea@example.com"}
    assert re.findall(r'name="(?:name|email)" value="([^"]*)"', client.post("/book/kickoff/", other).text) == [
        "Bea B", "bea@example.com",
    ]  # fmt: skip


def test_what_no_field_would_take_does_not_come_back(client: Client, kind) -> None:
    answer = client.post("/book/kickoff/", {"name": "x" * 100_000})

    assert answer.status_code == 200
    assert len(answer.content) < 100_000


@pytest.mark.parametrize(
    ("given", "status", "sentence"),
    [
        ({"start": "2026-06-08T07:10Z"}, 409, "not free any more"),
        ({"start": "2020-01-01T00:00Z"}, 409, "not free any more"),
        ({"start": "9999-12-31T23:59Z"}, 422, "Please choose a time."),
        ({"start": "nonsense"}, 422, "Please choose a time."),
        ({"start": "2026-06-08T07:00"}, 422, "Please choose a time."),  # no zone: no instant
        ({"start": START, "confirm": "1", "name": "", "email": "ann@example.com"}, 422, "This field is required"),
        ({"start": START, "confirm": "1", "name": "Ann", "email": "no"}, 422, "Enter a valid email address"),
        ({"tz": "Mars/Olympus"}, 422, "There is no time zone “Mars/Olympus”."),
        ({"start": START, "confirm": "1", "tz": "Mars/Olympus", **ANN}, 422, "There is no time zone “Mars/Olympus”."),
        ({"from": "2026-13-45"}, 200, "Your time zone"),
        ({"start": "\0", "tz": "\0"}, 422, "There is no time zone"),
        ({"start": START, "key": "\0" * 32}, 200, "This time is kept for you"),
    ],
)
def test_bad_input_gets_a_sentence(client: Client, kind, given, status, sentence) -> None:
    answer = client.post("/book/kickoff/", given)

    assert (answer.status_code, sentence in answer.text) == (status, True)
    assert status == 200 or "confirm" in given or starts(answer.text)
    assert not Session.objects.filter(status="confirmed").exists()


def test_questions_come_first_and_may_lead_elsewhere(client: Client) -> None:
    make_type(slug="webinar", seats=50, texts={"en": {"name": "Webinar"}})
    make_type(
        make_host(),
        questions=[
            {
                "key": "size", "text": {"en": {"text": "How many are you?"}}, "kind": "choice", "choices": ["1-10", "more"],
                "required": True, "routes": [{"value": "1-10", "slug": "webinar", "text": {"en": {"text": "Join a webinar."}}}],
            }
        ],
    )  # fmt: skip

    asked = client.get("/book/kickoff/?tz=Asia/Tokyo")
    unanswered = client.post("/book/kickoff/", {"q_size": ""})
    foreign = client.post("/book/kickoff/", {"q_size": "none of these"})
    routed = client.post("/book/kickoff/", {"q_size": "1-10"})
    through = client.post("/book/kickoff/", {"q_size": "more", "tz": "Europe/Paris"})
    client.post("/book/kickoff/", {"q_size": "more", "start": START, "confirm": "1", **ANN})

    home = link_of(make_contact(), "portal").removeprefix("http://127.0.0.1:8000")
    known = client.post(f"{home}book/kickoff/", {"q_size": "1-10"})

    assert f"{home}book/webinar/" in known.text
    assert "How many are you?" in asked.text
    assert 'name="tz" value="Asia/Tokyo"' in asked.text
    assert (unanswered.status_code, foreign.status_code) == (422, 422)
    assert "Join a webinar." in routed.text
    assert "/book/webinar/" in routed.text
    assert START in starts(through.text)
    assert Seat.objects.get().answers == {"size": "more"}


def test_a_contact_books_with_their_own_csm_in_two_clicks(client: Client) -> None:
    contact = make_contact(make_host())
    make_type(public=False)
    home = link_of(contact, "portal").removeprefix("http://127.0.0.1:8000")

    page = client.get(f"{home}book/kickoff/")
    booked = client.post(f"{home}book/kickoff/", {"start": START, "confirm": "1"})

    assert START in starts(page.text)
    assert 'name="csrfmiddlewaretoken"' in page.text
    assert "America/New_York" in page.text
    assert booked.status_code == 302
    seat = Seat.objects.get()
    assert (seat.contact, seat.session.account) == (contact, contact.account)
    foreign = client.get("/book/kickoff/")
    assert (foreign.status_code, "This link leads nowhere" in foreign.text) == (404, True)


def test_who_booked_by_their_own_link_finds_back_and_nobody_else(client: Client) -> None:
    csm = make_host()
    kind, contact = make_type(public=False), make_contact(csm)
    home = link_of(contact, "portal").removeprefix("http://127.0.0.1:8000")
    booked = client.post(f"{home}book/kickoff/", {"start": START, "confirm": "1"})
    way = f'href="{home}checklist/"'

    assert way in client.get(booked["Location"]).text
    assert client.cookies["home"]["path"] == booked["Location"]
    assert way not in Client().get(booked["Location"]).text  # passed on, or opened from the mail
    other = booking.book(kind, MONDAY + timedelta(days=1), Visitor("Ann", "ann@example.com"), account=contact.account)
    client.cookies["home"]["path"] = "/"
    assert way not in client.get(path_of(other)).text  # somebody else's booking
    revoke_link(ContactLink.objects.get())
    assert way not in client.get(booked["Location"]).text


def test_opening_links_changes_nothing_and_only_sending_cancels(client: Client, kind) -> None:
    seat = ann_booked(kind)
    states = []
    for method, page in [("head", "cancel"), ("get", "cancel"), ("get", "move"), ("get", "cancel"), ("post", "cancel")]:
        getattr(client, method)(path_of(seat, f"booking-{page}"))
        states.append(Session.objects.get().status)

    assert states == ["confirmed"] * 4 + ["canceled"]
    assert Mail.objects.filter(kind="session.canceled").count() == 1
    assert "Your booking is canceled" in client.get(path_of(seat)).text


def test_moving_from_the_mail_and_an_old_link_afterwards(client: Client, kind) -> None:
    seat = ann_booked(kind)

    listed = client.get(path_of(seat, "booking-move"))
    asked = client.post(path_of(seat, "booking-move"), {"start": "2026-06-09T07:00Z", "tz": "Europe/Paris"})
    assert (asked.status_code, Session.objects.get().starts_at) == (200, MONDAY)
    assert re.findall("June [89], 2026", asked.text) == ["June 8, 2026", "June 9, 2026"]
    moved = client.post(path_of(seat, "booking-move"), {"start": "2026-06-09T07:00Z", "confirm": "1"})
    again = client.post(path_of(seat, "booking-move"), {"start": "2026-06-09T07:10Z"})
    nothing = client.post(path_of(seat, "booking-move"), {})
    nowhere = client.post(path_of(seat, "booking-move"), {"start": "2026-06-10T07:00Z", "tz": "Mars/Olympus"})
    turned = client.post(path_of(seat, "booking-move"), {"from": "2026-06-10"})
    stays = client.post(path_of(seat, "booking-move"), {"start": "2026-06-09T07:00Z"})

    assert "2026-06-09T07:00Z" in starts(listed.text)
    assert moved.status_code == 302
    assert (again.status_code, nothing.status_code, nowhere.status_code) == (409, 422, 422)
    assert (turned.status_code, "Please choose a time." in turned.text) == (200, False)
    assert stays["Location"] == path_of(seat)  # where it is already
    assert Session.objects.get().starts_at == MONDAY + timedelta(days=1)
    assert "June 9, 2026" in client.get(path_of(seat)).text


def test_what_is_over_or_canceled_is_not_said_to_be_theirs_still(client: Client, kind, time_machine) -> None:
    over, canceled = ann_booked(kind), booking.book(kind, MONDAY + timedelta(hours=1), Visitor("Bea", "b@example.com"))
    moving.cancel(canceled)
    time_machine.move_to(MONDAY, tick=False)

    for page in ("booking-move", "booking-cancel"):
        html = client.get(path_of(over, page)).text
        assert ("it cannot be changed any more" in html, "stays yours" in html, "?</h1>" in html) == (
            True,
            False,
            False,
        )
    html = client.get(path_of(canceled, "booking-move")).text
    assert ("stays yours" in html, f'href="{path_of(canceled)}again/"' in html) == (False, True)


def test_a_link_that_is_none_of_ours_says_nothing(client: Client, kind) -> None:
    seat = ann_booked(kind)
    token = token_of(seat.key, PURPOSE)

    for bad in (token[:-1] + ("A" if token[-1] != "A" else "B"), seat.key, token_of(seat.key, "portal"), "x", "é" * 50):
        answer = client.get(f"/b/{bad}/")
        assert (answer.status_code, "Ann" in answer.text) == (404, False)


def test_the_page_may_be_embedded_only_where_it_is_allowed(client: Client) -> None:
    make_type(make_host(), embed_hosts=["https://www.acme.example"])
    make_type(slug="other")

    allowed, other = client.get("/book/kickoff/"), client.get("/book/other/")

    assert "frame-ancestors https://www.acme.example" in allowed["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in other["Content-Security-Policy"]


def test_french_pages_speak_french_times(client: Client, kind) -> None:
    seat = ann_booked(kind)

    page = client.get(path_of(seat) + "?lang=fr")

    assert "8 juin 2026" in page.text
    assert "09:00 – 10:00" in page.text
    assert page["Content-Language"] == "fr"
