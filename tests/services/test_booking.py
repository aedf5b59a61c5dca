"""Two hundred people post for one slot at once, through real processes: one has it, everybody else is told what is free
now and keeps what they typed. Seats of a group are never oversold."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

from tests.ports import kept_port
from tests.services.installation import until

PEOPLE, AT_ONCE, SEATS = 200, 40, 12
SETUP = f"""
from accounts.models import User
from onboarding.models import PoolHost, Schedule, SessionType
host = User.objects.create(email="host@tenure.example", name="Chloe", role="csm")
Schedule.objects.create(user=host, time_zone="UTC", weekly={{str(day): [[480, 1080]] for day in range(7)}})
for slug, seats in (("alone", 1), ("group", {SEATS})):
    kind = SessionType.objects.create(slug=slug, texts={{"en": {{"name": slug}}}}, minutes=60, every=60, notice=0,
                                      horizon_days=30, seats=seats, public=True)
    PoolHost.objects.create(session_type=kind, user=host)
answer = 1
"""
TOMORROW = datetime.now(UTC).date() + timedelta(days=1)


@pytest.fixture
def site(installation, monkeypatch) -> Iterator[str]:
    monkeypatch.setenv("VISITOR_RATE", "1000000")  # from one address here, from two hundred in life
    installation.python(SETUP)
    with kept_port() as port:
        installation.web(port)
        address = f"http://127.0.0.1:{port}"
        until(lambda: is_up(address))
        yield address


def is_up(address: str) -> bool:
    try:
        with urlopen(f"{address}/healthz") as answer:
            return answer.status == 200
    except OSError:
        return False


def post(address: str, number: int, start: str) -> tuple[int, str]:
    sent = {"start": start, "tz": "UTC", "confirm": "1", "name": f"Person {number}", "email": f"p{number}@example.com"}
    request = Request(address, urlencode(sent).encode(), {"Accept-Language": "en"})
    try:
        with urlopen(request) as answer:
            return answer.status, answer.read().decode()
    except OSError as refusal:
        return refusal.code, refusal.read().decode()  # type: ignore[attr-defined]


def all_at_once(address: str, start: str) -> list[tuple[int, str, int]]:
    with ThreadPoolExecutor(AT_ONCE) as crowd:
        answers = crowd.map(lambda number: (*post(address, number, start), number), range(PEOPLE))
        return list(answers)


def test_of_two_hundred_one_has_the_slot_and_the_others_keep_what_they_typed(installation, site):
    start = f"{TOMORROW}T09:00Z"

    answers = all_at_once(f"{site}/book/alone/", start)

    assert sorted(status for status, _html, _number in answers) == [200] + [409] * (PEOPLE - 1)
    for status, html, number in answers:
        if status == 409:
            free = re.findall(r'name="start" value="([^"]+)"', html)
            assert free
            assert start not in free
            assert f'value="Person {number}"' in html
            assert f'value="p{number}@example.com"' in html
    assert installation.query("select status, count(*) from onboarding_session group by 1") == [("confirmed", 1)]
    assert installation.query("select count(*) from onboarding_seat") == [(1,)]
    assert installation.query("select count(*) from accounts_mail where kind = 'session.booked'") == [(1,)]


def test_seats_of_a_group_are_never_oversold(installation, site):
    answers = all_at_once(f"{site}/book/group/", f"{TOMORROW}T09:00Z")

    assert sorted(status for status, _html, _number in answers) == [200] * SEATS + [409] * (PEOPLE - SEATS)
    assert installation.query("select seats_taken from onboarding_session") == [(SEATS,)]
    assert installation.query("select count(*), count(distinct email) from onboarding_seat") == [(SEATS, SEATS)]
