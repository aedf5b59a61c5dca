"""A kick-off from end to end: hours kept, a busy calendar read, booked from the portal, moved from the mail, reminded of."""

import re
import socket
from datetime import timedelta

import pytest
from django.test import Client
from icalendar import Calendar

from accounts.domain.calendars import calendar_of, make_feed
from accounts.domain.links import address_of
from accounts.domain.outgoing import Answer
from accounts.models import Account, Activity, Contact, Mail
from onboarding.domain.feeds import reading
from onboarding.models import Session, SessionType
from onboarding.tasks import remind_of_sessions
from tests.onboarding.factories import NOW, at, resolve
from tests.onboarding.test_feeds_parsing import calendar

pytestmark = pytest.mark.django_db
BUSY = calendar("DTSTART:20260608T070000Z\nDTEND:20260608T090000Z")


def paths(html: str) -> list[str]:
    return re.findall(r'name="start" value="([^"]+)"', html)


def test_a_kick_off(client: Client, signed_in, people, queue, monkeypatch, time_machine) -> None:
    time_machine.move_to(NOW, tick=False)
    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(reading, "ask", lambda *_args, **_more: Answer(200, {}, BUSY))
    chloe = people["chloe"]
    SessionType.objects.create(slug="kick-off", texts={"en": {"name": "Kick-off"}}, minutes=60, every=60, notice=0)
    hers = signed_in(chloe)
    hers.post(
        "/settings/hours/", {"do": "hours", "day_0": "9-17", "time_zone": "Europe/Paris", "onboarding_hours": "10"}
    )
    hers.post("/settings/hours/", {"do": "subscribe", "url": "webcal://calendar.example/chloe.ics"})
    queue.drain()

    account = Account.objects.create(name="Acme", external_id="acme", csm=chloe, time_zone="America/New_York")
    kim = Contact.objects.create(account=account, name="Kim", email="kim@acme.example", language="en")
    home = address_of(kim, "portal").removeprefix("http://127.0.0.1:8000")
    page = client.get(re.search(r'href="([^"]+/book/kick-off/)"', client.get(home).text)[1])
    assert paths(page.text)[:2] == ["2026-06-08T09:00Z", "2026-06-08T10:00Z"]  # from eleven on, in Paris
    booked = client.post(f"{home}book/kick-off/", {"start": "2026-06-08T09:00Z", "confirm": "1"})
    client.post(f"{booked['Location']}move/", {"start": "2026-06-08T12:00Z", "confirm": "1"})

    time_machine.move_to(at("2026-06-08T11:00") + timedelta(minutes=1), tick=False)
    remind_of_sessions()
    feed, _secret = make_feed(chloe, sources=["sessions"])
    [entry] = Calendar.from_ical(calendar_of(feed)).walk("VEVENT")

    assert (str(entry["summary"]), entry.decoded("dtstart"), int(entry["sequence"])) == (
        "Kick-off · Acme", at("2026-06-08T12:00"), 1,
    )  # fmt: skip
    assert list(Mail.objects.filter(to=kim.email).order_by("pk").values_list("kind", flat=True)) == [
        "session.booked", "session.moved", "session.reminder",
    ]  # fmt: skip
    assert list(Activity.objects.filter(kind__startswith="session.").order_by("pk").values_list("kind", flat=True)) == [
        "session.booked", "session.moved",
    ]  # fmt: skip
    assert Session.objects.get().host == chloe
