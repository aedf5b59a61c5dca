"""Free times and bookings for programs: the same rule, the same verbs, the same refusals as on the pages."""

import pytest
from rest_framework.test import APIClient

from accounts.domain.tokens import create_token
from accounts.models import Activity, Mail
from onboarding.domain import booking
from onboarding.domain.booking import Visitor
from onboarding.models import Routing, Seat, Session
from tests.onboarding.factories import NOW, at, make_contact, make_host, make_type

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("friday")]
SESSIONS, SLOTS = "/api/v1/sessions", "/api/v1/session-types/kickoff/slots"
START = "2026-06-08T07:00:00Z"
ANN = {
    "session_type": "kickoff",
    "start": START,
    "name": "Ann",
    "email": "Ann@example.com",
    "time_zone": "Europe/Paris",
}


@pytest.fixture
def friday(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def program(db) -> APIClient:
    _row, token = create_token(name="site", scopes=["read", "write"])
    return APIClient(HTTP_AUTHORIZATION=f"Bearer {token}")


@pytest.fixture
def kind():
    return make_type(make_host())


def test_free_times_stand_in_the_zone_that_is_asked_for(program, kind) -> None:
    answer = program.get(f"{SLOTS}?from=2026-06-08&to=2026-06-08&tz=America/New_York")

    assert answer.status_code == 200
    body = answer.json()
    assert {name: body[name] for name in ("session_type", "time_zone", "minutes")} == {
        "session_type": "kickoff", "time_zone": "America/New_York", "minutes": 60,
    }  # fmt: skip
    assert body["slots"][0] == {
        "start": "2026-06-08T07:00:00Z", "end": "2026-06-08T08:00:00Z", "local": "2026-06-08T03:00-04:00", "seats_left": 1,
    }  # fmt: skip
    assert len(body["slots"]) == 7
    [listed] = program.get("/api/v1/session-types").json()["results"]
    assert (listed["slug"], listed["name"]) == ("kickoff", "Kick-off")


def test_with_an_account_its_own_csm_hosts(program, kind) -> None:
    csm = make_host("Ana", weekly={"1": [[600, 660]]})
    make_contact(csm)

    slots = program.get(f"{SLOTS}?from=2026-06-08&to=2026-06-12&account=acme").json()["slots"]

    assert [slot["start"] for slot in slots] == ["2026-06-09T08:00:00Z"]


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ("from=yesterday", 422, "from"),
        ("from=2026-06-08&to=2026-06-07", 422, "to"),
        ("from=2026-06-08&to=2026-12-07", 422, "to"),
        ("from=0001-01-01", 422, "from"),
        ("from=9999-12-31", 422, "from"),
        ("tz=Mars/Olympus", 422, "tz"),
        ("zone=UTC", 422, "zone"),
        ("account=nobody", 404, None),
    ],
)
def test_free_times_that_cannot_be_asked_for(program, kind, query, status, field) -> None:
    answer = program.get(f"{SLOTS}?{query}")

    assert (answer.status_code, list(answer.json().get("errors", {None: 0}))) == (status, [field])


def test_a_program_books_moves_and_cancels(program, kind) -> None:
    booked = program.post(SESSIONS, ANN, format="json", HTTP_IDEMPOTENCY_KEY="k1")
    again = program.post(SESSIONS, ANN, format="json", HTTP_IDEMPOTENCY_KEY="k1")
    pk = booked.json()["id"]
    moved = program.patch(f"{SESSIONS}/{pk}", {"start": "2026-06-09T09:00:00+02:00"}, format="json")
    canceled, twice = program.delete(f"{SESSIONS}/{pk}"), program.delete(f"{SESSIONS}/{pk}")

    assert (booked.status_code, again.status_code, moved.status_code) == (201, 201, 200)
    assert again.json() == booked.json()
    body = booked.json()
    assert {name: body[name] for name in ("start", "end", "host", "account", "name", "email", "status")} == {
        "start": START, "end": "2026-06-08T08:00:00Z", "host": "chloe@tenure.example", "account": None, "name": "Ann",
        "email": "ann@example.com", "status": "booked",
    }  # fmt: skip
    assert program.get(body["url"].removeprefix("http://127.0.0.1:8000")).status_code == 200
    assert moved.json()["start"] == "2026-06-09T07:00:00Z"
    assert [answer.json()["status"] for answer in (canceled, twice)] == ["canceled", "canceled"]
    assert list(Mail.objects.order_by("pk").values_list("kind", flat=True)) == [
        "session.booked", "session.moved", "session.canceled",
    ]  # fmt: skip
    assert program.get(f"{SESSIONS}?status=canceled&email=ANN@example.com").json()["results"][0]["id"] == pk
    assert program.get(f"{SESSIONS}?status=booked").json()["results"] == []


def test_a_contact_is_known_by_their_address(program) -> None:
    contact = make_contact(make_host())
    make_type()

    booked = program.post(
        SESSIONS,
        {k: ANN[k] for k in ("session_type", "start")} | {"account": "acme", "email": "KIM@acme.example"},
        format="json",
    )

    assert (booked.status_code, booked.json()["name"], booked.json()["account"]) == (201, "Kim Doe", "acme")
    assert Seat.objects.get().contact == contact
    assert Activity.objects.get(kind="session.booked").actor_label == "API: site"
    assert program.get(f"{SESSIONS}?account=acme&from=2026-06-08T07:00:00Z").json()["results"]


@pytest.mark.parametrize(
    "start", [START, "2026-06-08T07:10:00Z", "2020-01-01T00:00:00Z", "2026-06-07T07:00:00Z", "2199-01-01T00:00:00Z"]
)
def test_a_time_that_is_not_free_comes_with_fresh_ones(program, kind, start) -> None:
    booking.book(kind, at("2026-06-08T07:00"), Visitor("Bea", "bea@example.com"))

    late = program.post(SESSIONS, ANN | {"start": start}, format="json", HTTP_IDEMPOTENCY_KEY="k")

    assert late.status_code == 409
    assert late.json()["code"] == "slot_gone"
    assert START not in [slot["start"] for slot in late.json()["slots"]]
    assert late.json()["slots"]
    assert Session.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "status", "field"),
    [
        ({"start": "soon"}, 422, "start"),
        ({"start": "9999-12-31T23:59:59Z"}, 422, "start"),
        ({"email": "nobody"}, 422, "email"),
        ({"name": ""}, 422, "name"),
        ({"time_zone": "Mars/Olympus"}, 422, "time_zone"),
        ({"seats": 2}, 422, "seats"),
        ({"answers": {"color": "blue"}}, 422, "answers"),
        ({"answers": {}}, 422, "answers"),
        ({"answers": {"size": "few"}}, 409, None),
        ({"session_type": "nothing"}, 404, None),
        ({"account": "nobody"}, 404, None),
    ],
)
def test_what_cannot_be_booked_is_refused_by_the_field(program, given, status, field) -> None:
    question = {
        "key": "size", "text": {"en": {"text": "How many?"}}, "kind": "choice", "choices": ["few", "many"], "required": True,
        "routes": [{"value": "few", "url": "https://x.example"}],
    }  # fmt: skip
    make_type(make_host(), questions=[question])

    answer = program.post(SESSIONS, ANN | {"answers": {"size": "many"}} | given, format="json")

    assert (answer.status_code, list(answer.json().get("errors", {None: 0}))) == (status, [field])
    assert not Seat.objects.exists()


def test_reading_takes_the_scope_for_it_and_booking_another(kind) -> None:
    _row, token = create_token(name="r", scopes=["read"])
    reader = APIClient(HTTP_AUTHORIZATION=f"Bearer {token}")

    assert reader.get(SESSIONS).status_code == 200
    assert reader.post(SESSIONS, ANN, format="json").status_code == 403
    assert APIClient().get(SLOTS).status_code == 401
    assert reader.get(f"{SESSIONS}/1").status_code == 404


def test_who_is_led_elsewhere_is_kept_and_who_has_enough_gets_no_more(program) -> None:
    contact = make_contact(make_host())
    routes = [{"value": "few", "url": "https://x.example"}]
    make_type(make_host("Bob"), questions=[
        {"key": "size", "text": {"en": {"text": "How many?"}}, "kind": "choice", "choices": ["few", "many"], "routes": routes}
    ])  # fmt: skip
    kim = {"session_type": "kickoff", "account": "acme", "email": "kim@acme.example"}

    led = program.post(SESSIONS, kim | {"start": START, "answers": {"size": "few"}}, format="json")
    booked = [
        program.post(SESSIONS, kim | {"start": f"2026-06-{day:02}T07:00:00Z"}, format="json") for day in (8, 9, 10, 11)
    ]

    assert (led.status_code, led.json()["code"]) == (409, "routed")
    assert Activity.objects.get(kind="session.routed").data["summary"] == "How many? few"
    assert list(Routing.objects.values_list("contact", "target")) == [(contact.pk, "https://x.example")]
    assert [answer.status_code for answer in booked] == [201, 201, 201, 409]
    assert booked[-1].json()["code"] == "booked_enough"
